/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for config.mounts (config.md, "Mounts") and for what else is mounted. A destination is
 * checked here as it is written. Links in the root file system may lead elsewhere, so it is checked
 * again when it is held as an fd. Trust: as in check.c.
 */
#include "oci/check_rules.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/path.h"

/* What may be mounted below /proc: files that tell about the machine, which file systems such as
 * lxcfs replace, and two that are safe to replace because they are read alone. Anything else could
 * make writes of berth or of the container's programs land on another file (CVE-2019-16884 and
 * after). */
static const char *const proc_files[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/net/dev",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/uptime",
};

static bool is_proc_file(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++)
		if (text_equal(path, proc_files[i]))
			return true;
	return false;
}

static bool is_bind(const struct mount_spec *m)
{
	return m->bind || m->recursive_bind;
}

static bool is_type(const struct mount_spec *m, const char *type)
{
	return m->type && text_equal(m->type, type);
}

static bool is_host_proc(const char *source)
{
	autofree char *path = source && *source == '/' ? path_normalize(source) : NULL;

	return path && text_equal(path, "/proc");
}

/* `path` is the destination, normalized. */
static void check_proc(const struct mount_spec *m, const char *path, size_t i, struct findings *f)
{
	const char *pointer;

	if (!path_is_below(path, "/proc"))
		return;
	pointer = at(f, "/mounts/%zu/destination", i);
	if (!text_equal(path, "/proc")) {
		if (!is_proc_file(path))
			wrong(f, pointer,
			      "nothing may be mounted on %s: it could hide what the kernel tells "
			      "there (to hide a path from the container, see linux.maskedPaths)",
			      path);
	} else if (is_bind(m) ? !is_host_proc(m->source) : !m->remount && !is_type(m, "proc")) {
		wrong(f, pointer,
		      "only a mount of type \"proc\" or a bind mount of the host's /proc may lie "
		      "on /proc");
	}
}

static void check_destination(const struct mount_spec *m, size_t i, struct findings *f)
{
	autofree char *absolute = NULL;
	autofree char *path = NULL;

	if (!m->destination)
		return;
	if (*m->destination != '/')
		odd(f, at(f, "/mounts/%zu/destination", i),
		    "\"%s\" is not an absolute path: it is taken from \"/\", which is deprecated",
		    m->destination);
	absolute = text_printf("/%s", m->destination);
	path = absolute ? path_normalize(absolute) : NULL;
	if (!path)
		wrong(f, at(f, "/mounts/%zu/destination", i), "not enough memory to check it");
	else if (text_equal(path, "/") && !m->remount)
		wrong(f, at(f, "/mounts/%zu/destination", i),
		      "would hide the root file system: use root.path, or root.readonly to change "
		      "it");
	else
		check_proc(m, path, i, f);
}

static void check_kind(const struct mount_spec *m, size_t i, struct findings *f)
{
	if (is_bind(m)) {
		if (!m->remount && !m->source)
			wrong(f, at(f, "/mounts/%zu/source", i), "a bind mount needs a source");
	} else if (!m->remount && (is_type(m, "bind") || is_type(m, "none"))) {
		wrong(f, at(f, "/mounts/%zu/type", i),
		      "the type alone makes no bind mount: add \"bind\" or \"rbind\" to the "
		      "options");
	} else if (!m->remount && !m->type) {
		wrong(f, at(f, "/mounts/%zu/type", i),
		      "a mount needs a file-system type, or \"bind\" or \"rbind\" in its options");
	}
	if (m->copy_up && (is_bind(m) || !is_type(m, "tmpfs")))
		wrong(f, at(f, "/mounts/%zu/options", i),
		      "tmpcopyup is for mounts of type \"tmpfs\" alone");
}

