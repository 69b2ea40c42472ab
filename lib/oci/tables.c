/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for config.json (config.md, config-schema.json): what all platforms share, and the
 * process. A row is REQUIRED where config.md says so, which is more often than the schema does: the
 * uid and gid of a user, the priority of an ioPriority.
 */
#include <stdio.h>
#include <string.h>

#include "oci/document.h"
#include "oci/tables.h"

/* An id mapping is the same for a mount and for the container. */
static const struct json_row id_map_rows[] = {
	U32(struct id_map, "containerID", container_id, REQUIRED),
	U32(struct id_map, "hostID", host_id, REQUIRED),
	U32(struct id_map, "size", size, REQUIRED),
};
JSON_TABLE_SHARED(id_map, struct id_map, NULL);

static const struct json_row root_rows[] = {
	STRING(struct config_root, "path", path, REQUIRED),
	BOOL(struct config_root, "readonly", readonly, 0),
};
JSON_TABLE(root, struct config_root, NULL);

static void parse_mount_options(struct json_decoder *d, const struct json_node *n, void *object)
{
	const struct json_node *options = document_member(d->document, n, "options");
	struct berth_error e = { 0 };

	if (mount_options_parse(d->arena, object, &e) < 0)
		finding_at(d->findings, BERTH_FINDING_ERROR, options ? options : n, "%s", e.text);
}

static const struct json_row mount_rows[] = {
	STRING(struct mount_spec, "destination", destination, REQUIRED),
	STRING(struct mount_spec, "type", type, 0),
	STRING(struct mount_spec, "source", source, 0),
	STRINGS_IN(struct mount_spec, "options", options, n_options, 0),
	OBJECTS(struct mount_spec, "uidMappings", uids, id_map, 0),
	OBJECTS(struct mount_spec, "gidMappings", gids, id_map, 0),
};
JSON_TABLE(mount, struct mount_spec, parse_mount_options);

static const struct json_row console_size_rows[] = {
	U64(struct console_size, "height", height, REQUIRED),
	U64(struct console_size, "width", width, REQUIRED),
};
JSON_TABLE(console_size, struct console_size, NULL);

static const struct json_row user_rows[] = {
	U32(struct user_spec, "uid", uid, REQUIRED),
	U32(struct user_spec, "gid", gid, REQUIRED),
	U32_UP_TO(struct user_spec, "umask", umask, has_umask, 0777, 0),
	NUMBERS_IN(struct user_spec, "additionalGids", groups, n_groups, 0),
	IGNORED("username", "names are for Windows; uid and gid say who the process is"),
};
JSON_TABLE(user, struct user_spec, NULL);

/* config.md: what cannot be mapped to a capability of the kernel's is a warning. */
#define CAPABILITIES(n, m) \
	BITS(struct capability_lists, n, sets.m, capability_words, "capability", UNKNOWN_PASSES)
static const struct json_row capabilities_rows[] = {
	CAPABILITIES("bounding", bounding),       CAPABILITIES("effective", effective),
	CAPABILITIES("inheritable", inheritable), CAPABILITIES("permitted", permitted),
	CAPABILITIES("ambient", ambient),
};
JSON_TABLE(capabilities, struct capability_lists, NULL);

static const struct json_row rlimit_rows[] = {
	WORD(struct rlimit_spec, "type", resource, rlimit_words, "resource limit", REQUIRED),
	U64(struct rlimit_spec, "hard", hard, REQUIRED),
	U64(struct rlimit_spec, "soft", soft, REQUIRED),
};
JSON_TABLE(rlimit, struct rlimit_spec, NULL);

static const struct json_row scheduler_rows[] = {
	WORD(struct scheduler_spec, "policy", policy, scheduler_policy_words, "scheduling policy",
	     REQUIRED),
	I32(struct scheduler_spec, "nice", nice, 0),
	I32(struct scheduler_spec, "priority", priority, 0),
	FLAGS(struct scheduler_spec, "flags", flags, scheduler_flag_words, "scheduler flag", 0),
	U64(struct scheduler_spec, "runtime", runtime, 0),
	U64(struct scheduler_spec, "deadline", deadline, 0),
	U64(struct scheduler_spec, "period", period, 0),
};
JSON_TABLE(scheduler, struct scheduler_spec, NULL);

static const struct json_row io_priority_rows[] = {
	WORD(struct io_priority_spec, "class", class, io_class_words, "I/O scheduling class",
	     REQUIRED),
	INT_BETWEEN(struct io_priority_spec, "priority", priority, 0, 7, REQUIRED),
};
JSON_TABLE(io_priority, struct io_priority_spec, NULL);

static bool is_cpu_list(const char *text)
{
	return text[strspn(text, "0123456789, -")] == '\0';
}
static const struct json_pattern cpu_list = { is_cpu_list, "a list of CPUs such as 0-3,7" };

