/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth events: lines of JSON, each written out at once, for whoever reads them from a pipe.
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
	     "between statistics, like 500ms, 5s or 1m (5s)"),
	FLAG("stats", 0, &request.stats, "print the statistics once and end"),
	OPTIONS_END,
};

static const struct {
	const char *unit;
	unsigned int ms;
} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "", 1000 } };

static int parse_interval(const char *text, unsigned int *ret, struct berth_error *e)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = digits && digits <= 9 ? strtoull(text, NULL, 10) : 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + digits, units[i].unit) == 0 && number > 0 &&
		    number * units[i].ms <= INT_MAX) {
			*ret = (unsigned int)number * units[i].ms;
			return 0;
		}
	return cmd_refuse(e, EINVAL, "option --interval is a time like 500ms, 5s or 1m, not \"%s\"",
			  text);
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
	.summary = "tell what a container uses, and when it runs out of memory",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.about = "Prints a line of JSON at each interval: processor time in nanoseconds, memory, "
		 "processes, block I/O, huge pages and pressure. "
		 "A line of type \"oom\" comes as soon as the OOM killer has ended a process. "
		 "It ends with the container.",
	.example = "berth events --stats web",
	.run = run,
};
