/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth start
 */
#include "command.h"

static int run(const struct call *call, struct berth_error *e)
{
	return berth_start(call->runtime, call->args[0], e);
}

const struct command cmd_start = {
	.name = "start",
	.group = COMMAND_LIFE,
	.summary = "run the program of a created container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.about = "Lets the waiting process of a created container execute the bundle's "
		 "program.",
	.example = "berth start web",
	.run = run,
};
