/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth features
 */
#include <stdlib.h>

#include <berth/config.h>

#include "command.h"

static int run(const struct call *call, struct berth_error *e)
{
	char *json = NULL;
	int r = berth_features_json(&json, e);

	(void)call;
	if (r < 0)
		return r;
	(void)puts(json);
	free(json);
	return 0;
}

const struct command cmd_features = {
	.name = "features",
	.group = COMMAND_BUNDLE,
	.summary = "print what this berth supports, as JSON",
	.arguments = "",
	.about = "Prints what this berth implements, as the features document of the "
		 "OCI runtime specification.",
	.example = "berth features | jq .linux.namespaces",
	.run = run,
};
