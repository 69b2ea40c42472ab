/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the container's process carries through execve(2) besides its ids: clocks, scheduler, I/O
 * priority, memory policy, personality, processors, labels. Trust: all values are the
 * configuration's; labels are written through a verified procfs, never through what the container
 * happens to have at /proc.
 *
 * Namespaces: those of init, except for the host's rows.
 */
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/lsm.h"
#include "start/steps.h"

bool wants_time_offsets(const struct start *s)
{
	return s->config->lin->monotonic.set || s->config->lin->boottime.set;
}

int enter_time_namespace(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	return time_namespace_enter(s->proc, &l->monotonic, &l->boottime, e);
}

static int apply_scheduling(const struct config_process *p, pid_t pid, struct berth_error *e)
{
	int r = p->scheduler ? scheduler_apply(pid, p->scheduler, e) : 0;

	return r == 0 && p->io_priority ? io_priority_apply(pid, p->io_priority, e) : r;
}

int set_own_scheduling(struct start *s, struct berth_error *e)
{
	return apply_scheduling(s->config->process, 0, e);
}

int set_scheduling_of_init(struct start *s, struct berth_error *e)
{
	return apply_scheduling(s->config->process, s->pid, e);
}

int set_attributes(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	int r = l->memory_policy ? memory_policy_apply(l->memory_policy, e) : 0;

	return r == 0 && l->personality.set ? personality_apply(l->personality.domain, e) : r;
}

int set_labels(struct start *s, struct berth_error *e)
{
	const struct config_process *p = s->config->process;
	int r = p->apparmor_profile ? apparmor_apply(s->proc, p->apparmor_profile, e) : 0;

	return r == 0 && p->selinux_label ? selinux_apply(s->proc, p->selinux_label, e) : r;
}

/* The kernel would refuse the option "context" as unknown; this says why. */
int check_mount_label(struct start *s, struct berth_error *e)
{
	if (selinux_enabled())
		return 0;
	return refuse(e, EOPNOTSUPP, "%s was asked for, but SELinux is not enabled on this host",
		      s->config->lin->mount_label);
}

/* glibc's wrappers want a cpu_set_t, which is too small for the largest machines. */
int set_initial_affinity(struct start *s, struct berth_error *e)
{
	if (syscall(SYS_sched_getaffinity, 0, sizeof(s->affinity), s->affinity) < 0)
		return fail(e, errno, "read our own CPU affinity");
	return cpu_affinity_apply(s->config->process->exec_cpu_affinity->initial, e);
}

void restore_affinity(struct start *s)
{
	/* A cpuset may have changed meanwhile; then what the kernel makes of it is as good. */
	(void)syscall(SYS_sched_setaffinity, 0, sizeof(s->affinity), s->affinity);
}

int leave_initial_affinity(struct start *s, struct berth_error *e)
{
	(void)e;
	restore_affinity(s);
	return 0;
}

int set_final_affinity(struct start *s, struct berth_error *e)
{
	return cpu_affinity_apply(s->config->process->exec_cpu_affinity->final, e);
}
