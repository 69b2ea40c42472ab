/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User and group id mappings (user_namespaces(7)): checking, writing them to a process, making a
 * user namespace for an idmapped mount.
 */
#ifndef LINUX_IDMAP_H
#define LINUX_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct id_map {
	uint32_t container_id, host_id, size;
};

struct id_maps {
	size_t n;
	struct id_map *v;
};

struct id_map_helpers {
	int newuidmap,
		newgidmap; /* the set-uid programs, opened O_PATH on the host; -1: not found */
};

/* Whether the calling process may write these maps itself: it holds CAP_SETUID and CAP_SETGID in
 * its user namespace, or each map is its own id alone. */
bool idmap_is_own(const struct id_maps *uids, const struct id_maps *gids);
/* Finds newuidmap(1) and newgidmap(1) on a fixed host path list. Not finding them is no error here.
 * The kernel honours their set-uid bit only for a process in the mount namespace that they were
 * opened in. */
void idmap_find_helpers(struct id_map_helpers *ret);
/* Writes /proc/PID/{setgroups,uid_map,gid_map}: directly where privileged or where idmap_is_own(),
 * else through the helpers. Where an unprivileged caller writes its own map, setgroups is denied
 * first, as the kernel demands. *ret_setgroups_denied says so. Advice names /etc/subuid, the
 * missing package or the missing range. */
int idmap_write(int proc, pid_t pid, const struct id_maps *uids, const struct id_maps *gids,
		const struct id_map_helpers *h, bool *ret_setgroups_denied,
		struct berth_error *e) must_check;

/* A user namespace fd with these maps (by a short-lived child), for
 * mount_setattr(MOUNT_ATTR_IDMAP). Needs privilege. */
int idmap_namespace(int proc, const struct id_maps *uids, const struct id_maps *gids, int *ret_fd,
		    struct berth_error *e) must_check;
/* The id in the container that stands for that id outside, if any; and the other way. */
bool idmap_to_host(const struct id_maps *m, uint32_t container_id, uint32_t *ret_host_id);
bool idmap_to_container(const struct id_maps *m, uint32_t host_id, uint32_t *ret_container_id);

#endif
