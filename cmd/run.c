/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth run
 */
#include "create_options.h"

static struct berth_run request;

static const struct option_row options[] = {
	CREATE_OPTIONS(request.create),
	FLAG("detach", 'd', &request.detach, "return once the program runs"),
	FLAG("keep", 0, &request.keep, "do not delete the container when its process has ended"),
	FLAG("no-subreaper", 0, &request.no_subreaper,
	     "do not adopt the orphans of the container's processes"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	int status = 0;

	request.create.id = call->args[0];

	int r = berth_run(call->runtime, &request, &status, e);

	return r < 0 ? r : status;
}

const struct command cmd_run = {
	.name = "run",
	.group = COMMAND_LIFE,
	.summary = "create a container, start it, wait for it, delete it",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.new_id = true,
	.options = options,
	.about = "Creates and starts a container. In the foreground, berth passes on "
		 "signals and the terminal, deletes the container at the end, and exits "
		 "with the status of the container's process: its exit status, or 128 "
		 "plus the number of the signal that ended it.",
	.example = "berth run --bundle ./hello hello",
	.run = run,
};
