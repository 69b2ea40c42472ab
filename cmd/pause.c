/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth pause
 */
#include "command.h"

static int run(const struct call *call, struct berth_error *e)
{
	return berth_pause(call->runtime, call->args[0], e);
}

const struct command cmd_pause = {
	.name = "pause",
	.group = COMMAND_LIFE,
	.summary = "freeze the processes of a container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.about = "Freezes the container's cgroup: its processes get no processor time "
		 "until \"berth resume\". A paused container can be killed and deleted.",
	.example = "berth pause web",
	.run = run,
};
