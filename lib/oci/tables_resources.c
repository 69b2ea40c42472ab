/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for linux.resources (config-linux.md, "Control groups"); `berth update` reads them
 * alone.
 */
#include <string.h>

#include "oci/tables.h"

static bool is_device_type(const char *text)
{
	return strlen(text) == 1 && strchr("abc", text[0]);
}
static const struct json_pattern device_type = { is_device_type, "a, b or c" };

static bool is_access(const char *text)
{
	return text[strspn(text, "rwm")] == '\0';
}
static const struct json_pattern access_letters = { is_access, "letters of rwm" };

static const struct json_row device_rule_rows[] = {
	BOOL(struct cgroup_device_rule, "allow", allow, REQUIRED),
	STRING_LIKE(struct cgroup_device_rule, "type", type, &device_type, 0),
	OPTIONAL_I64(struct cgroup_device_rule, "major", major, 0),
	OPTIONAL_I64(struct cgroup_device_rule, "minor", minor, 0),
	STRING_LIKE(struct cgroup_device_rule, "access", access, &access_letters, 0),
};
JSON_TABLE(device_rule, struct cgroup_device_rule, NULL);

static const struct json_row memory_rows[] = {
	OPTIONAL_I64(struct cgroup_memory, "limit", limit, 0),
	OPTIONAL_I64(struct cgroup_memory, "reservation", reservation, 0),
	OPTIONAL_I64(struct cgroup_memory, "swap", swap, 0),
	OPTIONAL_I64(struct cgroup_memory, "kernel", kernel, 0),
	OPTIONAL_I64(struct cgroup_memory, "kernelTCP", kernel_tcp, 0),
	OPTIONAL_U64(struct cgroup_memory, "swappiness", swappiness, 0),
	OPTIONAL_BOOL(struct cgroup_memory, "disableOOMKiller", disable_oom_killer, 0),
	OPTIONAL_BOOL(struct cgroup_memory, "useHierarchy", use_hierarchy, 0),
	OPTIONAL_BOOL(struct cgroup_memory, "checkBeforeUpdate", check_before_update, 0),
};
JSON_TABLE(memory, struct cgroup_memory, NULL);

static const struct json_row cpu_rows[] = {
	OPTIONAL_U64(struct cgroup_cpu, "shares", shares, 0),
	OPTIONAL_I64(struct cgroup_cpu, "quota", quota, 0),
	OPTIONAL_U64(struct cgroup_cpu, "burst", burst, 0),
	OPTIONAL_U64(struct cgroup_cpu, "period", period, 0),
	OPTIONAL_I64(struct cgroup_cpu, "realtimeRuntime", realtime_runtime, 0),
	OPTIONAL_U64(struct cgroup_cpu, "realtimePeriod", realtime_period, 0),
	STRING(struct cgroup_cpu, "cpus", cpus, 0),
	STRING(struct cgroup_cpu, "mems", mems, 0),
	OPTIONAL_I64(struct cgroup_cpu, "idle", idle, 0),
};
JSON_TABLE(cpu, struct cgroup_cpu, NULL);

static const struct json_row pids_rows[] = {
	OPTIONAL_I64(struct cgroup_resources, "limit", pids_limit, 0),
};
JSON_TABLE(pids, struct cgroup_resources, NULL);

static const struct json_row weight_device_rows[] = {
	I64(struct cgroup_block_device, "major", major, REQUIRED),
	I64(struct cgroup_block_device, "minor", minor, REQUIRED),
	OPTIONAL_U16(struct cgroup_block_device, "weight", weight, 0),
	OPTIONAL_U16(struct cgroup_block_device, "leafWeight", leaf_weight, 0),
};
JSON_TABLE(weight_device, struct cgroup_block_device, NULL);

static const struct json_row throttle_device_rows[] = {
	I64(struct cgroup_block_device, "major", major, REQUIRED),
	I64(struct cgroup_block_device, "minor", minor, REQUIRED),
	OPTIONAL_U64(struct cgroup_block_device, "rate", rate, REQUIRED),
};
JSON_TABLE(throttle_device, struct cgroup_block_device, NULL);

#define THROTTLES(n, m) OBJECTS(struct cgroup_block_io, n, m, throttle_device, 0)
static const struct json_row block_io_rows[] = {
	OPTIONAL_U16(struct cgroup_block_io, "weight", weight, 0),
	OPTIONAL_U16(struct cgroup_block_io, "leafWeight", leaf_weight, 0),
	OBJECTS(struct cgroup_block_io, "weightDevice", weight_devices, weight_device, 0),
	THROTTLES("throttleReadBpsDevice", throttle_read_bps),
	THROTTLES("throttleWriteBpsDevice", throttle_write_bps),
	THROTTLES("throttleReadIOPSDevice", throttle_read_iops),
	THROTTLES("throttleWriteIOPSDevice", throttle_write_iops),
};
JSON_TABLE(block_io, struct cgroup_block_io, NULL);

static bool is_page_size(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;

	return digits > 0 && text[0] != '0' && unit[0] != '\0' && strchr("KMG", unit[0]) &&
	       strcmp(unit + 1, "B") == 0;
}
static const struct json_pattern page_size = { is_page_size,
					       "a page size such as 64KB, 2MB or 1GB" };

static const struct json_row hugepage_limit_rows[] = {
	STRING_LIKE(struct cgroup_hugepage_limit, "pageSize", page_size, &page_size, REQUIRED),
	U64(struct cgroup_hugepage_limit, "limit", limit, REQUIRED),
};
JSON_TABLE(hugepage_limit, struct cgroup_hugepage_limit, NULL);

static const struct json_row network_priority_rows[] = {
	STRING(struct cgroup_network_priority, "name", name, REQUIRED),
	U32(struct cgroup_network_priority, "priority", priority, REQUIRED),
};
JSON_TABLE(network_priority, struct cgroup_network_priority, NULL);

static const struct json_row network_rows[] = {
	OPTIONAL_U32(struct cgroup_resources, "classID", network_class_id, 0),
	OBJECTS(struct cgroup_resources, "priorities", network_priorities, network_priority, 0),
};
JSON_TABLE(network, struct cgroup_resources, NULL);

static const struct json_row rdma_rows[] = {
	OPTIONAL_U32(struct cgroup_rdma, "hcaHandles", handles, 0),
	OPTIONAL_U32(struct cgroup_rdma, "hcaObjects", objects, 0),
};
JSON_TABLE(rdma, struct cgroup_rdma, NULL);

static const struct json_row resources_rows[] = {
	OBJECTS(struct cgroup_resources, "devices", devices, device_rule, 0),
	OBJECT(struct cgroup_resources, "memory", memory, memory, 0),
	OBJECT(struct cgroup_resources, "cpu", cpu, cpu, 0),
	FLAT(struct cgroup_resources, "pids", pids, 0),
	OBJECT(struct cgroup_resources, "blockIO", block_io, block_io, 0),
	OBJECTS(struct cgroup_resources, "hugepageLimits", hugepages, hugepage_limit, 0),
	FLAT(struct cgroup_resources, "network", network, 0),
	MAP(struct cgroup_resources, "rdma", rdma, device, rdma, 0),
	TEXTS(struct cgroup_resources, "unified", unified, struct cgroup_unified, 0),
};
JSON_TABLE_SHARED(resources, struct cgroup_resources, NULL);
