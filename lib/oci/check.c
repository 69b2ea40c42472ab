/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules between the properties of a configuration that belong to no platform (config.md), and
 * what the other files of rules share. Trust: the document may contain anything; nothing is assumed
 * about a value beyond its type in config.h.
 */
#include "oci/check_rules.h"

#include <ctype.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <berth/container.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/path.h"

enum {
	HOST_NAME_BYTES_MAX = 64, /* __NEW_UTS_LEN of the kernel */
	ID_MAPS_MAX = 340,        /* UID_GID_MAP_MAX_EXTENTS of the kernel */
	LIST_IDS_MAX = 8192,      /* more CPUs or NUMA nodes than any kernel is built for */
};

/* ---- shared ---- */

struct entry {
	const char *key;
	size_t index;
};

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	return r ? r : (x->index > y->index) - (x->index < y->index);
}

void check_duplicates(const struct duplicates *d, struct findings *f)
{
	autofree struct entry *entries = calloc(d->n + 1, sizeof(*entries));
	size_t n = 0;

	if (!entries) {
		wrong(f, "", "not enough memory to look for duplicates");
		return;
	}
	for (size_t i = 0; i < d->n; i++) {
		const char *key = d->key(d->array, i);

		if (key)
			entries[n++] = (struct entry){ key, i };
	}
	qsort(entries, n, sizeof(*entries), compare_entry);
	for (size_t i = 1; i < n; i++)
		if (text_equal(entries[i - 1].key, entries[i].key))
			d->same(f, d->array, entries[i - 1].index, entries[i].index);
}

static bool ids_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t)b + b_size && b < (uint64_t)a + a_size;
}

static void check_id_map(const char *pointer, const struct id_maps *m, size_t i, struct findings *f)
{
	const struct id_map *map = &m->v[i];

	if (map->size == 0) {
		wrong(f, at(f, "%s/%zu/size", pointer, i), "a mapping of no ids");
		return;
	}
	/* 4294967295 itself is (uid_t)-1, which no mapping may hold. */
	if ((uint64_t)map->container_id + map->size > UINT32_MAX ||
	    (uint64_t)map->host_id + map->size > UINT32_MAX) {
		wrong(f, at(f, "%s/%zu/size", pointer, i),
		      "%u ids from %u and %u on go beyond the last id, 4294967294", map->size,
		      map->container_id, map->host_id);
		return;
	}
	for (size_t j = 0; j < i; j++) {
		const struct id_map *other = &m->v[j];

		if (ids_overlap(map->container_id, map->size, other->container_id, other->size))
			wrong(f, at(f, "%s/%zu/containerID", pointer, i),
			      "ids in the container that mapping %zu has already", j);
		if (ids_overlap(map->host_id, map->size, other->host_id, other->size))
			wrong(f, at(f, "%s/%zu/hostID", pointer, i),
			      "ids on the host that mapping %zu has already", j);
	}
}

