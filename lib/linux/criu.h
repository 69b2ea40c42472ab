/* SPDX-License-Identifier: Apache-2.0 */
/*
 * criu(8), the program that saves processes to images and restores them. berth uses its command
 * line.
 */
#ifndef LINUX_CRIU_H
#define LINUX_CRIU_H

#include <berth/container.h>

#include "base/arena.h"
#include "base/process.h"

enum { CRIU_WORDS = 512 };

/* A command line being built. A word that has no room, or no memory, is told by criu_run(). */
struct criu {
	struct arena arena;
	const char *words[CRIU_WORDS + 1];
	size_t n;
	bool incomplete;
	int keep[COMMAND_KEEPS]; /* fds that it inherits */
	size_t n_keep;
	const char *images, *work; /* directories, absolute */
	const char *log;           /* file in `work` */
};

/* Begins with criu's own command ("dump") and what `options` say; makes the directories where
 * `make` is set. */
int criu_begin(struct criu *c, const char *command, const struct berth_criu *options, bool make,
	       struct berth_error *e) must_check;
void criu_add(struct criu *c, const char *fmt, ...) printf_like(2, 3);
/* Runs `program` (NULL: criu, from $PATH), for which `base` may have namespaces and a preparation.
 * A failure ends with the errors of criu's log. */
int criu_run(struct criu *c, const char *program, const struct command *base,
	     struct berth_error *e) must_check;
void criu_free(struct criu *c);

/* What of the container's standard streams is not its own, in CRIU's words ("pipe:[INODE]",
 * "file[MOUNT:INODE]"): a line each, number and word, in this file of the images. */
#define CRIU_STREAMS "berth-streams"

#endif
