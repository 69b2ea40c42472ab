/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of resctrl. Trust: the file system is the kernel's, proved by its magic number; names and
 * schemata are the configuration's, and a name is a single component (oci/check_linux.c).
 */
#include "linux/rdt.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "base/text.h"

#ifndef RDTGROUP_SUPER_MAGIC
#define RDTGROUP_SUPER_MAGIC 0x7655821
#endif

enum { SCHEMATA_MAX = 64 << 10 };

int rdt_open(int *ret_root, struct berth_error *e)
{
	autoclose int info = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	autofree char *text = NULL;
	const char *rest;
	size_t length;
	int r;

	if (info < 0)
		return fail(e, errno, "open mountinfo");
	r = read_whole(info, MOUNTINFO_MAX, "mountinfo", &text, &length, e);
	if (r < 0)
		return r;
	for (rest = text;;) {
		autofree char *point = NULL, *root = NULL;
		autoclose int fd = -1;

		if (!mountinfo_next(&rest, "resctrl", &point, &root))
			break;
		if (point)
			fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || !fd_has_magic(fd, RDTGROUP_SUPER_MAGIC))
			continue;
		*ret_root = take_fd(&fd);
		return 0;
	}
	refuse(e, EOPNOTSUPP, "no resctrl file system is mounted on this host");
	advise(e, "mount -t resctrl resctrl /sys/fs/resctrl, where the processor has RDT");
	return -EOPNOTSUPP;
}

static bool has_schema(const struct rdt_spec *r)
{
	return r->l3_cache_schema || r->mem_bw_schema || r->n_schemata;
}

const char *rdt_group_name(const struct rdt_spec *r, const char *id)
{
	if (!r->clos_id)
		return id;
	return text_equal(r->clos_id, "/") ? "." : r->clos_id;
}

/* ---- comparing ---- */

/* Values are bit masks in hexadecimal, but percentages or MB/s in decimal; the file pads both. */
static int number_base(const char *resource)
{
	return text_starts(resource, "MB") || text_starts(resource, "SMBA") ? 10 : 16;
}

