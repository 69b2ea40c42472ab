/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of containers (OCI runtime-spec 1.3.0, runtime.md): create, start, kill, delete, and
 * everything one may ask of them in between.
 *
 * Errors. Each function that takes a struct berth_error returns 0, or -errno with a message in it
 * (berth/error.h). Common to all that take an id:
 *	-ENOENT  there is no such container
 *	-EBUSY   another berth has been working on it for 10 seconds
 *	-EPERM   the state directory belongs to somebody else, or others may write to it
 *	-EUCLEAN its state.json is damaged
 * On failure, output parameters are left as they were.
 *
 * Threads. Call these functions from a process with one thread only: they clone processes, change
 * the working directory for a moment, and set signal masks.
 *
 * Ownership. Strings and structures that are passed in stay the caller's and are not needed after
 * the call. What is marked "malloc'd" is the caller's to free(3).
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

/* Where state is kept and how cgroups are made. All zero is a good default. */
struct berth_runtime {
	const char *root; /* state directory; NULL: /run/berth for root, $XDG_RUNTIME_DIR/berth or
			     /tmp/berth-UID for others */
	enum berth_cgroup_manager cgroup_manager;
	enum berth_rootless rootless;
	bool strict; /* unknown properties of a configuration are errors */
	/* The arguments of main(), if the calling program may be executed anew with them. create,
	 * run and exec do that, before anything else, where a container could write to the
	 * executing file (CVE-2019-5736). NULL: never. Then the caller has to be a file that no
	 * container can write to. */
	char *const *arguments;
	const char *criu; /* the program that checkpoints and restores; NULL: criu, from $PATH */
	/* Gets the findings of a configuration, warnings as well as errors, before the call
	 * returns. The report is freed afterwards. May be NULL. */
	void (*report)(const struct berth_report *report, void *data);
	void *report_data;
};

struct berth_create {
	const char *id; /* letters, digits, "_", and after the first also "-", "." and "+"; at most
			   255 */
	const char *bundle;      /* directory; NULL: the working directory */
	const char *config_file; /* NULL: config.json of the bundle */
	const char *pid_file;    /* gets the pid as the caller sees it, replaced atomically before
				    success; NULL: none */
	const char *console_socket; /* AF_UNIX stream socket that gets the terminal's master; NULL:
				       none */
	unsigned int preserve_fds;  /* fds 3 .. 3+n-1 (after those of $LISTEN_FDS) stay open in the
				       container; none of them may be close-on-exec */
	bool no_pivot; /* MS_MOVE instead of pivot_root(2), for a root file system in a ramfs */
	bool no_new_keyring;
};

/*
 * Makes the container, and leaves its first process waiting for berth_start() (runtime.md,
 * "Create"). That process is a child of the calling process, which has to reap it.
 *
 * -EEXIST: the id is in use. -EINVAL: the configuration has errors (see berth_runtime.report), or
 * the options do not suit it. Otherwise the errno of the step that failed; the message begins with
 * the step's name. After a failure nothing is left.
 */
int berth_create(const struct berth_runtime *rt, const struct berth_create *c,
		 struct berth_error *e);
/*
 * Lets it execute the program and runs the poststart hooks (runtime.md, "Start"). Returns when
 * execve(2) has succeeded; an error of execve(2) itself is returned here (-ENOENT, -EACCES,
 * -ENOEXEC). If NOTIFY_SOCKET is set, waits for READY=1 as well. -EINVAL: the container is not in
 * the state "created", or its configuration has no process.
 */
int berth_start(const struct berth_runtime *rt, const char *id, struct berth_error *e);

/*
 * Create and start in one. Attached (not `detach`), it then forwards all signals to the process,
 * copies between its terminal and fds 0 and 1, waits for it, and deletes the container (unless
 * `keep`). *ret_status is the exit status, or 128 plus the signal's number; 0 if detached.
 *
 * SIGCHLD must not be ignored. While attached, it reaps every child of the calling process, and
 * (unless `no_subreaper`) becomes the subreaper of the container's orphans. Errors: those of
 * berth_create() and berth_start().
 */
struct berth_run {
	struct berth_create create;
	bool detach, keep, no_subreaper;
};
int berth_run(const struct berth_runtime *rt, const struct berth_run *r, int *ret_status,
	      struct berth_error *e);

