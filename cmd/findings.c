/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the findings of a configuration: one line each for people, one log record for engines.
 */
#include <stdlib.h>

#include "findings.h"

/* The errors that were printed during this call of the program: the last line then only counts
 * them. */
static struct {
	size_t errors;
	char file[256];
} told;

static void print_level(const struct berth_report *report, enum berth_finding_level level)
{
	for (size_t i = 0; i < report->n; i++) {
		char *text = NULL;

		if (report->findings[i].level != level)
			continue;
		text = berth_finding_text(report, i);
		if (level == BERTH_FINDING_WARNING)
			(void)fputs("warning: ", stderr);
		print_plain(stderr, text ? text : report->findings[i].text);
		(void)putc('\n', stderr);
		free(text);
	}
	if (level == BERTH_FINDING_ERROR) {
		told.errors = report->n_errors;
		(void)snprintf(told.file, sizeof(told.file), "%s", report->file);
	}
}

static void log_warnings(const struct berth_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		char *text = NULL;

		if (report->findings[i].level != BERTH_FINDING_WARNING)
			continue;
		text = berth_finding_text(report, i);
		berth_log(BERTH_LOG_WARNING, text ? text : report->findings[i].text);
		free(text);
	}
}

void tell_findings(const struct berth_report *report, void *sink)
{
	const struct error_sink *s = sink;

	log_warnings(report);
	if (report->n_errors > 1 && (s->format == BERTH_LOG_TEXT || s->has_log_file))
		print_level(report, BERTH_FINDING_ERROR);
}

void print_findings(const struct berth_report *report)
{
	print_level(report, BERTH_FINDING_WARNING);
	print_level(report, BERTH_FINDING_ERROR);
}

void tell_error(const struct berth_error *e, const struct error_sink *sink)
{
	char text[sizeof(told.file) + 64];

	log_error(sink, e->text);
	if (told.errors == 0) {
		say_error(sink, e->text);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s: %zu error%s", told.file, told.errors,
		       told.errors == 1 ? "" : "s");
	say_error(sink, text);
}
