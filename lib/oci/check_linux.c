/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for config.linux (config-linux.md), except resources and seccomp. Trust: as in check.c.
 */
#include "oci/check_rules.h"

#include <ctype.h>
#include <linux/mempolicy.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "linux/sysctl.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* ---- namespaces and their maps ---- */

static void check_namespace_list(const struct berth_config *c, struct findings *f)
{
	int seen = 0;

	for (size_t i = 0; i < c->lin->namespaces.n; i++) {
		const struct namespace_spec *n = &c->lin->namespaces.v[i];

		if (seen & n->type)
			wrong(f, at(f, "/linux/namespaces/%zu/type", i), "\"%s\" is there twice",
			      word_of(namespace_words, n->type));
		seen |= n->type;
		if (n->path && *n->path != '/')
			wrong(f, at(f, "/linux/namespaces/%zu/path", i),
			      "\"%s\" is not an absolute path", n->path);
	}
}

static void check_user_maps(const struct berth_config *c, const char *pointer,
			    const struct id_maps *maps, struct findings *f)
{
	const struct namespace_spec *user = config_namespace(c, CLONE_NEWUSER);

	if (findings_has_error(f, "/linux/namespaces") || findings_has_error(f, pointer))
		return;
	check_id_maps(pointer, maps, f);
	if (maps->n && !user)
		wrong(f, pointer,
		      "needs a user namespace: add {\"type\": \"user\"} to linux.namespaces");
	else if (maps->n && user->path)
		odd(f, pointer,
		    "the user namespace that is joined has its mapping already: used for mounts "
		    "with \"idmap\" alone");
	else if (!maps->n && user && !user->path)
		wrong(f, pointer,
		      "a new user namespace needs a mapping, such as [{\"containerID\": 0, "
		      "\"hostID\": 100000, \"size\": 65536}]");
}

void check_namespaces(const struct berth_config *c, struct findings *f)
{
	check_namespace_list(c, f);
	check_user_maps(c, "/linux/uidMappings", &c->lin->uids, f);
	check_user_maps(c, "/linux/gidMappings", &c->lin->gids, f);
}

/* Offsets can be set before the first process enters the time namespace, and never again
 * (time_namespaces(7)). */
static void check_time_offsets(const struct berth_config *c, struct findings *f)
{
	const struct {
		const char *pointer;
		const struct time_offset *offset;
	} clocks[] = {
		{ "/linux/timeOffsets/boottime/nanosecs", &c->lin->boottime },
		{ "/linux/timeOffsets/monotonic/nanosecs", &c->lin->monotonic },
	};

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		if (clocks[i].offset->set && clocks[i].offset->nanosecs > 999999999)
			wrong(f, clocks[i].pointer, "more than 999999999");
	if ((c->lin->boottime.set || c->lin->monotonic.set) &&
	    check_lacks_new_namespace(c, CLONE_NEWTIME, f))
		wrong(f, "/linux/timeOffsets",
		      "needs a new time namespace: add {\"type\": \"time\"} to linux.namespaces");
}

/* ---- devices ---- */

static const char *device_path(const void *array, size_t i)
{
	return ((const struct device_spec *)array)[i].path;
}

static void refuse_same_device(struct findings *f, const void *array, size_t first, size_t again)
{
	(void)array;
	wrong(f, at(f, "/linux/devices/%zu/path", again), "device %zu has this path already",
	      first);
}

static void check_device_numbers(const struct device_spec *d, size_t i, struct findings *f)
{
	if (d->type == 'p')
		return; /* a fifo has none */
	if (!d->has_major)
		wrong(f, at(f, "/linux/devices/%zu/major", i), "is required for type \"%c\"",
		      d->type);
	else if (d->major < 0 || d->major > MAJOR_MAX)
		wrong(f, at(f, "/linux/devices/%zu/major", i), "expected 0 to %d, got %lld",
		      MAJOR_MAX, (long long)d->major);
	if (!d->has_minor)
		wrong(f, at(f, "/linux/devices/%zu/minor", i), "is required for type \"%c\"",
		      d->type);
	else if (d->minor < 0 || d->minor > MINOR_MAX)
		wrong(f, at(f, "/linux/devices/%zu/minor", i), "expected 0 to %d, got %lld",
		      MINOR_MAX, (long long)d->minor);
}

