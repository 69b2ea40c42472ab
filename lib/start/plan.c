/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that starting a container does, in order. Read the table from top to bottom and you
 * know how berth works; docs/architecture.md explains it in prose. `berth plan` prints the rows
 * that a bundle needs, errors name them, and the fault tests enumerate them.
 */
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>

#include "linux/capabilities.h"
#include "linux/mounts.h"
#include "start/plan.h"
#include "start/steps.h"

static bool wants_userns(const struct start *s)
{
	return config_new_namespace(s->config, CLONE_NEWUSER);
}

static bool wants_any_userns(const struct start *s)
{
	return config_namespace(s->config, CLONE_NEWUSER) != NULL;
}

static bool wants_netns(const struct start *s)
{
	return config_new_namespace(s->config, CLONE_NEWNET);
}

static bool wants_join(const struct start *s)
{
	return config_joins(s->config);
}

static bool wants_mounts(const struct start *s)
{
	return config_new_namespace(s->config, CLONE_NEWNS);
}

/* Sources are opened on the host for two reasons: inside a user namespace the caller may be mapped
 * to a user who cannot reach them, and only a mount cloned here can be a peer of the host's. */
static bool wants_host_sources(const struct start *s)
{
	for (size_t i = 0; s->request->privileged && wants_mounts(s) && i < s->config->mounts.n;
	     i++) {
		if (s->config->mounts.v[i].bind || mount_is_mapped(&s->config->mounts.v[i]))
			return true;
	}
	return false;
}

static bool wants_cgroupns(const struct start *s)
{
	return config_new_namespace(s->config, CLONE_NEWCGROUP);
}

/* config-linux.md, "Cgroup ownership": exactly if the container gets a writable view of its own
 * cgroup. */
static bool wants_delegation(const struct start *s)
{
	for (size_t i = 0; wants_cgroupns(s) && i < s->config->mounts.n; i++) {
		const struct mount_spec *m = &s->config->mounts.v[i];

		if (m->source && text_equal(m->source, "cgroup") &&
		    text_equal(m->destination, "/sys/fs/cgroup"))
			return !(m->attr_set & MOUNT_ATTR_RDONLY);
	}
	return false;
}

static bool wants_terminal(const struct start *s)
{
	return s->config->process && s->config->process->terminal;
}

static bool wants_dev_console(const struct start *s)
{
	return wants_terminal(s) && wants_mounts(s);
}

static bool wants_console_socket(const struct start *s)
{
	return wants_terminal(s) && s->request->create->console_socket;
}

static bool wants_filter(const struct start *s)
{
	return s->config->lin->seccomp != NULL;
}

static bool wants_listener(const struct start *s)
{
	return wants_filter(s) && seccomp_notifies(s->config->lin->seccomp);
}

static bool wants_to_wait(const struct start *s)
{
	return s->request->wait;
}

static bool wants_notify(const struct start *s)
{
	return s->notifies;
}

static bool wants_runtime_hooks(const struct start *s)
{
	return s->config->hooks[HOOK_PRESTART].n || s->config->hooks[HOOK_CREATE_RUNTIME].n;
}

static bool wants_container_hooks(const struct start *s)
{
	return s->config->hooks[HOOK_CREATE_CONTAINER].n;
}

static bool wants_start_hooks(const struct start *s)
{
	return s->config->hooks[HOOK_START_CONTAINER].n;
}

static bool wants_poststart_hooks(const struct start *s)
{
	return s->config->hooks[HOOK_POSTSTART].n;
}

static bool wants_oom_score(const struct start *s)
{
	return s->config->process && s->config->process->oom_score_adj.set;
}

/* exec: without privilege, nobody may set it for a process that is not dumpable. */
static bool wants_inherited_oom_score(const struct start *s)
{
	return wants_oom_score(s) && !s->request->privileged;
}

static bool wants_set_oom_score(const struct start *s)
{
	return wants_oom_score(s) && s->request->privileged;
}