/* The kernel passes over what a bind mount has no use for: "readonly" would leave it writable. */
static void check_bind_options(const struct mount_spec *m, size_t i, struct findings *f)
{
	for (size_t k = 0; k < m->n_data; k++) {
		const char *near = word_near(mount_option_words, m->data[k]);

		odd(f, at(f, "/mounts/%zu/options", i),
		    "\"%s\" has no effect on a bind mount%s%s%s", m->data[k],
		    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	}
	if (m->super_flags & ~(unsigned long)(MS_RDONLY | MS_SILENT))
		odd(f, at(f, "/mounts/%zu/options", i),
		    "sync, dirsync, mand, lazytime, iversion and acl are for a whole file system: "
		    "they have no effect on a bind mount");
}

static void check_idmap(const struct berth_config *c, const struct mount_spec *m, size_t i,
			struct findings *f)
{
	bool asked = m->idmap || m->recursive_idmap;

	if (!asked && !m->uids.n && !m->gids.n)
		return;
	check_id_maps(at(f, "/mounts/%zu/uidMappings", i), &m->uids, f);
	check_id_maps(at(f, "/mounts/%zu/gidMappings", i), &m->gids, f);
	if (m->uids.n && !m->gids.n)
		wrong(f, at(f, "/mounts/%zu/gidMappings", i), "must be given with uidMappings");
	if (m->gids.n && !m->uids.n)
		wrong(f, at(f, "/mounts/%zu/uidMappings", i), "must be given with gidMappings");
	if (m->uids.n && !asked)
		odd(f, at(f, "/mounts/%zu/options", i),
		    "should contain \"idmap\" or \"ridmap\": runtimes that do not know uidMappings "
		    "ignore them otherwise");
	if (asked && !m->uids.n && !m->gids.n && check_lacks_namespace(c, CLONE_NEWUSER, f))
		wrong(f, at(f, "/mounts/%zu/options", i),
		      "%s has no mapping to apply: add uidMappings and gidMappings, or a user "
		      "namespace",
		      m->recursive_idmap ? "ridmap" : "idmap");
}

/* Without a cgroup namespace the mount shows the host's whole tree: it is read-only then, whatever
 * is asked (CVE-2023-25809). */
static void check_cgroup(const struct berth_config *c, const struct mount_spec *m, size_t i,
			 struct findings *f)
{
	if (is_bind(m) || m->remount || (!is_type(m, "cgroup") && !is_type(m, "cgroup2")) ||
	    (m->attr_set & MOUNT_ATTR_RDONLY) || !check_lacks_namespace(c, CLONE_NEWCGROUP, f))
		return;
	odd(f, at(f, "/mounts/%zu/options", i),
	    "the host's cgroup tree is mounted read-only: add \"ro\", or a cgroup namespace");
}

/* Mounting in a namespace that others use as well would change what they see, and nothing would
 * undo it. */
static void check_mount_namespace(const struct berth_config *c, struct findings *f)
{
	const struct {
		bool used;
		const char *pointer;
	} parts[] = {
		{ c->mounts.n > 0, "/mounts" },
		{ c->lin->masked_paths.n > 0, "/linux/maskedPaths" },
		{ c->lin->readonly_paths.n > 0, "/linux/readonlyPaths" },
		{ c->lin->rootfs_propagation != 0, "/linux/rootfsPropagation" },
		{ c->root && c->root->readonly, "/root/readonly" },
	};
	const char *why =
		config_namespace(c, CLONE_NEWNS)
			? "a mount namespace that is joined is shared with others"
			: "without a mount namespace of its own the host's would be changed";

	if (!check_lacks_new_namespace(c, CLONE_NEWNS, f))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].used)
			wrong(f, parts[i].pointer,
			      "%s: add {\"type\": \"mount\"} without a path to linux.namespaces",
			      why);
}

/* Processes stand in the root directory already: what is mounted over it is not in their sight. */
static void check_paths(const char *name, const struct strings *paths, const char *advice,
			struct findings *f)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (*paths->v[i] != '/')
			wrong(f, at(f, "/linux/%s/%zu", name, i), "\"%s\" is not an absolute path",
			      paths->v[i]);
		else if (path_is_below("/", paths->v[i]))
			wrong(f, at(f, "/linux/%s/%zu", name, i), "is the root directory: %s",
			      advice);
	}
}

void check_mounts(const struct berth_config *c, struct findings *f)
{
	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct mount_spec *m = &c->mounts.v[i];

		if (check_damaged("/mounts", i, f))
			continue;
		check_destination(m, i, f);
		check_kind(m, i, f);
		if (is_bind(m))
			check_bind_options(m, i, f);
		check_idmap(c, m, i, f);
		check_cgroup(c, m, i, f);
	}
	check_paths("maskedPaths", &c->lin->masked_paths, "mask what is in it", f);
	check_paths("readonlyPaths", &c->lin->readonly_paths, "see root.readonly", f);
	check_mount_namespace(c, f);
}