static const struct json_row exec_cpu_affinity_rows[] = {
	STRING_LIKE(struct exec_cpu_affinity, "initial", initial, &cpu_list, 0),
	STRING_LIKE(struct exec_cpu_affinity, "final", final, &cpu_list, 0),
};
JSON_TABLE(exec_cpu_affinity, struct exec_cpu_affinity, NULL);

static const struct json_row process_rows[] = {
	BOOL(struct config_process, "terminal", terminal, 0),
	OBJECT(struct config_process, "consoleSize", console_size, console_size, 0),
	EMBEDDED(struct config_process, "user", user, user, 0),
	STRINGS(struct config_process, "args", args, 0),
	REFUSED("commandLine", "a command line in one string is for Windows; use args"),
	STRINGS(struct config_process, "env", env, 0),
	STRING(struct config_process, "cwd", cwd, REQUIRED),
	OBJECT(struct config_process, "capabilities", capabilities, capabilities, 0),
	OBJECTS(struct config_process, "rlimits", rlimits, rlimit, 0),
	BOOL(struct config_process, "noNewPrivileges", no_new_privileges, 0),
	STRING(struct config_process, "apparmorProfile", apparmor_profile, 0),
	OPTIONAL_INT_BETWEEN(struct config_process, "oomScoreAdj", oom_score_adj, -1000, 1000, 0),
	OBJECT(struct config_process, "scheduler", scheduler, scheduler, 0),
	STRING(struct config_process, "selinuxLabel", selinux_label, 0),
	OBJECT(struct config_process, "ioPriority", io_priority, io_priority, 0),
	OBJECT(struct config_process, "execCPUAffinity", exec_cpu_affinity, exec_cpu_affinity, 0),
};
JSON_TABLE_SHARED(process, struct config_process, NULL);

static const struct json_row hook_rows[] = {
	STRING(struct hook, "path", path, REQUIRED),
	STRINGS(struct hook, "args", args, 0),
	STRINGS(struct hook, "env", env, 0),
	INT_BETWEEN(struct hook, "timeout", timeout, 1, INT32_MAX, 0),
};
JSON_TABLE(hook, struct hook, NULL);

#define HOOKS(n, kind) OBJECTS(struct berth_config, n, hooks[kind], hook, 0)
static const struct json_row hooks_rows[] = {
	HOOKS("prestart", HOOK_PRESTART),
	HOOKS("createRuntime", HOOK_CREATE_RUNTIME),
	HOOKS("createContainer", HOOK_CREATE_CONTAINER),
	HOOKS("startContainer", HOOK_START_CONTAINER),
	HOOKS("poststart", HOOK_POSTSTART),
	HOOKS("poststop", HOOK_POSTSTOP),
};
JSON_TABLE(hooks, struct berth_config, NULL);

/* A section for another system is harmless beside one for Linux; alone it says that the bundle is
 * not for here. */
static void decode_foreign(struct json_decoder *d, const struct json_node *n, void *object)
{
	static const struct {
		const char *key, *system;
	} systems[] = {
		{ "solaris", "Solaris" },
		{ "windows", "Windows" },
		{ "zos", "z/OS" },
		{ "freebsd", "FreeBSD" },
	};
	const struct json_node *top = &d->document->nodes[n->parent];
	const struct json_node *lin = document_member(d->document, top, "linux");
	size_t i = 0;

	(void)object;
	while (strncmp(systems[i].key, n->key, n->key_length) != 0)
		i++;
	if (lin && lin->type != JSON_NULL)
		finding_at_key(d->findings, BERTH_FINDING_WARNING, n,
			       "ignored: this part is for %s", systems[i].system);
	else
		finding_at_key(d->findings, BERTH_FINDING_ERROR, n,
			       "this configuration is for %s (berth runs Linux containers)",
			       systems[i].system);
}

static const struct json_row config_rows[] = {
	STRING(struct berth_config, "ociVersion", oci_version, REQUIRED),
	OBJECT(struct berth_config, "process", process, process, 0),
	OBJECT(struct berth_config, "root", root, root, 0),
	STRING(struct berth_config, "hostname", hostname, 0),
	STRING(struct berth_config, "domainname", domainname, 0),
	OBJECTS(struct berth_config, "mounts", mounts, mount, 0),
	FLAT(struct berth_config, "hooks", hooks, 0),
	TEXTS(struct berth_config, "annotations", annotations, struct key_value, 0),
	OBJECT(struct berth_config, "linux", lin, linux_config, 0),
	CUSTOM("solaris", decode_foreign),
	CUSTOM("windows", decode_foreign),
	REFUSED("vm", "berth runs no virtual machines"),
	CUSTOM("zos", decode_foreign),
	CUSTOM("freebsd", decode_foreign),
};
JSON_TABLE_SHARED(config, struct berth_config, NULL);
