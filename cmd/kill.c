/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth kill
 */
#include "command.h"

static struct {
	bool all;
} request;

static const struct option_row options[] = {
	FLAG("all", 'a', &request.all, "signal every process of the container"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	int signal = 0;
	int r = berth_signal_parse(call->n_args > 1 ? call->args[1] : "SIGTERM", &signal, e);

	if (r < 0)
		return r;
	return berth_kill(call->runtime, call->args[0], signal, request.all, e);
}

const struct command cmd_kill = {
	.name = "kill",
	.group = COMMAND_LIFE,
	.summary = "send a signal to a container (SIGTERM)",
	.arguments = "ID [SIGNAL]",
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.about = "Sends a signal to the first process of a container, or to all of them. SIGNAL is "
		 "a name with or without SIG, "
		 "RTMIN+n, RTMAX-n or a number; without it SIGTERM is sent.",
	.example = "berth kill web HUP",
	.run = run,
};