static bool wants_scheduling(const struct start *s)
{
	const struct config_process *p = s->config->process;

	return p && (p->scheduler || p->io_priority);
}

static bool wants_own_scheduling(const struct start *s)
{
	return wants_scheduling(s) && !wants_any_userns(s);
}

/* The kernel looks for CAP_SYS_NICE in the first user namespace, so the host has to do it. */
static bool wants_outer_scheduling(const struct start *s)
{
	return wants_scheduling(s) && wants_any_userns(s);
}

static bool wants_attributes(const struct start *s)
{
	return s->config->lin->memory_policy || s->config->lin->personality.set;
}

static bool wants_labels(const struct start *s)
{
	const struct config_process *p = s->config->process;

	return p && (p->apparmor_profile || p->selinux_label);
}

static bool wants_mount_label(const struct start *s)
{
	return s->config->lin->mount_label != NULL;
}

static bool wants_initial_affinity(const struct start *s)
{
	const struct exec_cpu_affinity *a = s->config->process->exec_cpu_affinity;

	return a && a->initial && *a->initial;
}

static bool wants_final_affinity(const struct start *s)
{
	const struct exec_cpu_affinity *a = s->config->process->exec_cpu_affinity;

	return a && a->final && *a->final;
}

static bool wants_net_devices(const struct start *s)
{
	return s->config->lin->net_devices.n;
}

/* Inside a user namespace nobody may make nodes. If the host may not either (no CAP_MKNOD), init
 * binds the host's own nodes instead. */
static bool wants_nodes(const struct start *s)
{
	return s->request->privileged && wants_any_userns(s) && wants_mounts(s) &&
	       s->config->lin->devices.n && capability_held(CAP_MKNOD);
}

static bool wants_rdt(const struct start *s)
{
	return s->config->lin->intel_rdt != NULL;
}

/* Root can open them anyway. */
static bool wants_streams(const struct start *s)
{
	return s->config->process && s->config->process->user.uid != 0;
}

static bool wants_names(const struct start *s)
{
	return s->config->hostname || s->config->domainname;
}

static bool wants_sysctls(const struct start *s)
{
	return s->config->lin->sysctl.n;
}

static bool wants_protection(const struct start *s)
{
	return s->config->lin->masked_paths.n || s->config->lin->readonly_paths.n;
}

/* Loading a filter takes CAP_SYS_ADMIN or no_new_privs (seccomp(2)). A program that is to have
 * neither needs the capability kept until the filter is loaded. */
static bool wants_drop(const struct start *s)
{
	return wants_filter(s) && identity_keeps_admin(s);
}

static bool lacks_mounts(const struct start *s)
{
	return !wants_mounts(s);
}

static bool wants_pid_file(const struct start *s)
{
	return s->request->create->pid_file != NULL;
}

static bool lacks_cgroup(const struct start *s)
{
	return s->cgroup.dir < 0;
}

/*
 * clang-format would make this unreadable:
 * actor, name, when, run, undo, signal, what
 */
