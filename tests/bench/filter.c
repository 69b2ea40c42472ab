/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor's precompiled filter: compiles the seccomp profile of a config.json as berth does and
 * writes the program's bytes.
 *
 * usage: filter CONFIG > PROGRAM
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/filter.h>

#include "base/cleanup.h"
#include "linux/seccomp.h"
#include "oci/config.h"

int main(int argc, char **argv)
{
	autofree struct sock_filter *program = NULL;
	struct berth_config *config = NULL;
	struct berth_report *report = NULL;
	struct berth_error e = { 0 };
	size_t length = 0;
	int r;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: filter CONFIG > PROGRAM\n");
		return 2;
	}
	r = berth_config_load(argv[1], false, &config, &report, &e);
	if (r == 0 && !config->lin->seccomp)
		r = refuse(&e, EINVAL, "%s has no seccomp profile", argv[1]);
	if (r == 0)
		r = seccomp_compile(config->lin->seccomp, &program, &length, &e);
	if (r == 0 && fwrite(program, sizeof(*program), length, stdout) != length)
		r = fail(&e, errno, "write the program");
	if (r < 0)
		(void)fprintf(stderr, "filter: %s\n", e.text);
	berth_report_free(report);
	berth_config_free(config);
	return r < 0;
}
