/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a container starts: one ordered list of named steps, in plan.c. Up to three processes walk
 * the same list, each running its own rows:
 *
 *	host    berth itself, outside. It trusts nothing that comes from inside.
 *	joiner  only where a namespace is joined by path: enters those, makes init, ends.
 *	init    the container's first process. It is berth's code until the last row, and runs the
 *	        container's program from then on.
 *
 * A row that names another actor in `signal` is a rendezvous: its own actor runs it and then sends
 * a message; the other waits for it at the same row. So sends and waits are in one order and cannot
 * mismatch. A failure in any process crosses the channel as an error, with the row's name in front.
 * If a peer ends without a message, that is an error too, which names the row that was waited for.
 */
#ifndef START_PLAN_H
#define START_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include <berth/container.h>

#include "cgroup/cgroup.h"
#include "linux/idmap.h"
#include "oci/config.h"
#include "oci/state.h"
#include "start/interrupt.h"

enum actor { NOBODY, HOST, JOINER, INIT };

struct sock_filter;
struct start;

struct step {
	enum actor actor;
	const char *name;
	bool (*when)(const struct start *s); /* NULL: always */
	int (*run)(struct start *s, struct berth_error *e);
	void (*undo)(struct start *s); /* the host's rows alone; NULL: nothing to undo */
	enum actor signal;             /* who waits for this row; NOBODY: no one */
	const char *what;              /* one line for people */
};

/* A list of rows. There are three: making and starting a container, executing one more process in a
 * running one, and making a container out of a checkpoint. */
struct plan {
	const struct step *rows;
	size_t n;
};
extern const struct plan start_plan, exec_plan, restore_plan;
/* The row of start_plan at which `start` takes over from `create`. */
size_t plan_go(void);

/* Keeps the container's state while the plan is walked; lib/container implements it. */
struct keeper {
	void *data;
	/* Makes the container's state directory, locked; *ret_dir stays the keeper's. */
	int (*make)(void *data, int *ret_dir, struct berth_error *e);
	int (*save)(void *data, const struct state_record *r, struct berth_error *e);
	void (*remove)(void *data);
};

struct start_request {
	const struct berth_config *config;
	const struct berth_create *create; /* id, bundle (absolute here), options */
	enum cgroup_manager cgroup_manager;
	bool rootless;
	bool privileged; /* CAP_SYS_ADMIN in our user namespace */
	bool wait;       /* create: init waits for `start`. Otherwise (run) it goes on at once. */
	struct keeper keeper;

	/* exec_plan alone */
	int target;             /* pidfd of the container's first process */
	const char *sub_cgroup; /* below the container's, or NULL */

	/* restore_plan alone */
	const struct berth_restore *restore;
	const char *criu; /* the program, or NULL */
};

/*
 * What the processes share by being copied at clone(2): each has its own from then on, and only
 * messages cross. Fds are -1 until opened.
 */
struct start {
	enum actor me;
	const struct plan *plan;
	size_t at; /* the row being walked */
	const struct start_request *request;
	const struct berth_config *config; /* the request's */
	struct state_record record;        /* what the keeper saves */

	int proc;      /* a procfs to be trusted: linux/procfs.h */
	int state_dir; /* of this container; the keeper's */
	int root;     /* host: the root file system's directory. init: the container's root mount */
	int home;     /* host: the working directory to come back to */
	int *joined;  /* one fd for each of config->lin->namespaces, -1 where it is new */
	int *sources; /* one fd for each of config->mounts: a detached copy of a bind mount's
			 source, or -1 */
	int null_device;
	int nodes;   /* a tmpfs with a node for each of config->lin->devices, by number, or -1 */
	int channel; /* host: to init. init: to who drives it: create or run, then start */
	int container_end;            /* the channel's other end, until cloned */
	int listener;                 /* init: where `start` connects (create only) */
	int console_socket, terminal; /* terminal: host: the pty's master; init: its slave */
	int filter;                   /* a memfd holding the compiled seccomp program */
	const struct sock_filter *filter_program; /* init: the same, mapped */
	size_t filter_length;                     /* in instructions */
	int agent;                                /* init: the connection to the seccomp agent */
	int resctrl;                              /* host: the root of that file system */
	int outbox, inbox; /* an fd to go with the next signal, or that came with the last */

	struct cgroup cgroup;
	char *unit; /* the systemd scope that the cgroup is, or NULL */
	struct id_map_helpers id_helpers;
	bool setgroups_denied;
	bool cgroup_ns_is_host; /* the cgroup namespace that is joined is berth's own */
	bool has_cgroup;        /* init: it was born into a cgroup of its own */
	mode_t umask;   /* of berth's caller: the program's, unless the configuration has one */
	uint64_t began; /* when the walk began, in microseconds; the debug log's rows count from
			   there */
	struct interrupt interrupt; /* host: signals held back during the walk */
	pid_t pid; /* of init, as the host sees it (init knows it only where a seccomp agent is
		      told) */
	int pidfd;
	bool foreign_error;    /* the error came from the peer: it has its row's name already */
	size_t failed;         /* the row that failed, here or there */
	int deferred_readonly; /* index of the mount on /dev that becomes read-only once the devices
				  are made, or -1 */
	char **env;            /* the program's */
	char *program;         /* its path */
	unsigned int n_listen_fds;
	bool notifies;    /* our caller waits for READY=1: start/notify.h */
	int notify_mount; /* a detached copy of the notification directory; -1: only its path is
			     known */
	char *notify_path;
	int notify_in, notify_out; /* host: from the program, to our caller */
	struct capability_sets
		capabilities;           /* init: what the kernel granted, by the row identity */
	struct network *network;        /* host: the devices on the move */
	struct listener_sender *sender; /* init: sends the seccomp listener away */
	bool makes_rdt_group;
	char *rdt_monitor;
	unsigned long affinity[8192 / (8 * sizeof(long))]; /* host: its own, during exec */
	int dumpable;                                      /* host: likewise (prctl(2)) */
	struct last_word
		*last_word; /* see last_word.h: where init tells that the execution failed */
};

void start_init(struct start *s, const struct start_request *r, const struct plan *plan);
/* Closes what the host still holds. The terminal and the pidfd are for the caller to take
 * before. */
void start_release(struct start *s);

/* How many fds, from 3 on, are the caller's for the program. */
unsigned int passed_fds(const struct start *s);

/* Walks the rows from..to (exclusive). In the host: returns 0, or an error after the undo of what
 * was done from `from` on. The other processes do not return. */
int plan_walk(struct start *s, size_t from, size_t to, struct berth_error *e) must_check;

/* Whether the walk failed in a hook that runs once the container exists: runtime.md wants it
 * destroyed then. */
bool failed_in_start_hook(const struct start *s);
/* Whether this row is part of this container's start. */
bool step_wanted(const struct step *row, const struct start *s);
const char *actor_name(enum actor a);

#endif
