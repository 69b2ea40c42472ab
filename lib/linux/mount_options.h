/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a mount's option list and what each of them does. One table serves decoding, `berth
 * features` and the errors.
 */
#ifndef LINUX_MOUNT_OPTIONS_H
#define LINUX_MOUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/arena.h"
#include "base/text.h"
#include "linux/idmap.h"

/* One mount as the configuration gives it. */
struct mount_spec {
	const char *destination;
	const char *type;   /* may be NULL */
	const char *source; /* may be NULL */
	size_t n_options;
	const char **options; /* as given */
	struct id_maps uids, gids;

	/* Derived from the options by mount_options_parse(). */
	bool bind, recursive_bind, remount, copy_up;
	bool idmap, recursive_idmap;
	uint64_t attr_set, attr_clear;   /* MOUNT_ATTR_*, for this mount alone */
	uint64_t rattr_set, rattr_clear; /* the same, for the whole tree (rro, rnosuid, ...); to be
					    applied first */
	unsigned long super_flags,
		super_clear;     /* MS_* of the superblock: sync, dirsync, mand, lazytime, iversion,
				    silent, and ro on a new file system */
	uint64_t propagation[2]; /* MS_SHARED ... as mount_attr.propagation wants them: [0] this
				    mount, [1] recursive, applied first; 0: not asked */
	size_t n_data;
	const char **
		data; /* what is for the file system itself: "size=64k", "mode=755", ... in order */
};

/* Every option word berth knows, sorted; the values say nothing. */
extern const struct word mount_option_words[];

/* Fills the derived part; memory from the arena. Contradictions in the list resolve as mount(8)
 * does: the later word wins. */
int mount_options_parse(struct arena *a, struct mount_spec *m, struct berth_error *e) must_check;

#endif
