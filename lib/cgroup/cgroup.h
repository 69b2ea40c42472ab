/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's place in the cgroup v2 tree (cgroups(7)). The tree is found in mountinfo,
 * wherever it is mounted; all work goes through directory fds. Paths are components compared as
 * such, never string prefixes; ".." is refused.
 */
#ifndef CGROUP_CGROUP_H
#define CGROUP_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/resources.h"

enum cgroup_manager { CGROUP_PLAIN, CGROUP_SYSTEMD, CGROUP_DISABLED };

struct cgroup_annotation {
	const char *name, *value;
};

struct cgroup_request {
	enum cgroup_manager manager;
	const char *path; /* linux.cgroupsPath or NULL */
	const char *id;   /* container id: the default name */
	bool rootless;    /* without privilege: no cgroup is fine if none can be made and none is
			     needed */
	const struct cgroup_resources *resources; /* NULL: none */
	bool devices_later;   /* the caller calls cgroup_apply_devices() itself, before anything of
				 the container runs */
	size_t n_annotations; /* for org.systemd.property.* */
	const struct cgroup_annotation *annotations;
};

/* A cgroup that berth made or found. `path` is what state keeps: relative to the tree's mount
 * point, beginning with "/"; NULL: none. */
struct cgroup {
	int dir;           /* directory fd, or -1 without a cgroup */
	char *path;        /* malloc'd */
	bool created;      /* by us: to be removed by us */
	pid_t placeholder; /* holds a systemd scope until something else lives in there; 0: none. A
			      child of ours: cgroup_settle() */
};

/* Works out the place without touching anything: *ret_path is malloc'd, NULL where the container
 * gets no cgroup. So the state directory can name it before it exists. A non-empty existing cgroup
 * is refused. */
int cgroup_locate(const struct cgroup_request *r, char **ret_path,
		  struct berth_error *e) must_check;
/* Makes it (with what is missing above, enabling the controllers that the resources need) and
 * applies the resources. A failure removes what was made. A non-empty existing cgroup is refused
 * here, too. */
int cgroup_create(const struct cgroup_request *r, const char *path, struct cgroup *ret,
		  struct berth_error *e) must_check;
/* Puts the device rules into force (none: the default set alone). Takes 0.1 ms, mostly the kernel's
 * verifier: time that the host's side has while the container's side mounts. Without the privilege
 * to (rootless) they are passed over with a debug message. */
int cgroup_apply_devices(const struct cgroup *c, const struct cgroup_resources *r,
			 struct berth_error *e) must_check;
/* Changes what is given of the resources, and keeps the rest (`berth update`). */
int cgroup_update(const struct cgroup *c, const struct cgroup_resources *r,
		  struct berth_error *e) must_check;
/* Opens an existing one by its kept path; -ENOENT if it is gone. */
int cgroup_open(const char *path, struct cgroup *ret, struct berth_error *e) must_check;
/* Opens the one that a further process of the container belongs in: the kept path, or, where
 * processes cannot live there as its own are in cgroups below it (systemd in a container, nesting),
 * the one of process `init`. */
int cgroup_open_beside(const char *path, pid_t init, struct cgroup *ret,
		       struct berth_error *e) must_check;
void cgroup_close(struct cgroup *c);

/* Kills every process in it and below (cgroup.kill, which reaches frozen ones too), waits until it
 * is empty (10 s at most: -ETIMEDOUT names what is left), removes it and what is below. Gone
 * already is success. Parent directories that cgroup_create() made go with the last one in them. */
int cgroup_remove(const char *path, struct berth_error *e) must_check;
/* The same for what a killed create left behind: nobody can say how far it came, so a cgroup that
 * is not marked as this container's is only removed if it is empty. */
int cgroup_remove_unfinished(const char *path, const char *id, struct berth_error *e) must_check;
/* For a container whose record is lost: the place that it must have had, malloc'd, if there is a
 * cgroup with its mark there; NULL where there is none. An error says why that cannot be told. */
int cgroup_find_lost(const struct cgroup_request *r, char **ret_path,
		     struct berth_error *e) must_check;
/* Sends a signal to each process in it and below; SIGKILL through cgroup.kill. */
int cgroup_signal(const struct cgroup *c, int signal, struct berth_error *e) must_check;
/* All pids in it and below, malloc'd. */
int cgroup_processes(const struct cgroup *c, pid_t **ret_pids, size_t *ret_n,
		     struct berth_error *e) must_check;
int cgroup_freeze(const struct cgroup *c, bool frozen, struct berth_error *e) must_check;
/* The v2 tree's directory (O_PATH), for those who look at many cgroups. */
int cgroup_open_tree(int *ret_dir, struct berth_error *e) must_check;
/* Whether the cgroup of that kept path is frozen (cgroup.events). */
int cgroup_is_frozen(int tree, const char *path, bool *ret, struct berth_error *e) must_check;
/* Gives the directory and the files of /sys/kernel/cgroup/delegate to that host user
 * (config-linux.md, "Cgroup ownership"). */
int cgroup_delegate(const struct cgroup *c, uid_t uid, gid_t gid, struct berth_error *e) must_check;

/*
 * With systemd (manager CGROUP_SYSTEMD) the cgroup is that of a transient scope, which is called
 * `unit`. Instead of cgroup_locate(), cgroup_create() and cgroup_remove(); everything else works
 * alike. systemd is asked by a program of its own in libexecdir (systemd/main.c): the user's
 * instance with `user`.
 */
/* The unit's name, malloc'd. Touches nothing. */
int cgroup_locate_scope(const struct cgroup_request *r, char **ret_unit,
			struct berth_error *e) must_check;
/* Has systemd make it, with all resources that it has properties for, and applies them all to the
 * tree. A scope cannot be empty, so a process of ours waits in it. */
int cgroup_create_scope(const struct cgroup_request *r, const char *unit, struct cgroup *ret,
			struct berth_error *e) must_check;
/* To be called once the container's process is in there, and on every other way out: ends that
 * process. */
void cgroup_settle(struct cgroup *c);
/* After cgroup_update(): tells systemd the new values, so that it does not put back the old
 * ones. */
int cgroup_update_scope(const struct cgroup *c, const char *unit, bool user,
			const struct cgroup_resources *r, struct berth_error *e) must_check;
/* Removes cgroup (`path`, NULL: not known) and unit. Gone already is success. `unfinished_id`: of a
 * half-made container; a unit that is not this one's is left alone. */
int cgroup_remove_scope(const char *path, const char *unit, bool user, const char *unfinished_id,
			struct berth_error *e) must_check;

/* Where the v2 tree is mounted (malloc'd), from /proc/self/mountinfo; -ENODEV with advice where
 * there is none. */
int cgroup_mount_point(char **ret_path, struct berth_error *e) must_check;

#endif