/* The next "domain=value" of a list, or false. */
static bool next_domain(const char **at, int base, uint64_t *ret_domain, uint64_t *ret_value)
{
	char *end;

	*at += strspn(*at, " ;");
	*ret_domain = strtoull(*at, &end, 10);
	end += strspn(end, " ");
	if (end == *at || *end != '=')
		return false;
	*at = end + 1;
	*ret_value = strtoull(*at, &end, base);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

static bool find_domain(const char *list, int base, uint64_t domain, uint64_t *ret_value)
{
	uint64_t found;

	while (next_domain(&list, base, &found, ret_value))
		if (found == domain)
			return true;
	return false;
}

/* The part behind the colon of the file's line for that resource. */
static const char *find_resource(const char *schemata, const char *resource, size_t length)
{
	for (const char *line = schemata; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, " \n");
		if (strncmp(line, resource, length) == 0 && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

bool rdt_schema_matches(const char *line, const char *schemata)
{
	size_t length = strcspn(line, ":");
	const char *have = find_resource(schemata, line, length);
	const char *wanted = line[length] ? line + length + 1 : "";
	int base = number_base(line);
	uint64_t domain, value, other;
	bool any = false;

	while (have && next_domain(&wanted, base, &domain, &value)) {
		if (!find_domain(have, base, domain, &other) || other != value)
			return false;
		any = true;
	}
	return any && wanted[strspn(wanted, " ;")] == '\0';
}

static int compare_one(const char *line, const char *schemata, const char *group,
		       struct berth_error *e)
{
	if (!line || rdt_schema_matches(line, schemata))
		return 0;
	return refuse(e, EEXIST, "the class %s exists with other schemata than \"%s\"", group,
		      line);
}

static int compare_schemata(int root, const struct rdt_spec *r, const char *group,
			    struct berth_error *e)
{
	autofree char *path = text_printf("%s/schemata", group), *text = NULL;
	size_t length;
	int result;

	if (!path)
		return fail(e, ENOMEM, "schemata");
	result = read_file(root, path, SCHEMATA_MAX, &text, &length, e);
	if (result == 0)
		result = compare_one(r->l3_cache_schema, text, group, e);
	if (result == 0)
		result = compare_one(r->mem_bw_schema, text, group, e);
	for (size_t i = 0; i < r->n_schemata && result == 0; i++)
		result = compare_one(r->schemata[i], text, group, e);
	return result;
}

int rdt_plan(int root, const struct rdt_spec *r, const char *id, bool *ret_make,
	     struct berth_error *e)
{
	const char *group = rdt_group_name(r, id);
	bool there = faccessat(root, group, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	int result = 0;

	if (!r->clos_id && there)
		return refuse(e, EEXIST, "there is a class of the container's id, %s, already", id);
	if (r->clos_id && !there && !has_schema(r))
		return refuse(e, ENOENT,
			      "there is no class %s, and no schemata are given to make it with",
			      group);
	if (there && has_schema(r))
		result = compare_schemata(root, r, group, e);
	if (result == 0)
		*ret_make = !there;
	return result;
}

/* ---- writing ---- */

/* The kernel tells more than an errno in info/last_cmd_status. */
static void advise_status(int root, struct berth_error *e)
{
	struct berth_error ignored = { 0 };
	autofree char *text = NULL;
	size_t length;

	if (read_file(root, "info/last_cmd_status", 4096, &text, &length, &ignored) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (*text && !text_equal(text, "ok"))
		advise(e, "%s", text);
}

static int write_line(int root, const char *group, const char *name, const char *line,
		      struct berth_error *e)
{
	autofree char *path = text_printf("%s/%s", group, name), *text = text_printf("%s\n", line);
	int r;

	if (!path || !text)
		return fail(e, ENOMEM, "%s of class %s", name, group);
	r = write_file(root, path, text, strlen(text), e);
	if (r < 0) {
		in_context(e, r, "write \"%s\"", line);
		advise_status(root, e);
	}
	return r;
}

int rdt_write_schemata(int root, const struct rdt_spec *r, const char *group, struct berth_error *e)
{
	int result = 0;

	if (r->l3_cache_schema)
		result = write_line(root, group, "schemata", r->l3_cache_schema, e);
	if (result == 0 && r->mem_bw_schema)
		result = write_line(root, group, "schemata", r->mem_bw_schema, e);
	for (size_t i = 0; i < r->n_schemata && result == 0; i++)
		result = write_line(root, group, "schemata", r->schemata[i], e);
	return result;
}

static int make_group(int root, const char *path, struct berth_error *e)
{
	int r;

	if (mkdirat(root, path, 0755) == 0)
		return 0;
	r = fail(e, errno, "make class %s", path);
	if (r == -ENOSPC)
		advise(e, "the processor has no further one");
	return r;
}

int rdt_make(int root, const struct rdt_spec *r, const char *group, struct berth_error *e)
{
	struct berth_error ignored = { 0 };
	int result = make_group(root, group, e);

	if (result < 0)
		return result;
	result = rdt_write_schemata(root, r, group, e);
	if (result < 0 && rdt_remove(root, group, &ignored) < 0)
		advise(e, "%s", ignored.text);
	return result;
}

int rdt_make_monitor(int root, const char *path, struct berth_error *e)
{
	return make_group(root, path, e);
}

int rdt_join(int root, const char *group, const char *monitor, pid_t pid, struct berth_error *e)
{
	char text[16];
	int r;

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	r = write_line(root, group, "tasks", text, e);
	if (r == 0 && monitor)
		r = write_line(root, monitor, "tasks", text, e);
	return r;
}

int rdt_remove(int root, const char *path, struct berth_error *e)
{
	if (unlinkat(root, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return fail(e, errno, "remove class %s", path);
	return 0;
}
