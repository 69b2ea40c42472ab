/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is found in configurations, as golden files have it: usage: check [--strict] FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <berth/config.h>

int main(int argc, char **argv)
{
	bool strict = argc > 2 && strcmp(argv[1], "--strict") == 0;
	struct berth_config *config = NULL;
	struct berth_report *report = NULL;
	struct berth_error e = { 0 };
	int r;

	if (argc != 2 + strict) {
		fprintf(stderr, "usage: %s [--strict] FILE\n", argv[0]);
		return 2;
	}
	r = berth_config_load(argv[1 + strict], strict, &config, &report, &e);
	for (size_t i = 0; report && i < report->n; i++) {
		const char *level =
			report->findings[i].level == BERTH_FINDING_ERROR ? "error" : "warning";
		char *text = berth_finding_text(report, i);

		printf("%s: %s\n", level, text ? text : "out of memory");
		free(text);
	}
	if (!report)
		printf("error: %s\n", e.text);
	else if (r == 0)
		printf("ok\n");
	berth_report_free(report);
	berth_config_free(config);
	return r < 0;
}
