/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory: ROOT/ID/{state.json, config.json, start}.
 *
 *	state.json   what berth has to remember (oci/state.h); replaced atomically
 *	config.json  the configuration as it was when the container was made; later edits of the
 *	             bundle's change nothing
 *	start        the socket where init waits for `start`; gone once the container has been
 *	             started
 *	notify/      where the program says that it is ready, if it is asked to (start/notify.h)
 *
 * ROOT belongs to berth's user, and nobody else may write to it (made with 0700; checked whenever
 *it is opened). The lock is flock(2) on the container's directory: held by create until it has
 *ended, and by every command that changes something. Readers need none, since state.json is always
 *whole.
 */
#ifndef CONTAINER_STORE_H
#define CONTAINER_STORE_H

#include <stdbool.h>

#include <berth/container.h>

#include "base/arena.h"
#include "oci/state.h"

/* [A-Za-z0-9_] and, but not at the beginning, [+.-]; no longer than a file's name. Says which
 * character is wrong. */
int store_check_id(const char *id, struct berth_error *e) must_check;

/* The root directory, opened and proved ours; -ENOENT where it does not exist and `make` is
 * false. */
int store_open_root(const struct berth_runtime *rt, bool make, int *ret_root,
		    struct berth_error *e) must_check;
/* Whether we run without the host's privilege. */
bool store_rootless(const struct berth_runtime *rt);

/* One container's entry. */
struct entry {
	int root, dir; /* directory fds, or -1 */
	const char *id;
	struct arena arena; /* of the record's strings */
	struct state_record record;
	bool rootless;   /* see store_rootless() */
	bool unreadable; /* there is no whole state.json: create was killed early, or `damaged` */
	bool damaged;    /* state.json is not what berth wrote: the container may be alive */
};

/* Opens an existing one; -ENOENT with the text "container does not exist" that engines look for. */
int entry_open(const struct berth_runtime *rt, const char *id, struct entry *ret,
	       struct berth_error *e) must_check;
/* The same of a name that was read from the opened root, which the entry does not keep: for looking
 * at it alone. */
int entry_look(int root, const char *id, struct entry *ret, struct berth_error *e) must_check;
/* Opens an existing one and takes its lock, for those who change something. What is recorded is
 * read afterwards: it may have moved on while we waited. */
int entry_open_locked(const struct berth_runtime *rt, const char *id, struct entry *ret,
		      struct berth_error *e) must_check;
/* Takes the lock; waits at most ten seconds for a living holder. */
int entry_lock(struct entry *en, struct berth_error *e) must_check;
void entry_unlock(struct entry *en);
/* Reads state.json (again). */
int entry_load(struct entry *en, struct berth_error *e) must_check;
/* The same, but one that is not there, or not whole, is no error: create may have been killed
 * early, and delete has to cope. */
int entry_reload(struct entry *en, struct berth_error *e) must_check;
int entry_save(const struct entry *en, const struct state_record *r,
	       struct berth_error *e) must_check;
/* Makes a new one, locked, with the configuration's text in it. */
int entry_make(const struct berth_runtime *rt, const char *id, const char *config, size_t length,
	       struct entry *ret, struct berth_error *e) must_check;
/* Removes the directory and what is in it; nothing there is fine. */
int entry_remove(struct entry *en, struct berth_error *e) must_check;
/* The configuration kept with it. */
int entry_config(const struct entry *en, struct berth_config **ret,
		 struct berth_error *e) must_check;
void entry_close(struct entry *en);

#endif