void check_id_maps(const char *pointer, const struct id_maps *m, struct findings *f)
{
	if (m->n > ID_MAPS_MAX) {
		wrong(f, pointer, "%zu mappings; the kernel takes at most %d", m->n, ID_MAPS_MAX);
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		check_id_map(pointer, m, i, f);
}

void check_id_list(const char *pointer, const char *list, struct findings *f)
{
	unsigned char mask[LIST_IDS_MAX / 8];
	int r;

	if (!list)
		return;
	r = parse_list(list, mask, sizeof(mask));
	if (r == -ERANGE)
		wrong(f, pointer, "a number beyond %d in \"%s\"", LIST_IDS_MAX - 1, list);
	else if (r < 0)
		wrong(f, pointer, "expected a list like \"0-3,7\", got \"%s\"", list);
}

bool check_lacks_namespace(const struct berth_config *c, int type, struct findings *f)
{
	return !config_namespace(c, type) && !findings_has_error(f, "/linux/namespaces");
}

bool check_lacks_new_namespace(const struct berth_config *c, int type, struct findings *f)
{
	return !config_new_namespace(c, type) && !findings_has_error(f, "/linux/namespaces");
}

bool check_damaged(const char *pointer, size_t i, struct findings *f)
{
	/* The question about the whole array is free where all is well. */
	return findings_has_error(f, pointer) && findings_has_error(f, at(f, "%s/%zu", pointer, i));
}

/* ---- ociVersion ---- */

/* A number without needless zeros. Moves *text behind it. */
static bool skip_version_number(const char **text)
{
	const char *start = *text;

	while (isdigit((unsigned char)**text))
		++*text;
	return *text > start && (*start != '0' || *text == start + 1);
}

/* Identifiers between dots, of letters, digits and "-"; without `zeros` a number among them must
 * not begin with 0. */
static bool skip_version_identifiers(const char **text, bool zeros)
{
	do {
		const char *start = *text;
		bool number = true;

		for (; isalnum((unsigned char)**text) || **text == '-'; ++*text)
			number = number && isdigit((unsigned char)**text);
		if (*text == start)
			return false;
		if (number && !zeros && *start == '0' && *text > start + 1)
			return false;
	} while (*(*text)++ == '.');
	--*text;
	return true;
}

/* SemVer 2.0.0. */
static bool is_version(const char *text)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *text++ != '.')
			return false;
		if (!skip_version_number(&text))
			return false;
	}
	if (*text == '-' && (text++, !skip_version_identifiers(&text, false)))
		return false;
	if (*text == '+' && (text++, !skip_version_identifiers(&text, true)))
		return false;
	return *text == '\0';
}

static void check_version(const char *version, struct findings *f)
{
	if (!version)
		return;
	if (!is_version(version))
		wrong(f, "/ociVersion", "\"%s\" is no version; expected one like \"%s\"", version,
		      berth_spec_version());
	else if (text_starts(version, "0."))
		odd(f, "/ociVersion",
		    "version %s is older than the first stable one; read as 1.0.0", version);
	else if (!text_starts(version, "1."))
		wrong(f, "/ociVersion", "version %s is not supported; berth implements %s", version,
		      berth_spec_version());
}

/* ---- root, host name, hooks ---- */

static void check_root(const struct berth_config *c, struct findings *f)
{
	if (!c->root && !findings_has_error(f, "/root"))
		wrong(f, "/root", "a container needs a root file system: add \"root\"");
	/* Mount points and devices would be made in it, before pivot_root(2) finds out. */
	if (c->root && c->root->path && path_is_below("/", c->root->path) &&
	    config_new_namespace(c, CLONE_NEWNS))
		wrong(f, "/root/path", "is the host's own root directory");
}

static void check_name(const struct berth_config *c, const char *pointer, const char *name,
		       struct findings *f)
{
	if (!name)
		return;
	if (strlen(name) > HOST_NAME_BYTES_MAX)
		wrong(f, pointer, "%zu bytes; the kernel takes at most %d", strlen(name),
		      HOST_NAME_BYTES_MAX);
	if (check_lacks_namespace(c, CLONE_NEWUTS, f))
		wrong(f, pointer,
		      "would change the host's own name: add {\"type\": \"uts\"} to "
		      "linux.namespaces");
}

static void check_hooks(const char *kind, const struct hooks *hooks, struct findings *f)
{
	for (size_t i = 0; i < hooks->n; i++) {
		const char *path = hooks->v[i].path;

		if (path && *path != '/')
			wrong(f, at(f, "/hooks/%s/%zu/path", kind, i),
			      "\"%s\" is not an absolute path", path);
	}
}

/* ---- entry points ---- */

void config_check(const struct berth_config *c, struct findings *f)
{
	check_version(c->oci_version, f);
	check_namespaces(c, f);
	check_root(c, f);
	check_name(c, "/hostname", c->hostname, f);
	check_name(c, "/domainname", c->domainname, f);
	check_process(c, f);
	check_mounts(c, f);
	for (const struct word *kind = hook_words; kind->word; kind++)
		check_hooks(kind->word, &c->hooks[kind->value], f);
	check_linux(c, f);
}

void config_check_process(const struct berth_config *c, struct findings *f)
{
	check_process(c, f);
}

void config_check_resources(const struct berth_config *c, struct findings *f)
{
	check_resources(c->lin->resources, false, f);
}
