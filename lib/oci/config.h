/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json as a typed, immutable structure: every property of runtime-spec 1.3.0 for Linux (and
 * `vm`, which is refused). The tables in tables*.c fill it, check*.c check the rules between
 * properties. It lives in one arena; pointers into it are valid until berth_config_free(). A NULL
 * pointer, a zero count or `set == false` is an absent property.
 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include <berth/config.h>

#include "base/arena.h"
#include "cgroup/resources.h"
#include "linux/capabilities.h"
#include "linux/devices.h"
#include "linux/idmap.h"
#include "linux/mount_options.h"
#include "linux/namespaces.h"
#include "linux/process_attributes.h"
#include "linux/rdt.h"
#include "linux/seccomp.h"
#include "linux/time_namespace.h"

struct strings {
	size_t n;
	const char **v; /* v[n] is NULL: usable as argv */
};

struct key_value {
	const char *key, *value;
};

struct key_values {
	size_t n;
	struct key_value *v;
};

struct config_root {
	const char *path;
	bool readonly;
};

struct console_size {
	uint64_t height, width;
};

struct capability_lists { /* config.process.capabilities; the masks leave out what this berth does
			     not know, with a warning */
	struct capability_sets sets;
};

struct exec_cpu_affinity {
	const char *initial, *final;
};

struct config_process {
	bool terminal;
	const struct console_size *console_size;
	struct user_spec user;
	struct strings args;
	struct strings env;
	const char *cwd;
	const struct capability_lists *capabilities; /* NULL: none at all, as with other runtimes */
	struct {
		size_t n;
		struct rlimit_spec *v;
	} rlimits;
	bool no_new_privileges;
	const char *apparmor_profile, *selinux_label;
	struct {
		bool set;
		int v;
	} oom_score_adj;
	const struct scheduler_spec *scheduler;
	const struct io_priority_spec *io_priority;
	const struct exec_cpu_affinity *exec_cpu_affinity;
};

struct hook {
	const char *path;
	struct strings args, env;
	int timeout; /* seconds; 0: none */
};

struct hooks {
	size_t n;
	struct hook *v;
};

enum hook_kind { /* in the order of the life cycle (runtime.md) */
		 HOOK_PRESTART,
		 HOOK_CREATE_RUNTIME,
		 HOOK_CREATE_CONTAINER,
		 HOOK_START_CONTAINER,
		 HOOK_POSTSTART,
		 HOOK_POSTSTOP,
		 HOOK_KINDS
};
extern const struct word hook_words[]; /* "prestart" -> HOOK_PRESTART */

struct net_device {
	const char *host_name;
	const char *name; /* NULL: keeps its name */
};

struct config_linux {
	struct {
		size_t n;
		struct device_spec *v;
	} devices;
	struct {
		size_t n;
		struct net_device *v;
	} net_devices;
	struct id_maps uids, gids;
	struct {
		size_t n;
		struct namespace_spec *v;
	} namespaces;
	const struct cgroup_resources *resources;
	const char *cgroups_path;
	unsigned long rootfs_propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0: not
					     given */
	const struct seccomp_profile *seccomp;
	struct key_values sysctl;
	struct strings masked_paths, readonly_paths;
	const char *mount_label;
	const struct rdt_spec *intel_rdt;
	const struct memory_policy_spec *memory_policy;
	struct {
		bool set;
		unsigned long domain;
	} personality;
	struct time_offset boottime, monotonic;
};

struct berth_config {
	const char *oci_version;
	const struct config_root *root;       /* NULL: absent */
	const struct config_process *process; /* NULL: absent */
	const char *hostname, *domainname;
	struct {
		size_t n;
		struct mount_spec *v;
	} mounts;
	struct hooks hooks[HOOK_KINDS];
	struct key_values annotations;
	const struct config_linux *lin; /* never NULL: an absent `linux` is an empty one. ("linux"
					   is a macro of the compiler's) */

	const char *text; /* the file as read, NUL-terminated: state keeps a copy */
	size_t text_length;
	struct arena arena; /* holds everything above */
};

/* The entry for that type (CLONE_NEW*), or NULL. */
const struct namespace_spec *config_namespace(const struct berth_config *c, int type);
/* Whether the container gets a new namespace of that type. */
bool config_new_namespace(const struct berth_config *c, int type);
/* The CLONE_NEW* flags of all new namespaces. */
uint64_t config_clone_flags(const struct berth_config *c);
/* Whether any namespace is joined by path. */
bool config_joins(const struct berth_config *c);

/* As berth_config_load(), of what is to be carried out: what berth cannot do is an error, and so is
 * a directory. */
int config_load_file(const char *path, bool strict, struct berth_config **ret,
		     struct berth_report **ret_report, struct berth_error *e) must_check;
/* From text instead of a file (state's copy, exec --process, fuzzing); `name` stands in the
 * findings. Takes over nothing: copies `text`. */
int config_decode(const char *text, size_t length, const char *name, bool strict,
		  struct berth_config **ret, struct berth_report **ret_report,
		  struct berth_error *e) must_check;
/* A process object alone (`berth exec --process`): *ret has only .process. */
int config_decode_process(const char *text, size_t length, const char *name, bool strict,
			  struct berth_config **ret, struct berth_report **ret_report,
			  struct berth_error *e) must_check;
/* A resources object alone (`berth update --resources`): *ret has only .lin->resources. */
int config_decode_resources(const char *text, size_t length, const char *name, bool strict,
			    struct berth_config **ret, struct berth_report **ret_report,
			    struct berth_error *e) must_check;

enum { CONFIG_SIZE_MAX = 16 << 20, CONFIG_DEPTH_MAX = 64 };

#endif
