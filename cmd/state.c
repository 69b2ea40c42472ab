/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth state
 */
#include <errno.h>
#include <stdlib.h>

#include "command.h"

static int run(const struct call *call, struct berth_error *e)
{
	struct berth_state *state = NULL;
	int r = berth_state(call->runtime, call->args[0], &state, e);

	if (r < 0)
		return r;

	char *json = berth_state_json(state);

	berth_state_free(state);
	if (!json)
		return cmd_fail(e, ENOMEM, "print the state of %s", call->args[0]);
	(void)puts(json);
	free(json);
	return 0;
}

const struct command cmd_state = {
	.name = "state",
	.group = COMMAND_LOOK,
	.summary = "print the state of a container as JSON",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.about = "Prints the state of a container as the OCI runtime specification "
		 "defines it.",
	.example = "berth state web",
	.run = run,
};
