/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What create, start, kill, delete and the others share.
 */
#ifndef CONTAINER_LIFE_H
#define CONTAINER_LIFE_H

#include "container/store.h"
#include "start/plan.h"

/* What the status of a container is read from, besides its directory. Each is opened when it is
 * first needed, and kept for the other containers of a list. */
struct probe {
	int proc, cgroups; /* procfs and the v2 tree, or -1 */
};
void probe_close(struct probe *p);
#define autoprobe cleanup(probe_close)

/* The status of a container, from its record, its socket, its process and its cgroup. */
int life_look(struct probe *p, const struct entry *en, enum berth_status *ret_status,
	      struct berth_error *e) must_check;
/* The same of one alone. *ret_pidfd (may be NULL) is its first process's, or -1. */
int life_status(const struct entry *en, enum berth_status *ret_status, int *ret_pidfd,
		struct berth_error *e) must_check;

/* Adds to an error on the way into a container that it has ended meanwhile, if it has. `pidfd`: its
 * first process's, or -1. */
void life_explain(int pidfd, struct berth_error *e);

/* What the OOM killer did, as long as the cgroup, or else systemd's journal, is there to tell; *ret
 * stays as it is where it cannot. */
void life_find_oom(const struct entry *en, struct berth_oom *ret);
/* The journal alone: since then (CLOCK_REALTIME, microseconds; 0: the container was made). */
void life_ask_for_oom(const struct entry *en, uint64_t since_us, struct berth_oom *ret);

/* Ends and removes everything of the container. The lock is held. `config` (may be NULL: it is
 * read) has the poststop hooks. */
int life_destroy(struct entry *en, const struct berth_config *config,
		 struct berth_error *e) must_check;

/* A container being made: everything that berth_create() and berth_run() set up before the plan is
 * walked. */
struct making {
	const struct berth_runtime *rt;
	struct berth_create create; /* with absolute bundle */
	char *bundle, *rootfs, *created;
	struct berth_config *config;
	struct entry entry;
	struct start_request request;
	struct start start;
};

int making_prepare(struct making *m, const struct berth_runtime *rt, const struct berth_create *c,
		   bool wait, struct berth_error *e) must_check;
/* Carries it in the foreground to its end, and deletes it unless `keep`. */
int making_attend(struct making *m, bool keep, int *ret_status, struct berth_error *e) must_check;
void making_release(struct making *m);

/* Where this container could come to write to berth's executing file: continues from a mount or
 * copy of it that nobody can write to, perhaps by executing it anew. `stays_alone`: nothing else
 * enters the container before its program has begun. */
int protect_from_container(const struct berth_runtime *rt, const struct berth_config *c,
			   bool stays_alone, struct berth_error *e) must_check;

/* Whether the fds that are to be passed on are open. */
int check_passed_fds(const struct start *s, struct berth_error *e) must_check;

/* Before the container is made: orphans of a container without a pid namespace are to become our
 * children, not the host's init's. */
int foreground_reap(struct berth_error *e) must_check;
/* Carries a foreground container until its process has ended: signals, terminal, exit status. */
int foreground_wait(struct start *s, int *ret_status, struct berth_error *e) must_check;

#endif