static void check_device(const struct device_spec *d, size_t i, struct findings *f)
{
	check_device_numbers(d, i, f);
	if (d->path && *d->path != '/')
		wrong(f, at(f, "/linux/devices/%zu/path", i), "\"%s\" is not an absolute path",
		      d->path);
	if (d->has_uid && d->uid == NO_ID)
		wrong(f, at(f, "/linux/devices/%zu/uid", i), "%u is no id", d->uid);
	if (d->has_gid && d->gid == NO_ID)
		wrong(f, at(f, "/linux/devices/%zu/gid", i), "%u is no id", d->gid);
}

static void check_devices(const struct berth_config *c, struct findings *f)
{
	const struct duplicates paths = { c->lin->devices.v, c->lin->devices.n, device_path,
					  refuse_same_device };

	for (size_t i = 0; i < c->lin->devices.n; i++)
		if (!check_damaged("/linux/devices", i, f))
			check_device(&c->lin->devices.v[i], i, f);
	check_duplicates(&paths, f);
}

/* ---- kernel parameters ---- */

static void check_sysctl(const struct berth_config *c, const struct key_value *kv,
			 struct findings *f)
{
	const char *pointer = findings_member(f, "/linux/sysctl", kv->key);
	int type = sysctl_namespace(kv->key);

	if (type < 0)
		wrong(f, pointer, "\"%s\" is no name of a kernel parameter", kv->key);
	else if (type == 0)
		wrong(f, pointer, "%s belongs to no namespace: it would change the host", kv->key);
	else if (check_lacks_namespace(c, type, f))
		wrong(f, pointer,
		      "%s would change the host: add {\"type\": \"%s\"} to linux.namespaces",
		      kv->key, word_of(namespace_words, type));
	if (!*kv->value)
		wrong(f, pointer, "an empty value changes nothing");
	else if (strchr(kv->value, '\n'))
		wrong(f, pointer, "a value is one line");
	if (text_equal(kv->key, "kernel.hostname") && c->hostname &&
	    !text_equal(kv->value, c->hostname))
		wrong(f, pointer, "\"hostname\" says otherwise: use that alone");
	if (text_equal(kv->key, "kernel.domainname") && c->domainname &&
	    !text_equal(kv->value, c->domainname))
		wrong(f, pointer, "\"domainname\" says otherwise: use that alone");
}

/* ---- network devices ---- */

/* What the kernel takes for a name (dev_valid_name()); "%d" at the end of a new one is a
 * template. */
static bool is_device_name(const char *name, bool template)
{
	size_t length = strlen(name);

	if (length == 0 || length >= IFNAMSIZ || text_equal(name, ".") || text_equal(name, ".."))
		return false;
	for (const char *p = name; *p; p++) {
		if (*p == '/' || *p == ':' || isspace((unsigned char)*p))
			return false;
		if (*p == '%' && !(template && text_equal(p, "%d")))
			return false;
	}
	return true;
}

static const char *final_device_name(const void *array, size_t i)
{
	const struct net_device *d = &((const struct net_device *)array)[i];
	const char *name = d->name ? d->name : d->host_name;

	return strchr(name, '%') ? NULL : name;
}

static void refuse_same_name(struct findings *f, const void *array, size_t first, size_t again)
{
	const struct net_device *d = array;

	wrong(f, findings_member(f, "/linux/netDevices", d[again].host_name),
	      "%s gets this name in the container already", d[first].host_name);
}