/* clang-format off */
static const struct step start_rows[] = {
	/* Outside, before there is a container: all that can fail or allocate and needs no container. */
	{ HOST, "state", NULL, make_state, remove_state, NOBODY, "make the state directory, locked" },
	{ HOST, "procfs", NULL, open_procfs, NULL, NOBODY, "open a procfs, verified to be one" },
	{ HOST, "root", NULL, open_root, NULL, NOBODY, "open the root file system's directory" },
	{ HOST, "namespaces", wants_join, open_joined, NULL, NOBODY, "open the namespaces to join" },
	{ HOST, "id-helpers", wants_userns, find_id_helpers, NULL, NOBODY, "find newuidmap and newgidmap, if they are needed" },
	{ HOST, "mount-label", wants_mount_label, check_mount_label, NULL, NOBODY, "check that SELinux is enabled, for the label of mounts" },
	{ HOST, "find-devices", wants_net_devices, find_net_devices, NULL, NOBODY, "find the network devices, note their addresses" },
	{ HOST, "find-rdt", wants_rdt, find_rdt_group, NULL, NOBODY, "find resctrl, choose the class" },
	{ HOST, "sources", wants_host_sources, open_sources, NULL, NOBODY, "make detached copies of the sources of bind mounts" },
	{ HOST, "nodes", wants_nodes, make_nodes, NULL, NOBODY, "make the device nodes, which init is not allowed to make" },
	{ HOST, "console-socket", wants_console_socket, connect_console, NULL, NOBODY, "connect to the console socket" },
	{ HOST, "listen", wants_to_wait, listen_for_start, NULL, NOBODY, "make the socket on which init waits for `start`" },
	{ HOST, "notify-directory", wants_notify, make_notify_directory, NULL, NOBODY, "make the directory of the notification socket" },
	{ HOST, "channel", NULL, make_channel, NULL, NOBODY, "make the channel between host and init" },
	/* Recorded before it is made: if berth is killed in between, `delete --force` still finds the cgroup. */
	{ HOST, "cgroup-place", NULL, place_cgroup, NULL, NOBODY, "choose the cgroup and record it" },
	{ HOST, "rdt", wants_rdt, make_rdt_group, remove_rdt_group, NOBODY, "make the resctrl class and its monitoring group" },
	{ HOST, "cgroup", NULL, make_cgroup, remove_cgroup, NOBODY, "make the cgroup and set its limits" },
	{ HOST, "delegate", wants_delegation, delegate_cgroup, NULL, NOBODY, "give the cgroup to the container's user" },
	{ HOST, "clone", NULL, clone_container, end_container, NOBODY, "clone3 with the new namespaces, born into the cgroup" },

	/* Joining an existing namespace is the only reason for another process. */
	{ JOINER, "join", wants_join, join_namespaces, NULL, NOBODY, "enter the namespaces to join" },
	{ JOINER, "clone-init", wants_join, clone_from_joiner, NULL, NOBODY, "clone init from inside them, as the host's child" },
	/* Init waits for this, so that no message of its own overtakes the joiner's last one. */
	{ HOST, "adopt", wants_join, adopt_init, NULL, INIT, "take over init from the joiner" },

	/* Must come before id-maps: when init becomes root it is no longer dumpable, and its files in /proc belong to the host's root. */
	{ HOST, "oom-score", wants_oom_score, set_oom_score, NULL, NOBODY, "set init's oom_score_adj" },
	/* Before init has children: they inherit the class. */
	{ HOST, "join-rdt", wants_rdt, join_rdt_group, NULL, NOBODY, "put init into the resctrl class" },
	{ HOST, "id-maps", wants_userns, write_id_maps, NULL, INIT, "write init's uid and gid maps" },
	/* With a cgroup, `delete --force` finds init there. Without one, it needs the pid. */
	{ HOST, "record-pid", lacks_cgroup, save_state, NULL, NOBODY, "record init's pid, if no cgroup leads to init" },
	/* Must come before init continues: kernel parameters may concern the devices. The undo must come while init lives, or the kernel destroys them with the namespace. */
	{ HOST, "network-devices", wants_net_devices, move_net_devices, return_net_devices, INIT, "move network devices into the container" },
	/* These two take long, so they run while init makes its mounts. Must come before the hooks: some of them change the device program. */
	{ HOST, "device-program", NULL, apply_device_rules, NULL, NOBODY, "load the cgroup's device program, while init continues" },
	{ HOST, "filter", wants_filter, compile_filter, NULL, NOBODY, "compile the seccomp profile, while init continues" },

	/* Inside. Init's root directory is still the host's; the container's root is an fd. */
	{ INIT, "leave-host", NULL, leave_host, NULL, NOBODY, "close what belongs to the host, reset signals" },
	{ INIT, "heed-signals", wants_to_wait, heed_signals, NULL, NOBODY, "end on HUP, INT, QUIT or TERM until the program is executed" },
	/* Must come before become-root, after which init's files in /proc belong to the host's root. clone3 cannot do it: it would put init into the namespace at once, and then no offset can be set. */
	{ INIT, "clocks", wants_time_offsets, enter_time_namespace, NULL, NOBODY, "make the time namespace, with the clocks' offsets" },
	/* While init waits for `start`, exec may bring other processes into the container. */
	{ INIT, "untraceable", NULL, become_untraceable, NULL, NOBODY, "let nobody trace init or open its fds until it executes the program" },
	{ INIT, "become-root", wants_any_userns, become_root, NULL, NOBODY, "become root of the user namespace" },
	/* clone3 would make it as the host's root, and /dev/mqueue would belong to nobody in the container. */
	{ INIT, "ipc-namespace", wants_own_ipc, new_ipc_namespace, NULL, NOBODY, "make the ipc namespace, as root of the user namespace" },
	{ INIT, "session", NULL, new_session, NULL, NOBODY, "make a new session and session keyring" },
	/* clone3 would root it at the host's cgroup: copy_cgroup_ns() takes that of the cloning process. */
	{ INIT, "cgroup-namespace", wants_cgroupns, new_cgroup_namespace, NULL, NOBODY, "make the cgroup namespace, rooted at the container's cgroup" },
	{ INIT, "loopback", wants_netns, set_loopback_up, NULL, NOBODY, "bring up the loopback device of the new network namespace" },
	{ INIT, "isolate", wants_mounts, isolate_mounts, NULL, NOBODY, "stop mounts from propagating to the host" },
	{ INIT, "mount-root", NULL, mount_root, NULL, NOBODY, "mount the root file system on itself" },
	{ INIT, "mounts", wants_mounts, make_mounts, NULL, NOBODY, "make the mounts of the configuration, in order" },
	/* Must come after the mounts: one of them may be on /run. */
	{ INIT, "notify-mount", wants_notify, mount_notify_directory, NULL, NOBODY, "mount the notification socket's directory on /run/notify" },
	{ INIT, "devices", NULL, make_devices, NULL, NOBODY, "make the device nodes and links in /dev" },
	{ INIT, "terminal", wants_terminal, open_terminal, NULL, HOST, "make a pseudoterminal, the controlling terminal" },
	{ INIT, "dev-console", wants_dev_console, mount_console, NULL, NOBODY, "bind the terminal on /dev/console" },
	{ HOST, "console", wants_terminal, hand_on_terminal, NULL, NOBODY, "send the terminal to the console socket, or keep it" },
	/* runtime.md: these hooks run when namespaces and mounts are made, but before pivot_root. */
	{ INIT, "mounted", wants_runtime_hooks, NULL, NULL, HOST, "tell the host that the mounts are made" },
	{ HOST, "runtime-hooks", wants_runtime_hooks, run_runtime_hooks, NULL, INIT, "run the prestart and createRuntime hooks" },
	{ INIT, "container-hooks", wants_container_hooks, run_container_hooks, NULL, NOBODY, "run the createContainer hooks" },
	{ INIT, "enter-root", NULL, enter_root, NULL, NOBODY, "pivot_root, and detach the host's tree" },
	{ INIT, "names", wants_names, set_names, NULL, NOBODY, "set the host name and the domain name" },
	/* While the root can still be written to; as runc does. */
	{ INIT, "directory", NULL, make_directory, NULL, NOBODY, "make the working directory if it is missing" },
	/* Must come before protection: that makes /proc/sys read-only. */
	{ INIT, "sysctls", wants_sysctls, write_sysctls, NULL, NOBODY, "set kernel parameters" },
	{ INIT, "protection", wants_protection, protect_paths, NULL, NOBODY, "make paths read-only, mask paths" },
	{ INIT, "finish-root", wants_mounts, finish_root, NULL, NOBODY, "make the root read-only, set its propagation" },
	/* Must come before `program`, which exchanges the host's procfs for the container's. */
	{ INIT, "host-pid", wants_listener, learn_host_pid, NULL, NOBODY, "look up init's pid as the host sees it, for the seccomp agent" },
	/* Here and not after `start`, so that `create` can report what is missing. */
	{ INIT, "program", NULL, prepare_program, NULL, NOBODY, "find the program, build its environment" },
	{ INIT, "ready", NULL, NULL, NULL, HOST, "tell the host that the container is ready" },
	{ HOST, "created", NULL, save_created, NULL, NOBODY, "record the container as created, write the pid file" },
	{ HOST, "release", wants_to_wait, NULL, NULL, INIT, "let init wait for `start` alone" },
	{ INIT, "await-start", wants_to_wait, accept_start, NULL, NOBODY, "wait for `start` to connect" },

	/* `create` ends here; `start` continues. */
	/* The process that lets the program go (`start` or `run`) also waits for its READY=1. */
	{ HOST, "notify-socket", wants_notify, open_notify_socket, NULL, NOBODY, "listen for READY=1, connect to the caller's socket" },
	{ HOST, "go", NULL, send_last_word, NULL, INIT, "let init continue, and send it the page for its last word" },
	{ INIT, "last-word", NULL, map_last_word, NULL, NOBODY, "map that page" },
	{ HOST, "agent", wants_listener, connect_agent, NULL, INIT, "connect to the seccomp agent, pass the connection to init" },
	{ INIT, "keep-agent", wants_listener, keep_agent, NULL, NOBODY, "take that connection" },
	{ INIT, "start-hooks", wants_start_hooks, run_start_hooks, NULL, NOBODY, "run the startContainer hooks" },
	/* Must come after the hooks, which a low limit would hit, and before `identity`: an ordinary user may not raise limits. */
	{ INIT, "limits", NULL, set_limits, NULL, NOBODY, "set resource limits and umask" },
	/* Must come after the hooks, which run without these. */
	{ INIT, "scheduling", wants_own_scheduling, set_own_scheduling, NULL, NOBODY, "set scheduler and I/O priority" },
	{ INIT, "attributes", wants_attributes, set_attributes, NULL, NOBODY, "set memory policy and personality" },
	{ INIT, "labels", wants_labels, set_labels, NULL, NOBODY, "set AppArmor profile or SELinux label, from execve on" },
	/* So that the program can open /dev/stdout anew, as with runc. */
	{ INIT, "streams", wants_streams, own_streams, NULL, NOBODY, "give pipes on fds 0 to 2 to the program's user" },
	/* Must come after all that needs procfs or the root's fd. */
	{ INIT, "fds", NULL, arrange_fds, NULL, NOBODY, "close every fd but the program's and the channel" },
	{ INIT, "settled", wants_outer_scheduling, NULL, NULL, HOST, "tell the host that only the program is still to come" },
	{ HOST, "outer-scheduling", wants_outer_scheduling, set_scheduling_of_init, NULL, INIT, "set scheduler and I/O priority, from outside the user namespace" },
	{ INIT, "identity", NULL, take_identity, NULL, NOBODY, "set no_new_privs, groups, gid, uid, capabilities" },
	/* Must come after `identity`: the permissions that count are those of the program's user. */
	{ INIT, "working-directory", NULL, enter_directory, NULL, NOBODY, "enter the working directory" },
	/* Must come last: no system call of berth's own may depend on what the profile allows. */
	{ INIT, "listener", wants_listener, prepare_listener, NULL, NOBODY, "start the thread that will send the seccomp listener" },
	{ INIT, "load-filter", wants_filter, load_filter, NULL, NOBODY, "load the seccomp filter" },
	{ INIT, "drop", wants_drop, drop_admin, NULL, NOBODY, "drop the capability that was needed to load the filter" },
	{ INIT, "execute", NULL, execute, NULL, NOBODY, "execve the program" },
	{ HOST, "executed", NULL, await_execution, NULL, NOBODY, "wait until the program is executed" },
	{ HOST, "poststart-hooks", wants_poststart_hooks, run_poststart_hooks, NULL, NOBODY, "run the poststart hooks" },
};

