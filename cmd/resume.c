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
	.summary = "thaw a paused container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.about = "Thaws the processes of a paused container.",
	.example = "berth resume web",
	.run = run,
};
