/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth update: the options are turned into the JSON that --resources reads, so that the same rules
 * check both.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum limit {
	MEMORY,
	MEMORY_RESERVATION,
	MEMORY_SWAP,
	CPU_BURST,
	CPU_IDLE,
	CPU_PERIOD,
	CPU_QUOTA,
	CPU_RT_PERIOD,
	CPU_RT_RUNTIME,
	CPU_SHARE,
	CPUSET_CPUS,
	CPUSET_MEMS,
	BLKIO_WEIGHT,
	PIDS_LIMIT,
	LIMITS
};

static struct {
	const char *file, *values[LIMITS];
	const char *l3_cache, *memory_bandwidth, *kernel_memory, *kernel_tcp;
} request;

/* clang-format off */
static const struct option_row options[] = {
	TEXT("resources", 'r', "FILE", &request.file, "JSON as in linux.resources, - for the standard input; other options are then ignored"),
	TEXT("memory", 0, "BYTES", &request.values[MEMORY], "memory limit; K, M, G or T may follow the number (1.5G), -1 is none"),
	TEXT("memory-reservation", 0, "BYTES", &request.values[MEMORY_RESERVATION], "memory protected from reclaim (memory.low)"),
	TEXT("memory-swap", 0, "BYTES", &request.values[MEMORY_SWAP], "limit of memory plus swap, -1 is none"),
	TEXT("cpu-quota", 0, "N", &request.values[CPU_QUOTA], "microseconds of processor time per period, -1 is unlimited"),
	TEXT("cpu-period", 0, "N", &request.values[CPU_PERIOD], "the period, in microseconds"),
	TEXT("cpu-burst", 0, "N", &request.values[CPU_BURST], "microseconds that may be saved up"),
	TEXT("cpu-share", 0, "N", &request.values[CPU_SHARE], "weight against other containers, 2 to 262144"),
	TEXT("cpu-idle", 0, "N", &request.values[CPU_IDLE], "1: run only when the processor is otherwise idle"),
	TEXT("cpuset-cpus", 0, "LIST", &request.values[CPUSET_CPUS], "processors to run on, like 0-3,7"),
	TEXT("cpuset-mems", 0, "LIST", &request.values[CPUSET_MEMS], "memory nodes to use"),
	TEXT("blkio-weight", 0, "N", &request.values[BLKIO_WEIGHT], "weight of block I/O, 10 to 1000"),
	TEXT("pids-limit", 0, "N", &request.values[PIDS_LIMIT], "number of processes and threads, -1 is unlimited"),
	TEXT("cpu-rt-period", 0, "N", &request.values[CPU_RT_PERIOD], "refused: cgroup v2 does not share out realtime"),
	TEXT("cpu-rt-runtime", 0, "N", &request.values[CPU_RT_RUNTIME], "refused: cgroup v2 does not share out realtime"),
	TEXT("l3-cache-schema", 0, "TEXT", &request.l3_cache, "refused: Intel RDT is set when the container is made"),
	TEXT("mem-bw-schema", 0, "TEXT", &request.memory_bandwidth, "refused: Intel RDT is set when the container is made"),
	TEXT("kernel-memory", 0, "BYTES", &request.kernel_memory, "accepted for compatibility; has no effect"),
	TEXT("kernel-memory-tcp", 0, "BYTES", &request.kernel_tcp, "accepted for compatibility; has no effect"),
	OPTIONS_END,
};

enum form { BYTES, NUMBER_FORM, WORDS };

/* Where each stands in the JSON; those of one object follow each other. */
static const struct {
	const char *object, *member;
	enum form form;
} places[LIMITS] = {
	[MEMORY] = { "memory", "limit", BYTES },
	[MEMORY_RESERVATION] = { "memory", "reservation", BYTES },
	[MEMORY_SWAP] = { "memory", "swap", BYTES },
	[CPU_BURST] = { "cpu", "burst", NUMBER_FORM },
	[CPU_IDLE] = { "cpu", "idle", NUMBER_FORM },
	[CPU_PERIOD] = { "cpu", "period", NUMBER_FORM },
	[CPU_QUOTA] = { "cpu", "quota", NUMBER_FORM },
	[CPU_RT_PERIOD] = { "cpu", "realtimePeriod", NUMBER_FORM },
	[CPU_RT_RUNTIME] = { "cpu", "realtimeRuntime", NUMBER_FORM },
	[CPU_SHARE] = { "cpu", "shares", NUMBER_FORM },
	[CPUSET_CPUS] = { "cpu", "cpus", WORDS },
	[CPUSET_MEMS] = { "cpu", "mems", WORDS },
	[BLKIO_WEIGHT] = { "blockIO", "weight", NUMBER_FORM },
	[PIDS_LIMIT] = { "pids", "limit", NUMBER_FORM },
};
/* clang-format on */

static const char *option_of(enum limit limit)
{
	for (const struct option_row *row = options; row->name; row++)
		if (row->to.text == &request.values[limit])
			return row->name;
	return "";
}

/* What follows a number of bytes, with units of 1024s as runc has them: "k", "mb", " GiB". Returns
 * how far to shift, or -1. */
