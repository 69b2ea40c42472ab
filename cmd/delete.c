/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth delete
 */
#include "command.h"

static struct {
	bool force, regex;
} request;

static const struct option_row options[] = {
	FLAG("force", 'f', &request.force,
	     "kill it first if it runs; a missing container is no error"),
	FLAG("regex", 'r', &request.regex,
	     "ID is an extended regular expression: delete all that it matches"),
	OPTIONS_END,
};

static int delete_one(const struct call *call, const char *id, struct berth_error *e)
{
	return berth_delete(call->runtime, id, request.force, e);
}

static int run(const struct call *call, struct berth_error *e)
{
	return for_matching(call, request.regex, delete_one, e);
}

const struct command cmd_delete = {
	.name = "delete",
	.group = COMMAND_LIFE,
	.summary = "remove a stopped container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.about = "Removes a container that has stopped, was killed or was never started: its "
		 "cgroup, its state and whatever else was made for it. With --force the container "
		 "may be in "
		 "any state, even half created.",
	.example = "berth delete --force web",
	.run = run,
};
