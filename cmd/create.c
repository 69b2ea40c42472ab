/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth create
 */
#include "create_options.h"

static struct berth_create create;
static bool no_subreaper;

static const struct option_row options[] = {
	CREATE_OPTIONS(create),
	FLAG("no-subreaper", 0, &no_subreaper, "accepted for compatibility; has no effect"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	create.id = call->args[0];
	return berth_create(call->runtime, &create, e);
}

const struct command cmd_create = {
	.name = "create",
	.group = COMMAND_LIFE,
	.summary = "create a container whose process waits for start",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.new_id = true,
	.options = options,
	.about = "Creates a container from a bundle. Its sandbox is complete, and its "
		 "first process waits inside until \"berth start\" lets it execute the "
		 "bundle's program.",
	.example = "berth create --bundle /srv/web --pid-file /run/web.pid web",
	.run = run,
};
