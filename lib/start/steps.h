/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that the rows of the plan run. Each does one step; which process it runs in, and
 * when, is said by its row in plan.c.
 */
#ifndef START_STEPS_H
#define START_STEPS_H

#include "start/plan.h"

/* prepare.c: the host, before there is a container */
int make_state(struct start *s, struct berth_error *e);
void remove_state(struct start *s);
int open_procfs(struct start *s, struct berth_error *e);
int open_root(struct start *s, struct berth_error *e);
int open_joined(struct start *s, struct berth_error *e);
int find_id_helpers(struct start *s, struct berth_error *e);
/* Where a bind mount's source is on the host: malloc'd; NULL without memory. */
char *path_of_source(const struct start *s, const struct mount_spec *m);
int open_sources(struct start *s, struct berth_error *e);
int connect_console(struct start *s, struct berth_error *e);
int compile_filter(struct start *s, struct berth_error *e);
int make_channel(struct start *s, struct berth_error *e);
int listen_for_start(struct start *s, struct berth_error *e);
int place_cgroup(struct start *s, struct berth_error *e);
int save_state(struct start *s, struct berth_error *e);
int make_cgroup(struct start *s, struct berth_error *e);
void remove_cgroup(struct start *s);
int delegate_cgroup(struct start *s, struct berth_error *e);

/* clone.c: how the processes come into being */
int clone_container(struct start *s, struct berth_error *e);
int clone_exec(struct start *s, struct berth_error *e);
void end_container(struct start *s);
int become_untraceable(struct start *s, struct berth_error *e);
int join_namespaces(struct start *s, struct berth_error *e);
int clone_from_joiner(struct start *s, struct berth_error *e);
int adopt_init(struct start *s, struct berth_error *e);
int leave_host(struct start *s, struct berth_error *e);
int heed_signals(struct start *s, struct berth_error *e);

/* nodes.c: device nodes for a user namespace */
int make_nodes(struct start *s, struct berth_error *e);
int attach_nodes(struct start *s, struct berth_error *e);
int open_node(const struct start *s, size_t i, int *ret_fd, struct berth_error *e);
int detach_nodes(struct start *s, struct berth_error *e);

/* attributes.c: what the process carries through execve(2) */
bool wants_time_offsets(const struct start *s);
int enter_time_namespace(struct start *s, struct berth_error *e);
int set_own_scheduling(struct start *s, struct berth_error *e);
int set_scheduling_of_init(struct start *s, struct berth_error *e);
int set_attributes(struct start *s, struct berth_error *e);
int set_labels(struct start *s, struct berth_error *e);
int check_mount_label(struct start *s, struct berth_error *e);
int set_initial_affinity(struct start *s, struct berth_error *e);
void restore_affinity(struct start *s);
int leave_initial_affinity(struct start *s, struct berth_error *e);
int set_final_affinity(struct start *s, struct berth_error *e);

/* network.c: network devices of the host for the container */
int find_net_devices(struct start *s, struct berth_error *e);
int move_net_devices(struct start *s, struct berth_error *e);
void return_net_devices(struct start *s);
void release_network(struct start *s);

/* restore.c: processes out of a checkpoint */
int make_mount_points(struct start *s, struct berth_error *e);
int restore_processes(struct start *s, struct berth_error *e);

/* notify.c: sd_notify(3) of the container's program */
int make_notify_directory(struct start *s, struct berth_error *e);
int open_notify_socket(struct start *s, struct berth_error *e);

/* resctrl.c: the container's class in resctrl */
int find_rdt_group(struct start *s, struct berth_error *e);
int make_rdt_group(struct start *s, struct berth_error *e);
void remove_rdt_group(struct start *s);
int join_rdt_group(struct start *s, struct berth_error *e);
int open_rdt_group(struct start *s, struct berth_error *e);

/* listener.c: the seccomp agent */
int connect_agent(struct start *s, struct berth_error *e);
int learn_host_pid(struct start *s, struct berth_error *e);
int keep_agent(struct start *s, struct berth_error *e);
int prepare_listener(struct start *s, struct berth_error *e);

/* attend.c: the host, while init works */
int apply_device_rules(struct start *s, struct berth_error *e);
int set_oom_score(struct start *s, struct berth_error *e);
int write_id_maps(struct start *s, struct berth_error *e);
int hand_on_terminal(struct start *s, struct berth_error *e);
int run_runtime_hooks(struct start *s, struct berth_error *e);
int write_pid_file(int proc, const char *path, pid_t pid, struct berth_error *e);
int save_created(struct start *s, struct berth_error *e);
int send_last_word(struct start *s, struct berth_error *e);
int await_execution(struct start *s, struct berth_error *e);
int run_poststart_hooks(struct start *s, struct berth_error *e);

/* enter.c: init takes its place */
int become_root(struct start *s, struct berth_error *e);
int new_session(struct start *s, struct berth_error *e);
bool wants_own_ipc(const struct start *s);
int new_ipc_namespace(struct start *s, struct berth_error *e);
int new_cgroup_namespace(struct start *s, struct berth_error *e);
int set_loopback_up(struct start *s, struct berth_error *e);
int isolate_mounts(struct start *s, struct berth_error *e);
int mount_root(struct start *s, struct berth_error *e);
int make_devices(struct start *s, struct berth_error *e);
int open_terminal(struct start *s, struct berth_error *e);
int mount_console(struct start *s, struct berth_error *e);
int run_container_hooks(struct start *s, struct berth_error *e);
int enter_root(struct start *s, struct berth_error *e);
int make_directory(struct start *s, struct berth_error *e);
int set_names(struct start *s, struct berth_error *e);
int write_sysctls(struct start *s, struct berth_error *e);
int protect_paths(struct start *s, struct berth_error *e);
int finish_root(struct start *s, struct berth_error *e);

/* exec.c: one more process */
int open_container_cgroup(struct start *s, struct berth_error *e);
int open_container_root(struct start *s, struct berth_error *e);
int enter_pid_namespace(struct start *s, struct berth_error *e);
int leave_pid_namespace(struct start *s, struct berth_error *e);
void undo_pid_namespace(struct start *s);
int join_container(struct start *s, struct berth_error *e);
int write_exec_pid(struct start *s, struct berth_error *e);

/* mounts.c: init mounts what the configuration lists */
int make_mounts(struct start *s, struct berth_error *e);
int mount_notify_directory(struct start *s, struct berth_error *e);

/* become.c: init turns into the container's process */
int prepare_program(struct start *s, struct berth_error *e);
int accept_start(struct start *s, struct berth_error *e);
int map_last_word(struct start *s, struct berth_error *e);
int run_start_hooks(struct start *s, struct berth_error *e);
int set_limits(struct start *s, struct berth_error *e);
int own_streams(struct start *s, struct berth_error *e);
int arrange_fds(struct start *s, struct berth_error *e);
int take_identity(struct start *s, struct berth_error *e);
bool identity_keeps_admin(const struct start *s);
int enter_directory(struct start *s, struct berth_error *e);
int load_filter(struct start *s, struct berth_error *e);
int drop_admin(struct start *s, struct berth_error *e);
int prepare_start_hook(void *start, struct berth_error *e);
int confine_start_hook(void *start, struct berth_error *e);
int execute(struct start *s, struct berth_error *e);

#endif