/* One more process in a running container. */
static const struct step exec_rows[] = {
	{ HOST, "procfs", NULL, open_procfs, NULL, NOBODY, "open a procfs, verified to be one" },
	{ HOST, "console-socket", wants_console_socket, connect_console, NULL, NOBODY, "connect to the console socket" },
	{ HOST, "channel", NULL, make_channel, NULL, NOBODY, "make the channel between host and init" },
	{ HOST, "cgroup", NULL, open_container_cgroup, NULL, NOBODY, "open the container's cgroup" },
	{ HOST, "root", lacks_mounts, open_container_root, NULL, NOBODY, "open the container's root directory" },
	{ HOST, "rdt", wants_rdt, open_rdt_group, NULL, NOBODY, "open resctrl" },
	{ HOST, "initial-affinity", wants_initial_affinity, set_initial_affinity, restore_affinity, NOBODY, "run on the processors on which the process is to begin" },
	/* Must come before enter-pid, after which berth without privilege may not write to its own files in /proc. */
	{ HOST, "own-oom-score", wants_inherited_oom_score, set_oom_score, NULL, NOBODY, "set the oom_score_adj that the process inherits" },
	{ HOST, "enter-pid", NULL, enter_pid_namespace, undo_pid_namespace, NOBODY, "enter the pid namespace, so that the child is born in it" },
	{ HOST, "clone", NULL, clone_exec, end_container, NOBODY, "clone3, born into the cgroup" },
	{ HOST, "leave-pid", NULL, leave_pid_namespace, NULL, NOBODY, "return to berth's own pid namespace" },
	{ HOST, "oom-score", wants_set_oom_score, set_oom_score, NULL, NOBODY, "set the process's oom_score_adj" },
	{ HOST, "own-affinity", wants_initial_affinity, leave_initial_affinity, NULL, NOBODY, "return to berth's own processors" },
	{ HOST, "join-rdt", wants_rdt, join_rdt_group, NULL, NOBODY, "put the process into the resctrl class" },
	{ HOST, "filter", wants_filter, compile_filter, NULL, NOBODY, "compile the seccomp profile, while init continues" },
	{ INIT, "leave-host", NULL, leave_host, NULL, NOBODY, "close what belongs to the host, reset signals" },
	{ INIT, "affinity", wants_final_affinity, set_final_affinity, NULL, NOBODY, "run on the processors meant for the process" },
	{ INIT, "join", NULL, join_container, NULL, NOBODY, "enter the container's other namespaces" },
	{ INIT, "become-root", wants_any_userns, become_root, NULL, NOBODY, "become root of the user namespace" },
	{ INIT, "session", NULL, new_session, NULL, NOBODY, "make a new session and session keyring" },
	{ INIT, "terminal", wants_terminal, open_terminal, NULL, HOST, "make a pseudoterminal, the controlling terminal" },
	{ HOST, "console", wants_terminal, hand_on_terminal, NULL, NOBODY, "send the terminal to the console socket, or keep it" },
	{ INIT, "host-pid", wants_listener, learn_host_pid, NULL, NOBODY, "look up init's pid as the host sees it, for the seccomp agent" },
	{ INIT, "program", NULL, prepare_program, NULL, NOBODY, "find the program, build its environment" },
	{ HOST, "go", NULL, send_last_word, NULL, INIT, "let init continue, and send it the page for its last word" },
	{ INIT, "last-word", NULL, map_last_word, NULL, NOBODY, "map that page" },
	{ HOST, "agent", wants_listener, connect_agent, NULL, INIT, "connect to the seccomp agent, pass the connection to init" },
	{ INIT, "keep-agent", wants_listener, keep_agent, NULL, NOBODY, "take that connection" },
	{ INIT, "limits", NULL, set_limits, NULL, NOBODY, "set resource limits and umask" },
	{ INIT, "scheduling", wants_own_scheduling, set_own_scheduling, NULL, NOBODY, "set scheduler and I/O priority" },
	{ INIT, "attributes", wants_attributes, set_attributes, NULL, NOBODY, "set memory policy and personality" },
	{ INIT, "labels", wants_labels, set_labels, NULL, NOBODY, "set AppArmor profile or SELinux label, from execve on" },
	{ INIT, "streams", wants_streams, own_streams, NULL, NOBODY, "give pipes on fds 0 to 2 to the program's user" },
	{ INIT, "fds", NULL, arrange_fds, NULL, NOBODY, "close every fd but the program's and the channel" },
	{ INIT, "settled", wants_outer_scheduling, NULL, NULL, HOST, "tell the host that only the program is still to come" },
	{ HOST, "outer-scheduling", wants_outer_scheduling, set_scheduling_of_init, NULL, INIT, "set scheduler and I/O priority, from outside the user namespace" },
	{ INIT, "identity", NULL, take_identity, NULL, NOBODY, "set no_new_privs, groups, gid, uid, capabilities" },
	{ INIT, "working-directory", NULL, enter_directory, NULL, NOBODY, "enter the working directory" },
	{ INIT, "listener", wants_listener, prepare_listener, NULL, NOBODY, "start the thread that will send the seccomp listener" },
	{ INIT, "load-filter", wants_filter, load_filter, NULL, NOBODY, "load the seccomp filter" },
	{ INIT, "drop", wants_drop, drop_admin, NULL, NOBODY, "drop the capability that was needed to load the filter" },
	{ INIT, "execute", NULL, execute, NULL, NOBODY, "execve the program" },
	{ HOST, "executed", NULL, await_execution, NULL, NOBODY, "wait until the program is executed" },
	{ HOST, "pid-file", wants_pid_file, write_exec_pid, NULL, NOBODY, "write the pid file" },
};

