/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that checkpoint and restore have in common. `c` is the static struct berth_criu they
 * go into.
 */
#ifndef CMD_CRIU_OPTIONS_H
#define CMD_CRIU_OPTIONS_H

#include "command.h"

static const struct choice criu_cgroup_modes[] = {
	{ "soft", BERTH_CRIU_SOFT },
	{ "full", BERTH_CRIU_FULL },
	{ "strict", BERTH_CRIU_STRICT },
	{ "ignore", BERTH_CRIU_IGNORE },
	{ NULL, 0 },
};
static const struct choice criu_empty_namespaces[] = {
	{ "network", true },
	{ NULL, 0 },
};

/* clang-format off */
#define CRIU_OPTIONS(c, empty) \
	TEXT("image-path", 0, "DIR", &(c).image_path, "directory of the images; default: checkpoint in the working directory"), \
	TEXT("work-path", 0, "DIR", &(c).work_path, "directory of criu's log; default: that of the images"), \
	FLAG("tcp-established", 0, &(c).tcp_established, "include established TCP connections"), \
	FLAG("ext-unix-sk", 0, &(c).external_unix_sockets, "allow Unix sockets that are connected to outside the container"), \
	FLAG("shell-job", 0, &(c).shell_job, "allow processes of a session that began outside the container"), \
	FLAG("file-locks", 0, &(c).file_locks, "include file locks"), \
	FLAG("auto-dedup", 0, &(c).auto_dedup, "drop memory from the images that is no longer needed there"), \
	FLAG("lazy-pages", 0, &(c).lazy_pages, "fetch memory only when it is needed (userfaultfd)"), \
	CHOICE("manage-cgroups-mode", 0, criu_cgroup_modes, &(c).cgroups, "how criu treats cgroups"), \
	CHOICE("empty-ns", 0, criu_empty_namespaces, &(empty), "leave out what is in the network namespace")
/* clang-format on */

#endif