static void check_net_devices(const struct berth_config *c, struct findings *f)
{
	const struct duplicates names = { c->lin->net_devices.v, c->lin->net_devices.n,
					  final_device_name, refuse_same_name };

	/* Not wrong as a document (the specification's own sample has none), but no container can
	 * be made of it. */
	if (c->lin->net_devices.n && check_lacks_namespace(c, CLONE_NEWNET, f))
		odd(f, "/linux/netDevices",
		    "needs a network namespace, or create will fail: add {\"type\": \"network\"} "
		    "to "
		    "linux.namespaces");
	for (size_t i = 0; i < c->lin->net_devices.n; i++) {
		const struct net_device *d = &c->lin->net_devices.v[i];
		const char *pointer = findings_member(f, "/linux/netDevices", d->host_name);

		if (!is_device_name(d->host_name, false))
			wrong(f, pointer, "\"%s\" is no name of a network device", d->host_name);
		if (d->name && !is_device_name(d->name, true))
			wrong(f, at(f, "%s/name", pointer), "\"%s\" is no name of a network device",
			      d->name);
	}
	check_duplicates(&names, f);
}

/* ---- the rest ---- */

static void check_cgroups_path(const char *path, struct findings *f)
{
	if (path && path_has_dotdot(path))
		wrong(f, "/linux/cgroupsPath", "\"%s\" must not contain \"..\"", path);
}

static void check_memory_policy(const struct memory_policy_spec *m, struct findings *f)
{
	const char *mode = word_of(memory_mode_words, m->mode);
	unsigned int placing = m->flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES);

	if (!mode || findings_has_error(f, "/linux/memoryPolicy"))
		return;
	check_id_list("/linux/memoryPolicy/nodes", m->nodes, f);
	if (m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL) {
		if (m->nodes)
			wrong(f, "/linux/memoryPolicy/nodes", "%s takes no nodes", mode);
	} else if (m->mode != MPOL_PREFERRED && !m->nodes) {
		wrong(f, "/linux/memoryPolicy/nodes", "%s needs at least one node", mode);
	}
	if (placing == (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES))
		wrong(f, "/linux/memoryPolicy/flags",
		      "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
	else if (placing && !m->nodes)
		wrong(f, "/linux/memoryPolicy/flags", "without nodes there is nothing to place");
	if (m->flags & MPOL_F_NUMA_BALANCING && m->mode != MPOL_BIND &&
	    m->mode != MPOL_PREFERRED_MANY)
		wrong(f, "/linux/memoryPolicy/flags",
		      "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY");
}

static void check_schema(const char *pointer, const char *schema, const char *prefix,
			 struct findings *f)
{
	if (!schema)
		return;
	if (strchr(schema, '\n'))
		wrong(f, pointer, "must be one line");
	if (!text_starts(schema, prefix))
		wrong(f, pointer, "must begin with \"%s\"", prefix);
}

static void check_intel_rdt(const struct rdt_spec *r, struct findings *f)
{
	if (r->clos_id && !text_equal(r->clos_id, "/") &&
	    (strchr(r->clos_id, '/') || text_equal(r->clos_id, ".") ||
	     text_equal(r->clos_id, "..")))
		wrong(f, "/linux/intelRdt/closID",
		      "\"%s\" is no name of a directory (or \"/\" for the default class)",
		      r->clos_id);
	check_schema("/linux/intelRdt/l3CacheSchema", r->l3_cache_schema, "L3:", f);
	for (size_t i = 0; i < r->n_schemata; i++)
		check_schema(at(f, "/linux/intelRdt/schemata/%zu", i), r->schemata[i], "", f);
}

void check_linux(const struct berth_config *c, struct findings *f)
{
	const struct config_linux *lin = c->lin;

	check_time_offsets(c, f);
	check_devices(c, f);
	for (size_t i = 0; i < lin->sysctl.n; i++)
		check_sysctl(c, &lin->sysctl.v[i], f);
	check_net_devices(c, f);
	check_cgroups_path(lin->cgroups_path, f);
	if (lin->resources)
		check_resources(lin->resources, true, f);
	if (lin->seccomp)
		check_seccomp(lin->seccomp, f);
	if (lin->memory_policy)
		check_memory_policy(lin->memory_policy, f);
	if (lin->intel_rdt)
		check_intel_rdt(lin->intel_rdt, f);
}