static int unit_of(const char *text)
{
	static const char letters[] = "kmgtp";
	const char *letter;
	int shift = 0;

	text += *text == ' ';
	letter = *text ? strchr(letters, tolower((unsigned char)*text)) : NULL;
	if (letter) {
		shift = 10 * (int)(letter - letters + 1);
		text++;
	}
	text += tolower((unsigned char)*text) == 'i';
	text += tolower((unsigned char)*text) == 'b';
	return *text ? -1 : shift;
}

/* The part behind the point, of 2^shift. */
static long long fraction_of(const char **text, int shift)
{
	double value = 0, weight = 1;

	for ((*text)++; isdigit((unsigned char)**text); (*text)++)
		value += (**text - '0') * (weight /= 10);
	return (long long)(value * (double)(1LL << shift));
}

/* "512M", "1.5G", "-1". */
static int print_number(FILE *to, enum limit limit, struct berth_error *e)
{
	const char *text = request.values[limit], *digits = text + (text[0] == '-'), *unit;
	bool bytes = places[limit].form == BYTES && digits == text;
	long long number, part = 0;
	char *end = NULL;
	int shift = 0;

	errno = 0;
	number = strtoll(text, &end, 10);
	unit = end;
	if (bytes && unit[0] == '.' && isdigit((unsigned char)unit[1])) {
		unit += 1 + strspn(unit + 1, "0123456789");
		shift = unit_of(unit);
		unit = end;
		part = shift < 0 ? 0 : fraction_of(&unit, shift);
	} else if (bytes && *unit) {
		shift = unit_of(unit);
	}
	if (!isdigit((unsigned char)*digits) || shift < 0 || (*unit && !bytes))
		return cmd_refuse(e, EINVAL, "option --%s: \"%s\" is not a number%s",
				  option_of(limit), text,
				  places[limit].form == BYTES ? " of bytes" : "");
	if (errno || __builtin_mul_overflow(number, 1LL << shift, &number) ||
	    __builtin_add_overflow(number, part, &number))
		return cmd_refuse(e, ERANGE, "option --%s: %s is too large", option_of(limit),
				  text);
	(void)fprintf(to, "%lld", number);
	return 0;
}

static int print_limits(FILE *to, struct berth_error *e)
{
	const char *object = NULL;
	int r = 0;

	(void)fputc('{', to);
	for (unsigned int i = 0; i < LIMITS && r == 0; i++) {
		if (!request.values[i])
			continue;
		if (object && strcmp(object, places[i].object) == 0)
			(void)fputc(',', to);
		else
			(void)fprintf(to, "%s\"%s\":{", object ? "}," : "", places[i].object);
		object = places[i].object;
		(void)fprintf(to, "\"%s\":", places[i].member);
		if (places[i].form == WORDS)
			print_json(to, request.values[i]);
		else
			r = print_number(to, i, e);
	}
	(void)fputs(object ? "}}" : "}", to);
	return r;
}

static int write_limits(char **ret_text, struct berth_error *e)
{
	size_t length = 0;
	FILE *to = open_memstream(ret_text, &length);

	if (!to)
		return cmd_fail(e, ENOMEM, "update");

	int r = print_limits(to, e);

	return fclose(to) == 0 || r < 0 ? r : cmd_fail(e, ENOMEM, "update");
}

/* `name` is what errors call the file. */
static int read_text(const char *file, const char *name, char **ret_text, struct berth_error *e)
{
	bool standard_input = strcmp(file, "-") == 0;
	FILE *from = standard_input ? stdin : fopen(file, "re");
	size_t size = 0;

	if (!from)
		return cmd_fail(e, errno, "open %s", name);

	/* JSON has no NUL characters, so this reads all of it. */
	ssize_t length = getdelim(ret_text, &size, '\0', from);
	int r = 0;

	if (ferror(from))
		r = cmd_fail(e, errno, "read %s", name);
	else if (length <= 0)
		r = cmd_refuse(e, EINVAL, "%s is empty", name);
	else if ((*ret_text)[length - 1] == '\0')
		r = cmd_refuse(e, EINVAL, "%s has a NUL character in it", name);
	if (!standard_input)
		(void)fclose(from);
	return r;
}

static int run(const struct call *call, struct berth_error *e)
{
	const char *name = "update";
	char *text = NULL;
	int r;

	if (request.l3_cache || request.memory_bandwidth)
		return cmd_refuse(e, EOPNOTSUPP,
				  "Intel RDT cannot be changed by update: linux.intelRdt is set "
				  "when the container is made");
	if (request.kernel_memory || request.kernel_tcp)
		berth_log(BERTH_LOG_WARNING,
			  "limits of kernel memory are ignored: it counts in --memory");
	if (request.file) {
		name = strcmp(request.file, "-") == 0 ? "standard input" : request.file;
		r = read_text(request.file, name, &text, e);
	} else {
		r = write_limits(&text, e);
	}
	if (r == 0)
		r = berth_update(call->runtime, call->args[0], text, name, e);
	free(text);
	return r;
}

const struct command cmd_update = {
	.name = "update",
	.group = COMMAND_LIFE,
	.summary = "change the limits of a container",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.about = "Changes the given limits and keeps the others. --resources reads them "
		 "as JSON: an object like linux.resources of a configuration.",
	.example = "berth update --memory 512M --pids-limit 100 web",
	.run = run,
};
