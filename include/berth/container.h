/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of containers (OCI runtime-spec 1.3.0, runtime.md): create, start, kill, delete, and
 * what one may ask of them in between.
 *
 * None of these functions is safe to call from a process with several threads: they use fork,
 * namespaces and the working directory.
 */
#ifndef BERTH_CONTAINER_H
#define BERTH_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <berth/config.h>
#include <berth/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

enum berth_cgroup_manager { BERTH_CGROUP_PLAIN, BERTH_CGROUP_SYSTEMD, BERTH_CGROUP_DISABLED };
enum berth_rootless { BERTH_ROOTLESS_AUTO, BERTH_ROOTLESS_YES, BERTH_ROOTLESS_NO };

/* Where state lives and how cgroups are made. Zero is a good default. */
struct berth_runtime {
	const char *root; /* state directory; NULL: /run/berth, or $XDG_RUNTIME_DIR/berth without
			     privilege */
	enum berth_cgroup_manager cgroup_manager;
	enum berth_rootless rootless;
	bool strict; /* unknown properties of a configuration are errors */
	/* What main() got, if the program may be executed anew with it: create, run and exec may
	 * have to do that, before anything else is done, where a container could come to write to
	 * the executing file (CVE-2019-5736). NULL: never; then that file has to be one that no
	 * container can write to. */
	char *const *arguments;
	const char *criu; /* the program that checkpoints and restores; NULL: criu, from $PATH */
	/* Told about the findings of a configuration, warnings as well as errors, before the call
	 * returns. May be NULL. */
	void (*report)(const struct berth_report *report, void *data);
	void *report_data;
};

struct berth_create {
	const char *id;
	const char *bundle;         /* directory; NULL: the working directory */
	const char *config_file;    /* NULL: config.json of the bundle */
	const char *pid_file;       /* written atomically before success; NULL: none */
	const char *console_socket; /* AF_UNIX stream socket that gets the terminal's master; NULL:
				       none */
	unsigned int preserve_fds;  /* fds 3 .. 3+n-1 (after those of $LISTEN_FDS) stay open in the
				       container; none of them may be close-on-exec */
	bool no_pivot; /* MS_MOVE instead of pivot_root(2), for a root file system in a ramfs */
	bool no_new_keyring;
};

/* Makes the container and leaves its first process waiting for berth_start(). */
int berth_create(const struct berth_runtime *rt, const struct berth_create *c,
		 struct berth_error *e);
/* Lets it execute the program. An error of the execution itself is returned here. Runs the
 * poststart hooks. */
int berth_start(const struct berth_runtime *rt, const char *id, struct berth_error *e);

/* create and start. Attached (not `detach`), it waits for the process, forwards signals to it,
 * carries its terminal, deletes the container (unless `keep`), and *ret_status is as a shell says
 * it: exit status, or 128 + signal. */
struct berth_run {
	struct berth_create create;
	bool detach, keep, no_subreaper;
};
int berth_run(const struct berth_runtime *rt, const struct berth_run *r, int *ret_status,
	      struct berth_error *e);

/* One more process in a running container. What is not given is as the container's own process has
 * it (config.md, "Process"). */
struct berth_exec {
	const char *id;
	const char *process_file; /* JSON of a process object, instead of the container's own; NULL:
				     none */
	const char *const *args;  /* NULL-terminated; NULL: as the process object says */
	const char *const *env;   /* NULL-terminated NAME=VALUE, added; NULL: none */
	const char *cwd;          /* NULL: unchanged */
	bool terminal;            /* without process_file: whether it gets one */
	bool has_uid, has_gid;
	uint32_t uid, gid;      /* in the container */
	const uint32_t *groups; /* added */
	size_t n_groups;
	const char *const
		*capabilities; /* NULL-terminated "CAP_...", added to the bounding, effective and
				  permitted sets, never to the inheritable */
	bool no_new_privs;
	const char *apparmor_profile, *selinux_label; /* NULL: unchanged */
	const char *cgroup; /* below the container's; NULL: the container's */
	bool ignore_paused, detach;
	const char *pid_file, *console_socket; /* as in struct berth_create */
	unsigned int preserve_fds;
};
/* Attached, waits for it and sets *ret_status as berth_run() does. */
int berth_exec(const struct berth_runtime *rt, const struct berth_exec *x, int *ret_status,
	       struct berth_error *e);

/* Sends the signal to the first process, or to each process of the container with `all`.
 * -ESRCH-like errors have the text engines look for: "container not running". */
int berth_kill(const struct berth_runtime *rt, const char *id, int signal, bool all,
	       struct berth_error *e);
/* A signal's number from "TERM", "SIGTERM", "RTMIN+3", "15" or "0", case folded. Anything else is
 * -EINVAL, a number out of range -ERANGE. */
int berth_signal_parse(const char *text, int *ret_signal, struct berth_error *e);
/* Removes a stopped container and all that was made for it; with `force` in whatever state it is,
 * half-created too, and not existing is no error. Runs the poststop hooks. */
int berth_delete(const struct berth_runtime *rt, const char *id, bool force, struct berth_error *e);

/* Stops every process of the container where it stands, and lets them go on. -EINVAL with the texts
 * of runc where it is not running, or not paused. */
int berth_pause(const struct berth_runtime *rt, const char *id, struct berth_error *e);
int berth_resume(const struct berth_runtime *rt, const char *id, struct berth_error *e);
/* Changes limits while the container lives. `resources` is JSON as linux.resources of a
 * configuration has it; what is absent stays. Findings in it are reported under `name`. */
int berth_update(const struct berth_runtime *rt, const char *id, const char *resources,
		 const char *name, struct berth_error *e);

