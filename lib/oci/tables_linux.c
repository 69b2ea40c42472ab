/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for the Linux part (config-linux.md, config-linux.json), without resources and
 * seccomp. The words of kernel facilities are in lib/linux.
 */
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "oci/document.h"
#include "oci/tables.h"

static const struct word device_type_words[] = {
	{ "c", 'c' }, { "b", 'b' }, { "u", 'u' }, { "p", 'p' }, { NULL, 0 },
};

/* Podman writes the whole st_mode (8630 is S_IFCHR|0666): type bits that agree with the type say
 * nothing new and are dropped. */
static void check_file_mode(struct json_decoder *d, const struct json_node *n, void *object)
{
	struct device_spec *device = object;
	uint32_t type = device->type == 'b' ? S_IFBLK : device->type == 'p' ? S_IFIFO : S_IFCHR;
	const struct json_node *mode = document_member(d->document, n, "fileMode");
	uint32_t given = device->mode;

	if (!device->has_mode || !mode)
		return;
	if ((given & S_IFMT) == type)
		device->mode &= ~(uint32_t)S_IFMT;
	if (device->mode > 07777)
		finding_at(d->findings, BERTH_FINDING_ERROR, mode,
			   "expected permission bits, 0 to %d (07777), got %u (0%o)", 07777, given,
			   given);
}

static const struct json_row device_rows[] = {
	STRING(struct device_spec, "path", path, REQUIRED),
	WORD(struct device_spec, "type", type, device_type_words, "device type", REQUIRED),
	I64_IF(struct device_spec, "major", major, has_major, 0),
	I64_IF(struct device_spec, "minor", minor, has_minor, 0),
	U32_IF(struct device_spec, "fileMode", mode, has_mode, 0),
	U32_IF(struct device_spec, "uid", uid, has_uid, 0),
	U32_IF(struct device_spec, "gid", gid, has_gid, 0),
};
JSON_TABLE(device, struct device_spec, check_file_mode);

static const struct json_row net_device_rows[] = {
	STRING(struct net_device, "name", name, 0),
};
JSON_TABLE(net_device, struct net_device, NULL);

static const struct json_row namespace_rows[] = {
	WORD(struct namespace_spec, "type", type, namespace_words, "namespace", REQUIRED),
	STRING(struct namespace_spec, "path", path, 0),
};
JSON_TABLE(namespace, struct namespace_spec, NULL);

/* The forms with "r" are not the specification's; engines write them, as mount(8) does, and a root
 * file system's propagation is recursive anyway. */
static const struct word propagation_words[] = {
	{ "private", MS_PRIVATE },       { "shared", MS_SHARED },          { "slave", MS_SLAVE },
	{ "unbindable", MS_UNBINDABLE }, { "rprivate", MS_PRIVATE },       { "rshared", MS_SHARED },
	{ "rslave", MS_SLAVE },          { "runbindable", MS_UNBINDABLE }, { NULL, 0 },
};

static bool is_bandwidth_schema(const char *text)
{
	return text_starts(text, "MB:") && !strchr(text, '\n');
}
static const struct json_pattern bandwidth_schema = { is_bandwidth_schema,
						      "one line that begins with MB:" };

static const struct json_row intel_rdt_rows[] = {
	STRING(struct rdt_spec, "closID", clos_id, 0),
	STRINGS_IN(struct rdt_spec, "schemata", schemata, n_schemata, 0),
	STRING(struct rdt_spec, "l3CacheSchema", l3_cache_schema, 0),
	STRING_LIKE(struct rdt_spec, "memBwSchema", mem_bw_schema, &bandwidth_schema, 0),
	BOOL(struct rdt_spec, "enableMonitoring", enable_monitoring, 0),
};
JSON_TABLE(intel_rdt, struct rdt_spec, NULL);

static const struct json_row memory_policy_rows[] = {
	WORD(struct memory_policy_spec, "mode", mode, memory_mode_words, "memory policy", REQUIRED),
	STRING(struct memory_policy_spec, "nodes", nodes, 0),
	FLAGS(struct memory_policy_spec, "flags", flags, memory_flag_words, "memory policy flag",
	      0),
};
JSON_TABLE(memory_policy, struct memory_policy_spec, NULL);

/* "Currently no flag values are supported" (config-linux.md). */
static const struct word personality_flag_words[] = { { NULL, 0 } };

static const struct json_row personality_rows[] = {
	WORD_IF(struct config_linux, "domain", personality.domain, personality.set,
		personality_words, "personality domain", REQUIRED),
	NO_WORDS("flags", personality_flag_words, "personality flag"),
};
JSON_TABLE(personality, struct config_linux, NULL);

static const struct json_row time_offset_rows[] = {
	I64(struct time_offset, "secs", secs, 0),
	U32(struct time_offset, "nanosecs", nanosecs, 0),
};
JSON_TABLE(time_offset, struct time_offset, NULL);

static const struct json_row time_offsets_rows[] = {
	EMBEDDED_IF(struct config_linux, "monotonic", monotonic, monotonic.set, time_offset, 0),
	EMBEDDED_IF(struct config_linux, "boottime", boottime, boottime.set, time_offset, 0),
};
JSON_TABLE(time_offsets, struct config_linux, NULL);

static const struct json_row linux_config_rows[] = {
	OBJECTS(struct config_linux, "uidMappings", uids, id_map, 0),
	OBJECTS(struct config_linux, "gidMappings", gids, id_map, 0),
	TEXTS(struct config_linux, "sysctl", sysctl, struct key_value, 0),
	OBJECT(struct config_linux, "resources", resources, resources, 0),
	STRING(struct config_linux, "cgroupsPath", cgroups_path, 0),
	OBJECTS(struct config_linux, "namespaces", namespaces, namespace, 0),
	OBJECTS(struct config_linux, "devices", devices, device, 0),
	MAP(struct config_linux, "netDevices", net_devices, host_name, net_device, 0),
	OBJECT(struct config_linux, "seccomp", seccomp, seccomp, 0),
	WORD(struct config_linux, "rootfsPropagation", rootfs_propagation, propagation_words,
	     "propagation", 0),
	STRINGS(struct config_linux, "maskedPaths", masked_paths, 0),
	STRINGS(struct config_linux, "readonlyPaths", readonly_paths, 0),
	STRING(struct config_linux, "mountLabel", mount_label, 0),
	OBJECT(struct config_linux, "intelRdt", intel_rdt, intel_rdt, 0),
	OBJECT(struct config_linux, "memoryPolicy", memory_policy, memory_policy, 0),
	FLAT(struct config_linux, "personality", personality, 0),
	FLAT(struct config_linux, "timeOffsets", time_offsets, 0),
};
JSON_TABLE_SHARED(linux_config, struct config_linux, NULL);
