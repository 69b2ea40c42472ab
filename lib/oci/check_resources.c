/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for config.linux.resources and for `berth update --resources` (config-linux.md,
 * "Control groups"). What only cgroup v1 has is beyond berth: a valid document may ask for it, and
 * its container is refused, as the specification has it. Values that ask for nothing are ignored,
 * because engines write them everywhere. Trust: as in check.c.
 */
#include "oci/check_rules.h"

#include <ctype.h>
#include <string.h>

#define RESOURCES "/linux/resources"

enum {
	PERIOD_MIN = 1000, /* microseconds, as the kernel's cpu.max has it */
	PERIOD_MAX = 1000000,
	QUOTA_MIN = 1000,
	WEIGHT_MIN = 10, /* of cgroup v1, which the specification has */
	WEIGHT_MAX = 1000,
};

/* ---- memory ---- */

static void check_bytes(const char *pointer, const struct optional_i64 *bytes, struct findings *f)
{
	if (bytes->set && bytes->v < -1)
		wrong(f, pointer, "expected a number of bytes, or -1 for no limit");
}

static void refuse_v1_memory(const char *pointer, const struct optional_i64 *bytes,
			     struct findings *f)
{
	if (bytes->set && bytes->v != -1 && bytes->v != 0)
		beyond(f, pointer,
		       "cgroup v2 has no limit of its own for it: it counts in memory.limit");
}

static void check_swap(const struct cgroup_memory *m, bool whole, struct findings *f)
{
	if (!m->swap.set || m->swap.v <= 0)
		return;
	if (whole && (!m->limit.set || m->limit.v <= 0))
		wrong(f, RESOURCES "/memory/swap",
		      "is memory and swap together: it needs memory.limit, too");
	else if (m->limit.set && m->swap.v < m->limit.v)
		wrong(f, RESOURCES "/memory/swap",
		      "is memory and swap together: it must not be below memory.limit");
}

static void check_memory(const struct cgroup_memory *m, bool whole, struct findings *f)
{
	check_bytes(RESOURCES "/memory/limit", &m->limit, f);
	check_bytes(RESOURCES "/memory/reservation", &m->reservation, f);
	check_bytes(RESOURCES "/memory/swap", &m->swap, f);
	check_swap(m, whole, f);
	refuse_v1_memory(RESOURCES "/memory/kernel", &m->kernel, f);
	refuse_v1_memory(RESOURCES "/memory/kernelTCP", &m->kernel_tcp, f);
	if (m->swappiness.set)
		beyond(f, RESOURCES "/memory/swappiness",
		       "cgroup v2 has no swappiness: limit swap with memory.swap");
	if (m->disable_oom_killer.set && m->disable_oom_killer.v)
		beyond(f, RESOURCES "/memory/disableOOMKiller",
		       "cgroup v2 cannot disable the OOM killer: see process.oomScoreAdj");
	if (m->use_hierarchy.set && !m->use_hierarchy.v)
		beyond(f, RESOURCES "/memory/useHierarchy",
		       "cgroup v2 always accounts hierarchically");
}

/* ---- cpu ---- */

static void check_cpu_time(const struct cgroup_cpu *c, struct findings *f)
{
	bool limited = c->quota.set && c->quota.v > 0;

	if (c->quota.set && c->quota.v < -1)
		wrong(f, RESOURCES "/cpu/quota", "expected microseconds, or -1 for no limit");
	if (limited && c->quota.v < QUOTA_MIN)
		wrong(f, RESOURCES "/cpu/quota", "the kernel takes no less than %d microseconds",
		      QUOTA_MIN);
	if (c->period.set && c->period.v && (c->period.v < PERIOD_MIN || c->period.v > PERIOD_MAX))
		wrong(f, RESOURCES "/cpu/period", "expected %d to %d microseconds", PERIOD_MIN,
		      PERIOD_MAX);
	if (limited && c->burst.set && c->burst.v > (uint64_t)c->quota.v)
		wrong(f, RESOURCES "/cpu/burst", "must not be larger than the quota");
}

static void check_cpu(const struct cgroup_cpu *c, struct findings *f)
{
	check_cpu_time(c, f);
	if (c->realtime_runtime.set && c->realtime_runtime.v)
		beyond(f, RESOURCES "/cpu/realtimeRuntime",
		       "cgroup v2 does not share out realtime: see process.scheduler");
	if (c->realtime_period.set && c->realtime_period.v)
		beyond(f, RESOURCES "/cpu/realtimePeriod",
		       "cgroup v2 does not share out realtime: see process.scheduler");
	if (c->idle.set && c->idle.v != 0 && c->idle.v != 1)
		wrong(f, RESOURCES "/cpu/idle", "expected 0 or 1");
	check_id_list(RESOURCES "/cpu/cpus", c->cpus, f);
	check_id_list(RESOURCES "/cpu/mems", c->mems, f);
}

/* ---- blockIO ---- */

static void check_weight(const char *pointer, const struct optional_u16 *weight, struct findings *f)
{
	if (weight->set && weight->v && (weight->v < WEIGHT_MIN || weight->v > WEIGHT_MAX))
		wrong(f, pointer, "expected %d to %d", WEIGHT_MIN, WEIGHT_MAX);
}

static void refuse_leaf_weight(const char *pointer, const struct optional_u16 *weight,
			       struct findings *f)
{
	if (weight->set && weight->v)
		beyond(f, pointer,
		       "cgroup v2 has no leaf weight: no process lives beside child cgroups there");
}