/* What CRIU (https://criu.org) is told, for checkpoint and restore alike. */
enum berth_criu_cgroups { BERTH_CRIU_SOFT, BERTH_CRIU_FULL, BERTH_CRIU_STRICT, BERTH_CRIU_IGNORE };
struct berth_criu {
	const char *image_path; /* directory of the images; NULL: "checkpoint" in the working
				   directory */
	const char *work_path; /* directory of its log, dump.log or restore.log; NULL: image_path */
	bool tcp_established, external_unix_sockets, shell_job, file_locks, auto_dedup, lazy_pages;
	bool empty_network; /* the network namespace's devices and addresses are somebody else's
			       business */
	enum berth_criu_cgroups cgroups;
};

struct berth_checkpoint {
	const char *id;
	struct berth_criu criu;
	const char *
		parent_path; /* images of an earlier pre_dump, relative to image_path; NULL: none */
	const char
		*page_server; /* ADDRESS:PORT that memory is sent to; NULL: it goes to the images */
	unsigned int status_fd; /* gets a NUL byte once lazy pages can be fetched; 0: none */
	bool leave_running;
	bool pre_dump; /* only memory, and the container goes on */
};
/* Writes the state of all processes of a running or paused container to images. Without
 * leave_running or pre_dump they end, and the container is deleted. The error of a failure ends
 * with what CRIU's log says. Takes root. */
int berth_checkpoint(const struct berth_runtime *rt, const struct berth_checkpoint *c,
		     struct berth_error *e);

struct berth_restore {
	struct berth_run run; /* as for berth_run(); of `create`, preserve_fds and no_pivot have no
				 meaning */
	struct berth_criu criu;
	const char
		*lsm_profile; /* "apparmor:NAME" or "selinux:LABEL", instead of the checkpoint's */
	const char *lsm_mount_context; /* of SELinux, likewise */
};
/* Makes a container out of a bundle like that of the checkpoint's, its processes from the
 * images. */
int berth_restore(const struct berth_runtime *rt, const struct berth_restore *r, int *ret_status,
		  struct berth_error *e);

/* What the container uses now, as `runc events --stats` prints it:
 * {"type":"stats","id":ID,"data":{...}}, one line, malloc'd. */
int berth_stats(const struct berth_runtime *rt, const char *id, char **ret_json,
		struct berth_error *e);
struct berth_events {
	unsigned int interval_ms; /* between statistics; 0: none, OOM events alone */
	/* Gets each event as a line of JSON: statistics, and {"type":"oom","id":ID} as soon as the
	 * OOM killer has been there. Not 0 ends the call with that value. */
	int (*each)(const char *json, void *data);
	void *data;
};
/* Returns 0 when no process is left in the container. */
int berth_events(const struct berth_runtime *rt, const char *id, const struct berth_events *v,
		 struct berth_error *e);

enum berth_status { BERTH_CREATING, BERTH_CREATED, BERTH_RUNNING, BERTH_PAUSED, BERTH_STOPPED };
const char *berth_status_text(enum berth_status status);

struct berth_annotation {
	const char *key, *value;
};

/* What the OOM killer did to a container that has stopped. */
struct berth_oom {
	uint64_t kills; /* processes; 0: it was not there */
	uint64_t limit; /* bytes; UINT64_MAX: none of the container's own */
	uint64_t peak;  /* bytes in use at the most; 0: not known (before Linux 5.19) */
};

/* runtime.md, "State", and what `berth list` shows besides. */
struct berth_state {
	const char *id;
	enum berth_status status;
	pid_t pid;           /* 0 when stopped */
	const char *bundle;  /* absolute */
	const char *rootfs;  /* absolute */
	const char *created; /* RFC 3339, UTC, nanoseconds; empty while the record is made */
	uid_t owner;         /* who created it */
	size_t n_annotations;
	const struct berth_annotation *annotations;
	struct berth_oom oom; /* for as long as the stopped container's cgroup is there */
};

int berth_state(const struct berth_runtime *rt, const char *id, struct berth_state **ret_state,
		struct berth_error *e);
void berth_state_free(struct berth_state *state);
/* As `berth state` prints it (state-schema.json), malloc'd. */
char *berth_state_json(const struct berth_state *state);

struct berth_states {
	size_t n;
	struct berth_state **v; /* sorted by id */
};
/* All containers of the runtime's root. No root directory yet is an empty list. Unreadable ones are
 * passed over with a logged warning. */
int berth_list(const struct berth_runtime *rt, struct berth_states *ret, struct berth_error *e);
void berth_states_free(struct berth_states *states);

/* The pids of the container's processes, as the caller sees them, malloc'd. */
int berth_processes(const struct berth_runtime *rt, const char *id, pid_t **ret_pids, size_t *ret_n,
		    struct berth_error *e);

/* The steps that creating and starting a container of this configuration would take, in order. */
struct berth_step {
	const char *name;   /* "pivot-root" */
	const char *actor;  /* "host", "init", "joiner" */
	const char *signal; /* who it tells: "host -> init", or NULL */
	const char *what;   /* one line for people */
	bool undone;        /* has an undo */
};
int berth_plan(const struct berth_config *config, const struct berth_create *c,
	       void (*each)(const struct berth_step *step, void *data), void *data,
	       struct berth_error *e);

/* Makes the calling program go on from a file that nobody can write to, if need be by executing it
 * anew, unless that is so already. For a program that finds itself as the first process of a pid
 * namespace: then it may be a container that executes it. */
int berth_protect_self(char *const *argv, struct berth_error *e);

/* "1.0.0" of berth, and of the specification it implements. */
const char *berth_version(void);
const char *berth_spec_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
