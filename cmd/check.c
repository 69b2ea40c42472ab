/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth check: prints every error of a configuration at once. Findings go to stderr in the form
 * FILE:LINE:COLUMN, which editors can follow.
 */
#include <berth/config.h>

#include "command.h"
#include "findings.h"

static struct {
	bool strict;
} request;

static const struct option_row options[] = {
	FLAG("strict", 0, &request.strict, "treat unknown properties as errors"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	const char *path = call->n_args > 0 ? call->args[0] : ".";
	struct berth_config *config = NULL;
	struct berth_report *report = NULL;
	int r = berth_config_load(path, request.strict || call->runtime->strict, &config, &report,
				  e);

	if (report)
		print_findings(report);
	berth_report_free(report);
	berth_config_free(config);
	if (r == 0)
		(void)puts("ok");
	return r;
}

const struct command cmd_check = {
	.name = "check",
	.group = COMMAND_BUNDLE,
	.summary = "check a configuration without running it",
	.arguments = "[BUNDLE|FILE]",
	.max_args = 1,
	.options = options,
	.about = "Checks a config.json, or the one of a bundle, and prints \"ok\" or "
		 "all its errors with line, column and property. create and run make "
		 "the same checks; what only cgroup v1 has, of which check warns, is an error "
		 "there.",
	.example = "berth check --strict ./hello",
	.run = run,
};