static void check_block_devices(const char *name, const struct cgroup_block_devices *d,
				struct findings *f)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].major < 0 || d->v[i].major > MAJOR_MAX)
			wrong(f, at(f, RESOURCES "/blockIO/%s/%zu/major", name, i),
			      "expected 0 to %d", MAJOR_MAX);
		if (d->v[i].minor < 0 || d->v[i].minor > MINOR_MAX)
			wrong(f, at(f, RESOURCES "/blockIO/%s/%zu/minor", name, i),
			      "expected 0 to %d", MINOR_MAX);
	}
}

static void check_block_io(const struct cgroup_block_io *b, struct findings *f)
{
	check_weight(RESOURCES "/blockIO/weight", &b->weight, f);
	refuse_leaf_weight(RESOURCES "/blockIO/leafWeight", &b->leaf_weight, f);
	for (size_t i = 0; i < b->weight_devices.n; i++) {
		const struct cgroup_block_device *d = &b->weight_devices.v[i];
		const char *pointer = at(f, RESOURCES "/blockIO/weightDevice/%zu", i);

		if (!d->weight.set && !d->leaf_weight.set && !findings_has_error(f, pointer))
			wrong(f, pointer, "needs a weight");
		check_weight(at(f, "%s/weight", pointer), &d->weight, f);
		refuse_leaf_weight(at(f, "%s/leafWeight", pointer), &d->leaf_weight, f);
	}
	check_block_devices("weightDevice", &b->weight_devices, f);
	check_block_devices("throttleReadBpsDevice", &b->throttle_read_bps, f);
	check_block_devices("throttleWriteBpsDevice", &b->throttle_write_bps, f);
	check_block_devices("throttleReadIOPSDevice", &b->throttle_read_iops, f);
	check_block_devices("throttleWriteIOPSDevice", &b->throttle_write_iops, f);
}

/* ---- the rest ---- */

static void check_device_rule(const struct cgroup_device_rule *d, size_t i, struct findings *f)
{
	if (d->major.set && d->major.v < -1)
		wrong(f, at(f, RESOURCES "/devices/%zu/major", i), "must not be negative");
	if (d->minor.set && d->minor.v < -1)
		wrong(f, at(f, RESOURCES "/devices/%zu/minor", i), "must not be negative");
}

static const char *hugepage_size(const void *array, size_t i)
{
	return ((const struct cgroup_hugepage_limit *)array)[i].page_size;
}

static void refuse_same_size(struct findings *f, const void *array, size_t first, size_t again)
{
	(void)array;
	wrong(f, at(f, RESOURCES "/hugepageLimits/%zu/pageSize", again),
	      "entry %zu is for this size already", first);
}

static void check_hugepages(const struct cgroup_resources *r, struct findings *f)
{
	const struct duplicates sizes = { r->hugepages.v, r->hugepages.n, hugepage_size,
					  refuse_same_size };

	check_duplicates(&sizes, f);
}

static void check_rdma(const struct cgroup_rdma *r, struct findings *f)
{
	const char *pointer = findings_member(f, RESOURCES "/rdma", r->device);

	if (!r->handles.set && !r->objects.set && !findings_has_error(f, pointer))
		wrong(f, pointer, "needs hcaHandles or hcaObjects");
}

/* The name of one file of the cgroup's own directory: "memory.high". */
static bool is_file_of_cgroup(const char *key)
{
	size_t controller = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (controller == 0 || key[controller] != '.' || !key[controller + 1])
		return false;
	for (const char *p = key; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			return false;
	return !strstr(key, "..");
}

/* cgroup.procs, cgroup.freeze and the like are not limits: berth itself works with them. */
static bool is_limit(const char *key)
{
	return !text_starts(key, "cgroup.") || text_starts(key, "cgroup.max.") ||
	       text_equal(key, "cgroup.pressure");
}

static void check_unified(const char *key, struct findings *f)
{
	if (!is_file_of_cgroup(key))
		wrong(f, findings_member(f, RESOURCES "/unified", key),
		      "\"%s\" is no name of a file of a cgroup, like \"memory.high\"", key);
	else if (!is_limit(key))
		wrong(f, findings_member(f, RESOURCES "/unified", key),
		      "%s drives the cgroup itself and is not for containers to set", key);
}

static void check_network(const struct cgroup_resources *r, struct findings *f)
{
	if (r->network_class_id.set && r->network_class_id.v)
		beyond(f, RESOURCES "/network/classID",
		       "cgroup v2 has no network classes: match the cgroup itself (iptables -m "
		       "cgroup --path)");
	if (r->network_priorities.n)
		beyond(f, RESOURCES "/network/priorities",
		       "cgroup v2 has no network priorities: match the cgroup itself (iptables -m "
		       "cgroup --path)");
}

void check_resources(const struct cgroup_resources *r, bool whole, struct findings *f)
{
	if (!r)
		return;
	if (r->memory)
		check_memory(r->memory, whole, f);
	if (r->cpu)
		check_cpu(r->cpu, f);
	if (r->block_io)
		check_block_io(r->block_io, f);
	for (size_t i = 0; i < r->devices.n; i++)
		check_device_rule(&r->devices.v[i], i, f);
	if (r->pids_limit.set && r->pids_limit.v < -1)
		wrong(f, RESOURCES "/pids/limit", "expected a number, or -1 for no limit");
	check_hugepages(r, f);
	for (size_t i = 0; i < r->rdma.n; i++)
		check_rdma(&r->rdma.v[i], f);
	for (size_t i = 0; i < r->unified.n; i++)
		check_unified(r->unified.v[i].key, f);
	check_network(r, f);
}