/* A container from a checkpoint: criu makes the processes, namespaces and mounts. */
static const struct step restore_rows[] = {
	{ HOST, "state", NULL, make_state, remove_state, NOBODY, "make the state directory, locked" },
	{ HOST, "procfs", NULL, open_procfs, NULL, NOBODY, "open a procfs, verified to be one" },
	{ HOST, "root", NULL, open_root, NULL, NOBODY, "open the root file system's directory" },
	{ HOST, "namespaces", wants_join, open_joined, NULL, NOBODY, "open the namespaces to join" },
	{ HOST, "cgroup-place", NULL, place_cgroup, NULL, NOBODY, "choose the cgroup and record it" },
	{ HOST, "cgroup", NULL, make_cgroup, remove_cgroup, NOBODY, "make the cgroup and set its limits" },
	/* Must come before there are processes: they run at once, unlike those of `create`. */
	{ HOST, "device-program", NULL, apply_device_rules, NULL, NOBODY, "load the cgroup's device program" },
	{ HOST, "mount-points", wants_mounts, make_mount_points, NULL, NOBODY, "make missing mount points" },
	{ HOST, "processes", NULL, restore_processes, end_container, NOBODY, "let criu make the processes" },
	/* Only now, unlike in `create`: criu makes the whole container in one go. */
	{ HOST, "runtime-hooks", wants_runtime_hooks, run_runtime_hooks, NULL, NOBODY, "run the prestart and createRuntime hooks" },
	{ HOST, "created", NULL, save_created, NULL, NOBODY, "record the container, write the pid file" },
	{ HOST, "poststart-hooks", wants_poststart_hooks, run_poststart_hooks, NULL, NOBODY, "run the poststart hooks" },
};
/* clang-format on */

const struct plan restore_plan = { restore_rows, ARRAY_SIZE(restore_rows) };
const struct plan exec_plan = { exec_rows, ARRAY_SIZE(exec_rows) };
const struct plan start_plan = { start_rows, ARRAY_SIZE(start_rows) };

size_t plan_go(void)
{
	size_t i = 0;

	while (start_rows[i].run != accept_start)
		i++;
	return i + 1;
}

bool failed_in_start_hook(const struct start *s)
{
	int (*failed)(struct start *, struct berth_error *) = s->plan->rows[s->failed].run;

	return failed == run_start_hooks || failed == run_poststart_hooks;
}
