/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and properties of a container's scope. The properties are made from the list of writes to
 * the tree, so the arithmetic exists once, and `unified` is covered too. Trust: the path and the
 * limits come from the configuration. In names, every character that unit names do not allow is
 * escaped; values are numbers and lists that are parsed and written anew here.
 */
#include "cgroup/unit.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cgroup/place.h"

enum { UNIT_NAME_MAX = 255, CPU_MAX = 8192, PERIOD_US = 100000 };

/* Unit names have no other characters; "\" is how systemd escapes them (systemd.unit(5)). */
static bool is_unit_character(char c)
{
	return isalnum((unsigned char)c) || strchr(":-_.@\\", c);
}

static bool is_slice(const char *name)
{
	size_t length = strlen(name);

	if (length <= 6 || length > UNIT_NAME_MAX || !text_equal(name + length - 6, ".slice"))
		return false;
	for (const char *c = name; *c; c++) {
		if (!is_unit_character(*c))
			return false;
	}
	return true;
}

static char *escape(const char *prefix, const char *name)
{
	size_t length;
	autofree char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	if (*prefix)
		(void)fprintf(out, "%s-", prefix);
	for (const char *c = name; *c; c++) {
		if (is_unit_character(*c))
			(void)fputc(*c, out);
		else
			(void)fprintf(out, "\\x%02x", (unsigned char)*c);
	}
	(void)fputs(".scope", out);
	return fclose(out) == 0 ? TAKE(text) : NULL;
}

static int refuse_path(const char *path, const char *why, struct berth_error *e)
{
	int n = refuse(e, EINVAL, "linux.cgroupsPath %s%s", path, why);

	advise(e, "with --systemd-cgroup it is like system.slice:prefix:name");
	return n;
}

static int refuse_length(const char *path, struct berth_error *e)
{
	if (path)
		return refuse_path(path, " is too long for a systemd unit", e);
	return refuse(e, EINVAL,
		      "the id is too long: the name of its systemd unit would have more than %d "
		      "characters",
		      UNIT_NAME_MAX);
}

int unit_place(const struct cgroup_request *r, struct unit_place *ret, struct berth_error *e)
{
	cleanup(unit_place_free) struct unit_place p = { 0 };
	const char *given = r->path && *r->path ? r->path : NULL;
	autofree char *copy = given ? strdup(given) : text_printf(":berth:%s", r->id);
	char *prefix, *name;

	if (!copy)
		return fail(e, ENOMEM, "name of the systemd unit");
	if (!text_printable(copy))
		return refuse(e, EINVAL, "linux.cgroupsPath has control characters in it");
	if (!place_is_systemd_form(copy))
		return refuse_path(given, " names no systemd unit", e);
	prefix = strchr(copy, ':');
	*prefix++ = '\0';
	name = strchr(prefix, ':');
	*name++ = '\0';
	if (!*name)
		return refuse_path(given, " has no name in it", e);
	p.slice = strdup(*copy ? copy : r->rootless ? "user.slice" : "system.slice");
	p.unit = escape(prefix, name);
	if (!p.slice || !p.unit)
		return fail(e, ENOMEM, "name of the systemd unit");
	if (!is_slice(p.slice))
		return refuse_path(given, " does not begin with the name of a slice", e);
	if (strlen(p.unit) > UNIT_NAME_MAX)
		return refuse_length(given, e);
	*ret = p;
	p = (struct unit_place){ 0 };
	return 0;
}

void unit_place_free(struct unit_place *p)
{
	free(p->unit);
	free(p->slice);
	*p = (struct unit_place){ 0 };
}

/* A number or "max", which systemd says as the largest number; false: neither. */
static bool read_limit(const char *text, uint64_t *ret)
{
	if (text_equal(text, "max")) {
		*ret = LIMIT_MAX;
		return true;
	}
	return parse_u64(text, ret) == 0;
}

static void put_number(FILE *out, const char *property, char *content)
{
	uint64_t v;

	if (read_limit(content, &v))
		(void)fprintf(out, "%s t %" PRIu64 "\n", property, v);
}

/* systemd refuses 0, which lets no process in anyhow. */
static void put_tasks(FILE *out, const char *property, char *content)
{
	char one[] = "1";

	put_number(out, property, text_equal(content, "0") ? one : content);
}

/* "QUOTA [PERIOD]". The unit's file has whole percents: rounded up, as other runtimes do; the tree
 * has the exact value. */
