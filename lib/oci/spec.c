/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration that `berth spec` writes: a shell on a terminal, in new namespaces, with few
 * capabilities. Trust: the rootless one reads /etc/passwd, /etc/subuid and /etc/subgid;
 * newuidmap(1) checks what they grant when it is used.
 */
#include "oci/spec.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <berth/container.h>

#include "base/cleanup.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/text.h"

static const char *const command[] = { "sh", NULL };
static const char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=xterm",
	NULL,
};

/* Not the ambient set: it holds only what is inheritable, too, and inheritable capabilities are for
 * programs that ask for them. */
static const char *const capability_set_names[] = { "bounding", "effective", "permitted", NULL };
static const char *const capabilities[] = {
	"CAP_AUDIT_WRITE",
	"CAP_KILL",
	"CAP_NET_BIND_SERVICE",
	NULL,
};

enum audience { EVERYONE, PRIVILEGED, ROOTLESS };

/* devpts refuses an owner that its user namespace does not map: then this option is left out. */
static const char tty_group_option[] = "gid=5";
enum { TTY_GROUP = 5 };

static const struct default_mount {
	enum audience audience;
	const char *destination, *type, *source;
	const char *options[8];
} mounts[] = {
	{ EVERYONE, "/proc", "proc", "proc", { NULL } },
	{ EVERYONE,
	  "/dev",
	  "tmpfs",
	  "tmpfs",
	  { "nosuid", "strictatime", "mode=755", "size=65536k" } },
	{ EVERYONE,
	  "/dev/pts",
	  "devpts",
	  "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", tty_group_option } },
	{ EVERYONE,
	  "/dev/shm",
	  "tmpfs",
	  "shm",
	  { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
	{ EVERYONE, "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
	{ PRIVILEGED, "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
	/* Mounting sysfs takes a network namespace of one's own, and that would be one without any
	   network. */
	{ ROOTLESS, "/sys", "none", "/sys", { "rbind", "nosuid", "noexec", "nodev", "ro" } },
	{ EVERYONE,
	  "/sys/fs/cgroup",
	  "cgroup",
	  "cgroup",
	  { "nosuid", "noexec", "nodev", "relatime", "ro" } },
};

static const struct default_namespace {
	enum audience audience;
	const char *type;
} namespaces[] = {
	{ EVERYONE, "pid" },   { PRIVILEGED, "network" }, { EVERYONE, "ipc" },  { EVERYONE, "uts" },
	{ EVERYONE, "mount" }, { EVERYONE, "cgroup" },    { ROOTLESS, "user" },
};

static const char *const masked_paths[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/proc/sched_debug",
	"/sys/firmware",
	"/proc/scsi",
	NULL,
};
static const char *const readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
};

struct rootless {
	struct id_maps uids, gids;
};

static bool is_for(enum audience audience, const struct rootless *rootless)
{
	return audience == EVERYONE || (audience == ROOTLESS) == (rootless != NULL);
}

static void write_strings(struct json_writer *w, const char *key, const char *const *words)
{
	json_array(w, key);
	for (; *words; words++)
		json_string(w, NULL, *words);
	json_end_array(w);
}

static void write_process(struct json_writer *w)
{
	json_object(w, "process");
	json_bool(w, "terminal", true);
	json_object(w, "user");
	json_u64(w, "uid", 0);
	json_u64(w, "gid", 0);
	json_end_object(w);
	write_strings(w, "args", command);
	write_strings(w, "env", environment);
	json_string(w, "cwd", "/");
	json_object(w, "capabilities");
	for (const char *const *set = capability_set_names; *set; set++)
		write_strings(w, *set, capabilities);
	json_end_object(w);
	json_array(w, "rlimits");
	json_object(w, NULL);
	json_string(w, "type", "RLIMIT_NOFILE");
	json_u64(w, "hard", 1024);
	json_u64(w, "soft", 1024);
	json_end_object(w);
	json_end_array(w);
	json_bool(w, "noNewPrivileges", true);
	json_end_object(w);
}

static void write_mount(struct json_writer *w, const struct default_mount *m, bool tty_group_mapped)
{
	json_object(w, NULL);
	json_string(w, "destination", m->destination);
	json_string(w, "type", m->type);
	json_string(w, "source", m->source);
	if (m->options[0]) {
		json_array(w, "options");
		for (const char *const *o = m->options; *o; o++)
			if (*o != tty_group_option || tty_group_mapped)
				json_string(w, NULL, *o);
		json_end_array(w);
	}
	json_end_object(w);
}

static void write_mounts(struct json_writer *w, const struct rootless *rootless)
{
	uint32_t host_id;
	bool mapped = !rootless || idmap_to_host(&rootless->gids, TTY_GROUP, &host_id);

	json_array(w, "mounts");
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		if (is_for(mounts[i].audience, rootless))
			write_mount(w, &mounts[i], mapped);
	json_end_array(w);
}

static void write_maps(struct json_writer *w, const char *key, const struct id_maps *maps)
{
	json_array(w, key);
	for (size_t i = 0; i < maps->n; i++) {
		json_object(w, NULL);
		json_u64(w, "containerID", maps->v[i].container_id);
		json_u64(w, "hostID", maps->v[i].host_id);
		json_u64(w, "size", maps->v[i].size);
		json_end_object(w);
	}
	json_end_array(w);
}

/* No device but the default ones and those of linux.devices. */
static void write_resources(struct json_writer *w)
{
	json_object(w, "resources");
	json_array(w, "devices");
	json_object(w, NULL);
	json_bool(w, "allow", false);
	json_string(w, "access", "rwm");
	json_end_object(w);
	json_end_array(w);
	json_end_object(w);
}

static void write_linux(struct json_writer *w, const struct rootless *rootless)
{
	json_object(w, "linux");
	if (rootless) {
		write_maps(w, "uidMappings", &rootless->uids);
		write_maps(w, "gidMappings", &rootless->gids);
	} else {
		write_resources(w);
	}
	json_array(w, "namespaces");
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		if (!is_for(namespaces[i].audience, rootless))
			continue;
		json_object(w, NULL);
		json_string(w, "type", namespaces[i].type);
		json_end_object(w);
	}
	json_end_array(w);
	write_strings(w, "maskedPaths", masked_paths);
	write_strings(w, "readonlyPaths", readonly_paths);
	json_end_object(w);
}

static char *write_spec(const struct rootless *rootless)
{
	struct json_writer w = { .indent = JSON_TABS };

	json_object(&w, NULL);
	json_string(&w, "ociVersion", berth_spec_version());
	write_process(&w);
	json_object(&w, "root");
	json_string(&w, "path", "rootfs");
	json_bool(&w, "readonly", true);
	json_end_object(&w);
	json_string(&w, "hostname", "berth");
	write_mounts(&w, rootless);
	write_linux(&w, rootless);
	json_end_object(&w);
	return json_finish(&w);
}

/* "NAME:FIRST:COUNT" or "UID:FIRST:COUNT". */
static bool parse_range(char *line, const char *name, uint32_t id, struct id_map *ret)
{
	char *rest = line;
	const char *owner = strsep(&rest, ":");
	const char *first = strsep(&rest, ":");
	const char *count = strsep(&rest, ":\n");
	uint32_t number;

	if (!first || !count)
		return false;
	if (!(name && text_equal(owner, name)) && (parse_u32(owner, &number) < 0 || number != id))
		return false;
	return parse_u32(first, &ret->host_id) == 0 && parse_u32(count, &ret->size) == 0;
}

/* Whether the kernel would take the range behind the others: nothing empty, nothing twice, nothing
 * that wraps. */
static bool range_fits(const struct id_maps *maps, const struct id_map *range)
{
	uint64_t end = (uint64_t)range->host_id + range->size;

	if (range->size == 0 || end > UINT32_MAX ||
	    (uint64_t)range->container_id + range->size > UINT32_MAX)
		return false;
	for (size_t i = 0; i < maps->n; i++)
		if (range->host_id < (uint64_t)maps->v[i].host_id + maps->v[i].size &&
		    maps->v[i].host_id < end)
			return false;
	return true;
}

void spec_add_ranges(FILE *file, const char *name, uint32_t id, struct id_maps *maps)
{
	autofree char *line = NULL;
	size_t size = 0;

	while (maps->n < SPEC_MAPS_MAX && getline(&line, &size, file) >= 0) {
		const struct id_map *last = &maps->v[maps->n - 1];
		struct id_map range = { .container_id = last->container_id + last->size };

		if (parse_range(line, name, id, &range) && range_fits(maps, &range))
			maps->v[maps->n++] = range;
	}
}

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* The login name of the user, malloc'd, or NULL. From the file alone: the name services of libc are
 * not for static programs. */
static char *find_user_name(uid_t uid)
{
	cleanup(close_file) FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	while (file && (entry = fgetpwent(file)))
		if (entry->pw_uid == uid)
			return strdup(entry->pw_name);
	return NULL;
}

static void read_ranges(const char *path, const char *name, uint32_t id, struct id_maps *maps)
{
	cleanup(close_file) FILE *file = fopen(path, "re");

	if (file)
		spec_add_ranges(file, name, id, maps);
}

/* Whether ranges beyond the caller's own id can be mapped: with privilege, or with the help of
 * set-uid programs. */
static bool may_map_ranges(void)
{
	struct id_map_helpers helpers = { -1, -1 };
	bool found;

	idmap_find_helpers(&helpers);
	found = helpers.newuidmap >= 0 && helpers.newgidmap >= 0;
	close_fd(&helpers.newuidmap);
	close_fd(&helpers.newgidmap);
	return found || geteuid() == 0;
}

static char *write_rootless_spec(void)
{
	struct id_map uids[SPEC_MAPS_MAX] = { { 0, geteuid(), 1 } };
	struct id_map gids[SPEC_MAPS_MAX] = { { 0, getegid(), 1 } };
	struct rootless rootless = { { 1, uids }, { 1, gids } };

	if (may_map_ranges()) {
		autofree char *name = find_user_name(geteuid());

		/* subgid(5) goes by the user, too, not by the group. */
		read_ranges("/etc/subuid", name, geteuid(), &rootless.uids);
		read_ranges("/etc/subgid", name, geteuid(), &rootless.gids);
	}
	return write_spec(&rootless);
}

int berth_spec_json(bool rootless, char **ret_json, struct berth_error *e)
{
	char *json = rootless ? write_rootless_spec() : write_spec(NULL);

	if (!json)
		return fail(e, ENOMEM, "write the default configuration");
	*ret_json = json;
	return 0;
}
