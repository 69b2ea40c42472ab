/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two forms of a container's state: the JSON that `berth state` prints and hooks read on
 * standard input (runtime.md, "State"), and the record that berth keeps in the state directory for
 * itself.
 */
#ifndef OCI_STATE_H
#define OCI_STATE_H

#include <stdint.h>

#include <berth/container.h>

#include "base/arena.h"
#include "oci/config.h"

/* status is a string of the specification; pid as the reader sees it; annotations may be empty. One
 * line, malloc'd; NULL without memory. */
char *state_json(const char *id, enum berth_status status, pid_t pid, const char *bundle,
		 const struct key_values *annotations, bool pretty) must_check;

/* The container process state that goes to a seccomp agent (config-linux.md); `state` is what
 * state_json() made, metadata may be NULL. */
char *process_state_json(pid_t pid, const char *metadata, const char *state) must_check;

/* What berth keeps (state.json in the container's state directory). Written before anything exists
 * that it names, so that `delete --force` finds all of it. */
struct state_record {
	const char *id, *bundle, *rootfs, *created;
	bool creating;       /* create has not finished */
	bool ends_quietly;   /* the configuration has no poststop hooks: delete need not read it */
	uint64_t owner;      /* uid */
	uint64_t pid;        /* 0: not yet */
	uint64_t start_time; /* of the pid, clock ticks: see base/process.h */
	const char *cgroup;  /* path in the v2 tree, NULL: none */
	const char *unit;    /* systemd scope, NULL: none */
	uint64_t memory_limit; /* of a scope, whose cgroup may be gone when it is asked for; 0: none
				*/
	const char *rdt_group; /* class of resctrl to be removed, NULL: none */
	const char
		*rdt_monitor; /* monitoring group to be removed, GROUP/mon_groups/ID; NULL: none */
	struct key_values annotations;
};

char *state_record_json(const struct state_record *r) must_check;
/* Strings are copied into the arena. */
int state_record_parse(const char *text, size_t length, struct arena *a, struct state_record *ret,
		       struct berth_error *e) must_check;

#endif
