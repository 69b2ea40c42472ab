/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU scheduler, I/O priority, memory policy and CPU affinity of the process about to be executed.
 * All values come from the configuration.
 */
#include "linux/process_attributes.h"

#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/number.h"

/* The kernel keeps the number and implements nothing behind it. */
#define SCHED_ISO 4
/* Since Linux 6.9. */
#define MPOL_WEIGHTED_INTERLEAVE 6

const struct word scheduler_policy_words[] = {
	{ "SCHED_BATCH", SCHED_BATCH }, { "SCHED_DEADLINE", SCHED_DEADLINE },
	{ "SCHED_FIFO", SCHED_FIFO },   { "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_ISO", SCHED_ISO },     { "SCHED_OTHER", SCHED_NORMAL },
	{ "SCHED_RR", SCHED_RR },       { NULL, 0 },
};

const struct word scheduler_flag_words[] = {
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ NULL, 0 },
};

const struct word io_class_words[] = {
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ NULL, 0 },
};

const struct word memory_mode_words[] = {
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_LOCAL", MPOL_LOCAL },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY },
	{ "MPOL_WEIGHTED_INTERLEAVE", MPOL_WEIGHTED_INTERLEAVE },
	{ NULL, 0 },
};

const struct word memory_flag_words[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
	{ NULL, 0 },
};

/* struct sched_attr of Linux 5.3 and later (sched_setattr(2)); glibc has it only since 2.41. */
struct kernel_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void advise_scheduler(const struct scheduler_spec *s, int err, struct berth_error *e)
{
	bool realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;

	if (err == EPERM && s->policy == SCHED_DEADLINE)
		advise(e, "this takes CAP_SYS_NICE, and the cpuset has to span all processors");
	else if (err == EPERM)
		advise(e, "a real-time policy or a nice value below berth's own takes "
			  "CAP_SYS_NICE, or "
			  "RLIMIT_RTPRIO or RLIMIT_NICE; on cgroup v1, cpu.rt_runtime_us must not "
			  "be 0");
	else if (err == EBUSY)
		advise(e, "the processors have not that much time left for deadline tasks");
	else if (err == EOPNOTSUPP)
		advise(e, "the kernel was built without utilization clamping");
	else if (err == EINVAL && s->policy == SCHED_ISO)
		advise(e, "Linux does not implement this policy");
	else if (err == EINVAL && s->policy == SCHED_DEADLINE)
		advise(e, "it has to be runtime <= deadline <= period, and runtime more than 1 "
			  "microsecond");
	else if (err == EINVAL && realtime && (s->priority < 1 || s->priority > 99))
		advise(e, "the priority of a real-time policy ranges from 1 to 99");
	else if (err == EINVAL && !realtime && s->priority != 0)
		advise(e, "only SCHED_FIFO and SCHED_RR take a priority");
}

int scheduler_apply(pid_t pid, const struct scheduler_spec *s, struct berth_error *e)
{
	struct kernel_sched_attr attr = {
		.size = sizeof(attr),
		.policy = (uint32_t)s->policy,
		.flags = s->flags,
		.nice = s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};

	/* The kernel clamps a nice value that is out of range, in silence. */
	if (s->nice < -20 || s->nice > 19)
		return refuse(e, EINVAL, "set the scheduler: nice %d is not within -20 to 19",
			      s->nice);
	if (syscall(SYS_sched_setattr, pid, &attr, 0) == 0)
		return 0;

	const char *name = word_of(scheduler_policy_words, s->policy);
	int r = fail(e, errno, "set the scheduler to %s", name ? name : "an unknown policy");

	advise_scheduler(s, -r, e);
	return r;
}

int io_priority_apply(pid_t pid, const struct io_priority_spec *p, struct berth_error *e)
{
	const char *name = word_of(io_class_words, p->class);

	if (!name || p->priority < 0 || p->priority >= IOPRIO_NR_LEVELS)
		return refuse(e, EINVAL,
			      "set the I/O priority: class %d, priority %d is not one (0 to 7)",
			      p->class, p->priority);
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid,
		    IOPRIO_PRIO_VALUE(p->class, p->priority)) == 0)
		return 0;

	int r = fail(e, errno, "set the I/O priority to %s, %d", name, p->priority);

	if (r == -EPERM)
		advise(e, "the real-time class takes CAP_SYS_ADMIN or CAP_SYS_NICE");
	return r;
}

static bool is_blank(const char *list)
{
	return !list || list[strspn(list, " ")] == '\0';
}

int memory_policy_apply(const struct memory_policy_spec *m, struct berth_error *e)
{
	enum { NODES_MAX = 1024 };
	unsigned long mask[NODES_MAX / (8 * sizeof(long))] = { 0 };
	bool any = !is_blank(m->nodes);
	const char *name = word_of(memory_mode_words, m->mode);

	if (any) {
		int r = parse_list(m->nodes, (unsigned char *)mask, sizeof(mask));

		if (r < 0)
			return fail(e, -r, "memory policy: nodes \"%s\"", m->nodes);
	}
	/* The kernel takes one bit less than it is told (get_nodes() in mm/mempolicy.c). */
	if (syscall(SYS_set_mempolicy, m->mode | (int)m->flags, any ? mask : NULL,
		    any ? NODES_MAX + 1 : 0) == 0)
		return 0;

	int r = fail(e, errno, "set the memory policy %s, nodes \"%s\"", name ? name : "unknown",
		     any ? m->nodes : "");

	if (r == -ENOSYS)
		advise(e, "the kernel was built without NUMA");
	else if (r == -EINVAL)
		advise(e, "nodes have to exist and be allowed by the cpuset; MPOL_DEFAULT and "
			  "MPOL_LOCAL take none, the "
			  "others need some; MPOL_WEIGHTED_INTERLEAVE needs Linux 6.9");
	return r;
}

int cpu_affinity_apply(const char *list, struct berth_error *e)
{
	enum { CPUS_MAX = 8192 }; /* the most that Linux can be built for on x86_64 */
	unsigned long mask[CPUS_MAX / (8 * sizeof(long))] = { 0 };

	if (is_blank(list))
		return 0;

	int r = parse_list(list, (unsigned char *)mask, sizeof(mask));

	if (r < 0)
		return fail(e, -r, "CPU affinity \"%s\"", list);
	/* Not glibc's wrapper: it wants a cpu_set_t. */
	if (syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask) == 0)
		return 0;
	r = fail(e, errno, "set the CPU affinity to %s", list);
	if (r == -EINVAL)
		advise(e, "none of these processors is online and allowed by the cpuset");
	return r;
}
