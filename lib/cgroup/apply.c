/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the settings to the files of a cgroup, and reads back what the arithmetic needs. The
 * kernel decides which values are valid; this file explains its refusals.
 */
#include "cgroup/apply.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"

enum { FILE_MAX = 64 << 10 };

static const struct {
	const char *file;
	int err;
	const char *advice;
} known_causes[] = {
	{ "cpu.max", EINVAL,
	  "quota and period are microseconds: at least 1000, the period at most 1000000" },
	{ "cpu.max.burst", EINVAL, "the burst may not be more than the quota" },
	{ "cpuset.cpus", EINVAL, "a list like 0-3,7 of CPUs that are there" },
	{ "cpuset.mems", EINVAL, "a list like 0-1 of memory nodes that are there" },
	{ "cpuset.cpus", ERANGE, "a list like 0-3,7 of CPUs that are there" },
	{ "cpuset.mems", ERANGE, "a list like 0-1 of memory nodes that are there" },
	{ "io.max", ENODEV, "there is no such disk; partitions cannot be limited, their disk can" },
	{ "io.weight", ENODEV,
	  "there is no such disk; partitions cannot be weighted, their disk can" },
	{ "io.bfq.weight", ENODEV,
	  "there is no such disk; partitions cannot be weighted, their disk can" },
	{ "io.weight", EOPNOTSUPP, "the disk has neither the bfq scheduler nor io.cost" },
	{ "io.bfq.weight", EOPNOTSUPP,
	  "the disk's scheduler is not bfq: see /sys/block/*/queue/scheduler" },
	{ "rdma.max", ENODEV, "there is no RDMA device of that name: see /sys/class/infiniband" },
	{ "cpu.max", ENOENT, "this kernel is built without CONFIG_CFS_BANDWIDTH" },
	{ "cpu.max.burst", ENOENT, "this kernel is built without CONFIG_CFS_BANDWIDTH" },
	{ "memory.swap.max", ENOENT,
	  "this kernel does not account swap: built without it, or swapaccount=0 at boot" },
	{ "io.weight", ENOENT,
	  "this kernel has neither the bfq scheduler loaded nor CONFIG_BLK_CGROUP_IOCOST" },
	{ "io.max", ENOENT, "this kernel is built without CONFIG_BLK_DEV_THROTTLING" },
};

static void list_page_sizes(int dir, struct berth_error *e)
{
	autoclosedir DIR *d = list_directory(dir);
	char sizes[128] = "";

	for (struct dirent *entry; d && (entry = readdir(d));) {
		char size[16];
		int end = 0;

		if (sscanf(entry->d_name, "hugetlb.%15[0-9KMGB].max%n", size, &end) != 1 || !end)
			continue;
		if (strlen(sizes) + strlen(size) + 2 < sizeof(sizes))
			strcat(strcat(sizes, *sizes ? " " : ""), size);
	}
	if (*sizes)
		advise(e, "page sizes here: %s", sizes);
}

static int explain(int dir, const struct setting *s, const char *line, int r, struct berth_error *e)
{
	r = in_context(e, r, "linux.resources.%s: \"%s\"", s->property, line);
	if (r == -ENOENT && text_starts(s->file, "hugetlb."))
		list_page_sizes(dir, e);
	for (size_t i = 0; i < ARRAY_SIZE(known_causes); i++) {
		if (-r == known_causes[i].err && text_equal(s->file, known_causes[i].file)) {
			advise(e, "%s", known_causes[i].advice);
			break;
		}
	}
	return r;
}

/* Files of many devices (io.max) take one line a write. */
static int write_setting(int dir, const struct setting *s, struct berth_error *e)
{
	autofree char *text = strdup(s->value);
	char *rest = text;
	int r = 0;

	if (!text)
		return fail(e, ENOMEM, "linux.resources");
	/* A write of nothing would reach nobody. */
	if (!*text)
		return write_file(dir, s->file, "\n", 1, e);
	for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
		if (!*line)
			continue;
		r = write_file(dir, s->file, line, strlen(line), e);
		if (r < 0 && !(r == -ENOENT && (s->is_default || s->may_lack || s->or_next)))
			return explain(dir, s, line, r, e);
	}
	return r;
}

/* Files with a line for each device: a write changes one line, and leaves the others. */
static bool is_keyed(const char *file)
{
	return text_starts(file, "io.") || text_starts(file, "rdma.") ||
	       text_starts(file, "misc.") || text_starts(file, "dmem.");
}

