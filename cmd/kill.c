/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth kill
 */
#include "command.h"

static struct {
	bool all, regex;
	int signal;
} request;

static const struct option_row options[] = {
	FLAG("all", 'a', &request.all, "signal every process of the container"),
	FLAG("regex", 'r', &request.regex,
	     "ID is an extended regular expression: signal all that it matches"),
	OPTIONS_END,
};

static int kill_one(const struct call *call, const char *id, struct berth_error *e)
{
	return berth_kill(call->runtime, id, request.signal, request.all, e);
}

static int run(const struct call *call, struct berth_error *e)
{
	int r = berth_signal_parse(call->n_args > 1 ? call->args[1] : "SIGTERM", &request.signal,
				   e);

	return r < 0 ? r : for_matching(call, request.regex, kill_one, e);
}

const struct command cmd_kill = {
	.name = "kill",
	.group = COMMAND_LIFE,
	.summary = "send a signal to a container",
	.arguments = "ID [SIGNAL]",
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.about = "Sends a signal to the first process of a container, or to all its "
		 "processes. SIGNAL is a name with or without SIG, RTMIN+n, RTMAX-n or "
		 "a number. The default is SIGTERM.",
	.example = "berth kill web HUP",
	.run = run,
};