/* One more process in a running container. What is not given is taken from the container's own
 * process (config.md, "Process"). */
struct berth_exec {
	const char *id;
	const char *process_file; /* JSON of a process object, instead of the container's own; NULL:
				     none. What it leaves out of capabilities, rlimits, oomScoreAdj,
				     apparmorProfile and selinuxLabel is as in the container */
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
				  permitted sets; to the ambient one if they are inheritable
				  already, and never to the inheritable one */
	bool no_new_privs;
	const char *apparmor_profile, *selinux_label; /* NULL: unchanged */
	const char *cgroup; /* below the container's; NULL: the container's */
	bool ignore_paused, detach;
	const char *pid_file, *console_socket; /* as in struct berth_create */
	unsigned int preserve_fds;
};
/* Attached, waits for it and sets *ret_status as berth_run() does. -EBUSY: the container is paused
 * and ignore_paused is not set. -EINVAL: it is not running, or an option is wrong. Otherwise the
 * errno of the step that failed, execve(2) included.
 *
 * Without privilege on the host, the way into a container leads through its user namespace, from
 * which there is no return: the calling process stays in there, undumpable and with the container's
 * oom_score_adj. Call it from a child process, then. */
int berth_exec(const struct berth_runtime *rt, const struct berth_exec *x, int *ret_status,
	       struct berth_error *e);

/*
 * Sends the signal to the first process, or with `all` to each process of the container
 * (runtime.md, "Kill"). Signal 0 only checks that the process is there. -ESRCH: it has ended; the
 * message is the one that engines look for, "container not running". With `all`, a container
 * without processes is no error.
 */
int berth_kill(const struct berth_runtime *rt, const char *id, int signal, bool all,
	       struct berth_error *e);
/* A signal's number from "TERM", "SIGTERM", "RTMIN+3", "15" or "0"; upper and lower case are the
 * same (signal(7)). -EINVAL: not a signal. -ERANGE: a number out of range. Thread-safe. */
int berth_signal_parse(const char *text, int *ret_signal, struct berth_error *e);
/*
 * Removes a stopped container and everything that was made for it, and runs the poststop hooks
 * (runtime.md, "Delete"). With `force`, a container in any other state is killed first, even a half
 * created or damaged one, and a missing container is no error. Without it, -EBUSY: not stopped.
 */
int berth_delete(const struct berth_runtime *rt, const char *id, bool force, struct berth_error *e);

/* Freezes and thaws every process of the container (cgroup.freeze). -EINVAL, with the texts of
 * runc: the container is not running, or not paused. -EOPNOTSUPP: it has no cgroup. */
int berth_pause(const struct berth_runtime *rt, const char *id, struct berth_error *e);
int berth_resume(const struct berth_runtime *rt, const char *id, struct berth_error *e);
/*
 * Changes limits while the container lives. `resources` is JSON, an object like linux.resources of
 * a configuration (config-linux.md, "Control groups"); what is absent stays. Findings are reported
 * under the file name `name`. -EINVAL: the container is not running, or the JSON has errors.
 * -EOPNOTSUPP: it has no cgroup. After a failure the limits are as they were.
 */
int berth_update(const struct berth_runtime *rt, const char *id, const char *resources,
		 const char *name, struct berth_error *e);