/* The old line of the same key; where there was none, no limit. */
static char *find_old_line(const char *file, const char *line, const char *old)
{
	size_t length = strcspn(line, " ");
	const char *key = line;

	if (text_equal(file, "io.bfq.weight") && !memchr(line, ':', length)) {
		key = "default";
		length = strlen(key);
	}
	for (const char *o = old; *o; o += strcspn(o, "\n"), o += strspn(o, "\n")) {
		if (strncmp(o, key, length) == 0 && o[length] == ' ')
			return strndup(o, strcspn(o, "\n"));
	}
	return text_printf("%.*s%s", (int)length, key,
			   text_equal(file, "io.max")     ? " rbps=max wbps=max riops=max wiops=max"
			   : text_equal(file, "rdma.max") ? " hca_handle=max hca_object=max"
							  : " default");
}

static int restore(int dir, const struct setting *s, const char *old, struct berth_error *e)
{
	autofree char *text = strdup(s->value);
	char *rest = text;
	int r = 0;

	if (!is_keyed(s->file))
		return write_file(dir, s->file, *old ? old : "\n", *old ? strlen(old) : 1, e);
	if (!text)
		return fail(e, ENOMEM, "put back %s", s->file);
	for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
		autofree char *back = find_old_line(s->file, line, old);

		r = back ? write_file(dir, s->file, back, strlen(back), e)
			 : fail(e, ENOMEM, "put back %s", s->file);
	}
	return r;
}

/* What the files said before. Unless `done`, they are made to say it again, in reverse order. */
struct before {
	int dir;
	const struct settings *settings;
	char **old; /* of each setting; NULL: was not written, or cannot be read */
	bool done;
};

static void put_back(struct before *b)
{
	for (size_t i = b->settings->n; b->old && i > 0; i--) {
		const struct setting *s = &b->settings->v[i - 1];
		struct berth_error e = { 0 };

		if (!b->done && b->old[i - 1] && restore(b->dir, s, b->old[i - 1], &e) < 0)
			log_warning("linux.resources.%s could not be put back: %s", s->property,
				    e.text);
		free(b->old[i - 1]);
	}
	free_pointer(&b->old);
}

static void remember(struct before *b, size_t i)
{
	struct berth_error ignored;
	size_t length;

	if (b->old &&
	    read_file(b->dir, b->settings->v[i].file, FILE_MAX, &b->old[i], &length, &ignored) < 0)
		b->old[i] = NULL;
}

int settings_apply(const struct cgroup *c, const struct settings *s, bool fresh,
		   struct berth_error *e)
{
	cleanup(put_back) struct before before = { .dir = c->dir, .settings = s };

	/* A new cgroup goes as a whole. */
	if (!fresh && s->n > 0) {
		before.old = calloc(s->n, sizeof(*before.old));
		if (!before.old)
			return fail(e, ENOMEM, "linux.resources");
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *v = &s->v[i];
		struct berth_error why;
		int r;

		if (v->is_default && fresh)
			continue;
		remember(&before, i);
		r = write_setting(c->dir, v, &why);
		if (r == 0 && v->or_next)
			i++;
		if (r == 0 || (r == -ENOENT && (v->is_default || v->may_lack || v->or_next)))
			continue;
		*e = why;
		return r;
	}
	before.done = true;
	return 0;
}

int read_number(int dir, const char *file, uint64_t missing, uint64_t *ret, struct berth_error *e)
{
	struct berth_error why;
	char text[64];
	int r = tree_read(dir, file, text, sizeof(text), &why);

	if (r == -ENOENT) {
		*ret = missing;
		return 0;
	}
	if (r < 0) {
		*e = why;
		return r;
	}
	text[strcspn(text, " ")] = '\0';
	if (text_equal(text, "max"))
		*ret = LIMIT_MAX;
	else if (parse_u64(text, ret) < 0)
		return refuse(e, EIO, "%s does not begin with a number: %s", file, text);
	return 0;
}

int limits_read(const struct cgroup *c, struct limits_now *ret, struct berth_error *e)
{
	struct limits_now now = limits_fresh;
	uint64_t idle = 0;
	int r;

	now.existing = true;
	r = read_number(c->dir, "memory.max", LIMIT_MAX, &now.memory_max, e);
	if (r == 0)
		r = read_number(c->dir, "memory.current", 0, &now.memory_current, e);
	if (r == 0)
		r = read_number(c->dir, "memory.swap.max", LIMIT_MAX, &now.swap_max, e);
	if (r == 0)
		r = read_number(c->dir, "memory.swap.current", 0, &now.swap_current, e);
	if (r == 0)
		r = read_number(c->dir, "cpu.max", LIMIT_MAX, &now.quota, e);
	if (r == 0)
		r = read_number(c->dir, "cpu.max.burst", 0, &now.burst, e);
	if (r == 0)
		r = read_number(c->dir, "cpu.idle", 0, &idle, e);
	if (r < 0)
		return in_context(e, r, "limits of cgroup %s", c->path);
	now.idle = idle != 0;
	*ret = now;
	return 0;
}
