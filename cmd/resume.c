/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth resume
 */
#include "command.h"

static int run(const struct call *call, struct berth_error *e)
{
	return berth_resume(call->runtime, call->args[0], e);
}

const struct command cmd_resume = {
	.name = "resume",
	.group = COMMAND_LIFE,
	.summary = "let a paused container go on",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.about = "Lets the processes of a paused container go on.",
	.example = "berth resume web",
	.run = run,
};