static void put_cpu_max(FILE *out, const char *property, char *content)
{
	char *space = strchr(content, ' ');
	uint64_t quota, period = PERIOD_US, percent;

	if (space)
		*space = '\0';
	if (!read_limit(content, &quota) || (space && parse_u64(space + 1, &period) < 0) ||
	    period == 0)
		return;
	if (quota != LIMIT_MAX) {
		if (quota > LIMIT_MAX / 100)
			return;
		percent = (quota * 100 + period - 1) / period;
		quota = percent * 10000;
	}
	(void)fprintf(out, "%s t %" PRIu64 "\n", property, quota);
	(void)fprintf(out, "CPUQuotaPeriodUSec t %" PRIu64 "\n", period);
}

/* "0-3,7" as a mask, the lowest byte first. */
static void put_cpus(FILE *out, const char *property, char *content)
{
	unsigned char mask[CPU_MAX / 8] = { 0 };
	size_t used = sizeof(mask);

	if (parse_list(content, mask, sizeof(mask)) < 0)
		return;
	while (used > 0 && mask[used - 1] == 0)
		used--;
	(void)fprintf(out, "%s ay ", property);
	for (size_t i = 0; i < used; i++)
		(void)fprintf(out, "%02x", mask[i]);
	(void)fputc('\n', out);
}

/* "default WEIGHT" or "MAJOR:MINOR WEIGHT". */
static void put_io_weight(FILE *out, const char *property, char *content)
{
	char *space = strchr(content, ' ');
	uint64_t weight;

	if (!space || parse_u64(space + 1, &weight) < 0)
		return;
	*space = '\0';
	if (text_equal(content, "default"))
		(void)fprintf(out, "%s t %" PRIu64 "\n", property, weight);
	else
		(void)fprintf(out, "IODeviceWeight a(st) /dev/block/%s %" PRIu64 "\n", content,
			      weight);
}

/* "MAJOR:MINOR rbps=N wiops=max ..." */
static void put_io_max(FILE *out, const char *property, char *content)
{
	static const struct word properties[] = { { "IOReadBandwidthMax", 'r' },
						  { "IOWriteBandwidthMax", 'w' },
						  { "IOReadIOPSMax", 'R' },
						  { "IOWriteIOPSMax", 'W' },
						  { NULL, 0 } };
	static const struct word keys[] = {
		{ "rbps", 'r' }, { "wbps", 'w' }, { "riops", 'R' }, { "wiops", 'W' }, { NULL, 0 }
	};
	char *rest = NULL, *device = strtok_r(content, " ", &rest);

	(void)property;
	for (char *pair = device ? strtok_r(NULL, " ", &rest) : NULL; pair;
	     pair = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(pair, '=');
		uint64_t rate;
		int64_t which;

		if (!value)
			return;
		*value++ = '\0';
		if (word_find(keys, pair, &which) && read_limit(value, &rate))
			(void)fprintf(out, "%s a(st) /dev/block/%s %" PRIu64 "\n",
				      word_of(properties, which), device, rate);
	}
}

static const struct {
	const char *file, *property;
	void (*put)(FILE *out, const char *property, char *line);
} rows[] = {
	{ "memory.max", "MemoryMax", put_number },
	{ "memory.high", "MemoryHigh", put_number },
	{ "memory.low", "MemoryLow", put_number },
	{ "memory.min", "MemoryMin", put_number },
	{ "memory.swap.max", "MemorySwapMax", put_number },
	{ "cpu.weight", "CPUWeight", put_number },
	{ "cpu.max", "CPUQuotaPerSecUSec", put_cpu_max },
	{ "cpuset.cpus", "AllowedCPUs", put_cpus },
	{ "cpuset.mems", "AllowedMemoryNodes", put_cpus },
	{ "pids.max", "TasksMax", put_tasks },
	{ "io.weight", "IOWeight", put_io_weight },
	{ "io.max", NULL, put_io_max },
};

void unit_put_file(FILE *out, const char *file, const char *content)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *copy = text_equal(file, rows[i].file) ? strdup(content) : NULL;
		char *rest = NULL;

		for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
		     line = strtok_r(NULL, "\n", &rest))
			rows[i].put(out, rows[i].property, line);
	}
}

void unit_put_settings(FILE *out, const struct settings *s)
{
	/* systemd has a default of its own for this one (DefaultTasksMax=). */
	(void)fputs("TasksMax t 18446744073709551615\n", out);
	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].is_default)
			unit_put_file(out, s->v[i].file, s->v[i].value);
	}
}

/* Delegate: what is below the scope is the container's. Without dependencies of its own it is
 * stopped when its slice is, and not before. */
void unit_put_basics(FILE *out, const char *id, const char *slice)
{
	(void)fprintf(out, "Description s " UNIT_DESCRIPTION "\n", id);
	(void)fprintf(out, "Slice s %s\n", slice);
	(void)fputs("Delegate b 1\nDefaultDependencies b 0\nCollectMode s inactive-or-failed\n",
		    out);
}
