/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth events: lines of JSON. Each is flushed at once, for readers of a pipe.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static struct {
	const char *interval;
	bool stats;
} request;

static const struct option_row options[] = {
	TEXT("interval", 0, "TIME", &request.interval,
	     "between statistics, like 500ms, 5s or 1m30s; default: 5s"),
	FLAG("stats", 0, &request.stats, "print the statistics once and exit"),
	OPTIONS_END,
};

/* 0 for what is no unit. */
static double ms_of_unit(const char *unit, size_t length)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = { { "ns", 1e-6 }, { "us", 1e-3 }, { "µs", 1e-3 },   { "ms", 1 },
		      { "s", 1000 },  { "m", 60000 }, { "h", 3600000 }, { "", 1000 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == length && memcmp(units[i].name, unit, length) == 0)
			return units[i].ms;
	return 0;
}

/* As Go writes times, and so runc reads them: "500ms", "1m30s", "1.5h". */
static int parse_interval(const char *text, unsigned int *ret, struct berth_error *e)
{
	static const char number_characters[] = "0123456789.";
	const char *at = text;
	double ms = 0;

	do {
		size_t digits = strspn(at, number_characters);
		char *unit = NULL;
		double number = strtod(at, &unit);
		size_t length = strcspn(unit, number_characters);

		if (digits == 0 || unit != at + digits || ms_of_unit(unit, length) == 0) {
			ms = 0;
			break;
		}
		ms += number * ms_of_unit(unit, length);
		at = unit + length;
	} while (*at);
	if (ms <= 0 || ms > INT_MAX)
		return cmd_refuse(e, EINVAL,
				  "option --interval is a time like 500ms, 5s or 1m30s, not \"%s\"",
				  text);
	*ret = ms < 1 ? 1 : (unsigned int)ms;
	return 0;
}

static int print_event(const char *json, void *data)
{
	(void)data;
	return puts(json) < 0 || fflush(stdout) != 0 ? -EPIPE : 0;
}

static int run(const struct call *call, struct berth_error *e)
{
	struct berth_events events = { .each = print_event };
	char *json = NULL;
	int r = parse_interval(request.interval ? request.interval : "5s", &events.interval_ms, e);

	if (r < 0)
		return r;
	if (!request.stats) {
		r = berth_events(call->runtime, call->args[0], &events, e);
		return r == -EPIPE ? cmd_fail(e, EPIPE, "write to the standard output") : r;
	}
	r = berth_stats(call->runtime, call->args[0], &json, e);
	if (r == 0)
		(void)puts(json);
	free(json);
	return r;
}

const struct command cmd_events = {
	.name = "events",
	.group = COMMAND_LOOK,
	.summary = "print statistics and OOM kills of a container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.about = "Prints statistics as a line of JSON at each interval: processor time "
		 "in nanoseconds, memory, processes, block I/O, huge pages and "
		 "pressure. A line of type \"oom\" follows each OOM kill at once. Exits "
		 "when the container ends.",
	.example = "berth events --stats web",
	.run = run,
};
