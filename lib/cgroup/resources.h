/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource limits as the specification defines them (config-linux.md, "Control groups") and as
 * `berth update` changes them. Plain data.
 */
#ifndef CGROUP_RESOURCES_H
#define CGROUP_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct optional_u64 {
	bool set;
	uint64_t v;
};
struct optional_i64 {
	bool set;
	int64_t v;
};
struct optional_u32 {
	bool set;
	uint32_t v;
};
struct optional_u16 {
	bool set;
	uint16_t v;
};
struct optional_bool {
	bool set;
	bool v;
};

struct cgroup_memory {
	struct optional_i64 limit, reservation, swap, kernel, kernel_tcp;
	struct optional_u64 swappiness;
	struct optional_bool disable_oom_killer, use_hierarchy, check_before_update;
};

struct cgroup_cpu {
	struct optional_u64 shares, period, burst, realtime_period;
	struct optional_i64 quota, realtime_runtime, idle;
	const char *cpus, *mems;
};

struct cgroup_block_device {
	int64_t major, minor;
	struct optional_u16 weight, leaf_weight; /* weightDevice */
	struct optional_u64 rate;                /* throttles: required there */
};

struct cgroup_block_devices {
	size_t n;
	struct cgroup_block_device *v;
};

struct cgroup_block_io {
	struct optional_u16 weight, leaf_weight;
	struct cgroup_block_devices weight_devices, throttle_read_bps, throttle_write_bps,
		throttle_read_iops, throttle_write_iops;
};

struct cgroup_device_rule {
	bool allow;
	const char *type;                 /* "a", "b", "c"; NULL: a */
	struct optional_i64 major, minor; /* not set: any; -1 counts as any, as engines write it */
	const char *access;               /* of "rwm"; NULL: all */
};

struct cgroup_hugepage_limit {
	const char *page_size;
	uint64_t limit;
};
struct cgroup_rdma {
	const char *device;
	struct optional_u32 handles, objects;
};
struct cgroup_unified {
	const char *key, *value;
};
struct cgroup_network_priority {
	const char *name;
	uint32_t priority;
};

struct cgroup_resources {
	struct {
		size_t n;
		struct cgroup_device_rule *v;
	} devices;
	const struct cgroup_memory *memory; /* NULL: absent */
	const struct cgroup_cpu *cpu;
	const struct cgroup_block_io *block_io;
	struct optional_i64 pids_limit;
	struct {
		size_t n;
		struct cgroup_hugepage_limit *v;
	} hugepages;
	struct {
		size_t n;
		struct cgroup_rdma *v;
	} rdma;
	struct {
		size_t n;
		struct cgroup_unified *v;
	} unified;
	/* v1 alone: refused by oci/check_resources.c where not empty */
	struct optional_u32 network_class_id;
	struct {
		size_t n;
		struct cgroup_network_priority *v;
	} network_priorities;
};

#endif