/* Options for criu (https://criu.org), for both checkpoint and restore. */
enum berth_criu_cgroups { BERTH_CRIU_SOFT, BERTH_CRIU_FULL, BERTH_CRIU_STRICT, BERTH_CRIU_IGNORE };
struct berth_criu {
	const char *image_path; /* directory of the images; NULL: "checkpoint" in the working
				   directory */
	const char *work_path; /* directory of its log, dump.log or restore.log; NULL: image_path */
	bool tcp_established, external_unix_sockets, shell_job, file_locks, auto_dedup, lazy_pages;
	bool empty_network; /* leave out the devices and addresses of the network namespace */
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
/*
 * Saves the state of all processes of a running or paused container to images. Without
 * leave_running or pre_dump the processes end, and the container is deleted. -EINVAL: the container
 * is neither running nor paused. -EPERM: the caller is not root. -EOPNOTSUPP: it has a terminal.
 * When criu fails, the message ends with the errors of its log.
 */
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
/* Makes a container from a bundle like the checkpoint's; criu makes its processes from the images.
 * *ret_status as in berth_run(). -EPERM: the caller is not root. */
int berth_restore(const struct berth_runtime *rt, const struct berth_restore *r, int *ret_status,
		  struct berth_error *e);

/* What the container uses now, in the format of `runc events --stats`:
 * {"type":"stats","id":ID,"data":{...}}, one line, malloc'd. -EINVAL: it is not running.
 * -EOPNOTSUPP: it has no cgroup. */
int berth_stats(const struct berth_runtime *rt, const char *id, char **ret_json,
		struct berth_error *e);
struct berth_events {
	unsigned int interval_ms; /* milliseconds between statistics; 0: only OOM events */
	/* Gets each event as a line of JSON, valid during the call: statistics, and
	 * {"type":"oom","id":ID} as soon as the OOM killer has ended a process. If it returns other
	 * than 0, berth_events() ends with that value. */
	int (*each)(const char *json, void *data);
	void *data;
};
/* Returns 0 when no process is left in the container. Errors as for berth_stats(). */
int berth_events(const struct berth_runtime *rt, const char *id, const struct berth_events *v,
		 struct berth_error *e);

enum berth_status { BERTH_CREATING, BERTH_CREATED, BERTH_RUNNING, BERTH_PAUSED, BERTH_STOPPED };
/* "creating", "created", ... (runtime.md, "State"); static. Thread-safe. */
const char *berth_status_text(enum berth_status status);

struct berth_annotation {
	const char *key, *value;
};

/* What the OOM killer did to a container that has stopped. */
struct berth_oom {
	uint64_t kills; /* number of processes killed; 0: none */
	uint64_t limit; /* bytes; UINT64_MAX: the container has no limit of its own */
	uint64_t peak;  /* largest use in bytes; 0: not known (before Linux 5.19) */
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

/* The state of a container. Free it with berth_state_free(), which accepts NULL; all its strings go
 * with it. */
int berth_state(const struct berth_runtime *rt, const char *id, struct berth_state **ret_state,
		struct berth_error *e);
void berth_state_free(struct berth_state *state);
/* As JSON (state-schema.json), the output of `berth state`, malloc'd. NULL: out of memory.
 * Thread-safe. */
char *berth_state_json(const struct berth_state *state);

struct berth_states {
	size_t n;
	struct berth_state **v; /* sorted by id */
};
/* All containers of the state directory. If there is no such directory, the list is empty.
 * A container that cannot be read is an error: nobody is to take it for deleted. Free the list with
 * berth_states_free(). */
int berth_list(const struct berth_runtime *rt, struct berth_states *ret, struct berth_error *e);
void berth_states_free(struct berth_states *states);

/* The pids of the container's processes in the caller's pid namespace, malloc'd. -EOPNOTSUPP: it
 * has no cgroup, so its processes are not known. */
int berth_processes(const struct berth_runtime *rt, const char *id, pid_t **ret_pids, size_t *ret_n,
		    struct berth_error *e);

/* A step of the plan (docs/architecture.md). The strings are static. */
struct berth_step {
	const char *name;   /* "enter-root" */
	const char *actor;  /* "host", "init", "joiner" */
	const char *signal; /* who it tells: "host -> init", or NULL */
	const char *what;   /* one line for people */
	bool undone;        /* has an undo */
};
/* Calls `each` for the steps that creating and starting a container of this configuration would
 * take, in order. Nothing is done. */
int berth_plan(const struct berth_config *config, const struct berth_create *c,
	       void (*each)(const struct berth_step *step, void *data), void *data,
	       struct berth_error *e);

/*
 * For a program that finds itself to be process 1 of a pid namespace: perhaps a container executes
 * it. Makes the program continue from a copy or mount of its file that nobody can write to, if
 * necessary by executing it anew with `argv`; does nothing if that is so already. Returns 0 when
 * the program is protected (docs/decisions/self-protection.md).
 */
int berth_protect_self(char *const *argv, struct berth_error *e);

/* The version of berth, like "1.0.0", and of the specification it implements; static.
 * Thread-safe. */
const char *berth_version(void);
const char *berth_spec_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
