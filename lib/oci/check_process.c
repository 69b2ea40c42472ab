/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for config.process: of a container (config.md, "Process") and of `berth exec
 * --process`. Trust: as in check.c.
 */
#include "oci/check_rules.h"

#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum {
	CONSOLE_SIZE_MAX = UINT16_MAX, /* struct winsize */
	NICE_MIN = -20,
	NICE_MAX = 19,
	REALTIME_PRIORITY_MIN = 1,
	REALTIME_PRIORITY_MAX = 99,
	DEADLINE_RUNTIME_MIN = 1024, /* ns; sched(7) */
};

static void check_console_size(const struct config_process *p, struct findings *f)
{
	/* Without a terminal it is to be ignored, whatever it says. */
	if (!p->console_size || !p->terminal)
		return;
	if (p->console_size->height > CONSOLE_SIZE_MAX)
		wrong(f, "/process/consoleSize/height", "more than %d", CONSOLE_SIZE_MAX);
	if (p->console_size->width > CONSOLE_SIZE_MAX)
		wrong(f, "/process/consoleSize/width", "more than %d", CONSOLE_SIZE_MAX);
}

static bool is_id(uint32_t id, const struct id_maps *maps)
{
	uint32_t host_id;

	return id != NO_ID && (!maps || idmap_to_host(maps, id, &host_id));
}

static void refuse_id(const char *pointer, uint32_t id, const char *maps, struct findings *f)
{
	if (id == NO_ID)
		wrong(f, pointer, "%u is no id: the kernel takes it for -1", id);
	else
		wrong(f, pointer, "id %u is not mapped in the user namespace: see linux.%s", id,
		      maps);
}

/* Maps that are known here: those of a new user namespace that decoded well. */
static const struct id_maps *known_maps(const struct berth_config *c, const struct id_maps *maps,
					const char *pointer, struct findings *f)
{
	return config_new_namespace(c, CLONE_NEWUSER) && maps->n && !findings_has_error(f, pointer)
		       ? maps
		       : NULL;
}

static void check_user(const struct berth_config *c, struct findings *f)
{
	const struct user_spec *u = &c->process->user;
	const struct id_maps *uids = known_maps(c, &c->lin->uids, "/linux/uidMappings", f);
	const struct id_maps *gids = known_maps(c, &c->lin->gids, "/linux/gidMappings", f);

	if (!is_id(u->uid, uids))
		refuse_id("/process/user/uid", u->uid, "uidMappings", f);
	if (!is_id(u->gid, gids))
		refuse_id("/process/user/gid", u->gid, "gidMappings", f);
	if (u->n_groups > NGROUPS_MAX)
		wrong(f, "/process/user/additionalGids", "%zu groups; the kernel takes at most %d",
		      u->n_groups, NGROUPS_MAX);
	for (size_t i = 0; i < u->n_groups; i++)
		if (!is_id(u->groups[i], gids) &&
		    !check_damaged("/process/user/additionalGids", i, f))
			refuse_id(at(f, "/process/user/additionalGids/%zu", i), u->groups[i],
				  "gidMappings", f);
}

static void check_env(const struct config_process *p, struct findings *f)
{
	for (size_t i = 0; i < p->env.n; i++) {
		const char *equals = strchr(p->env.v[i], '=');

		if (!equals)
			odd(f, at(f, "/process/env/%zu", i),
			    "\"%s\" is not of the form NAME=VALUE: programs will not find it",
			    p->env.v[i]);
		else if (equals == p->env.v[i])
			odd(f, at(f, "/process/env/%zu", i),
			    "\"%s\" has no name: programs will not find it", p->env.v[i]);
	}
}

static void check_rlimits(const struct config_process *p, struct findings *f)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct rlimit_spec *r = &p->rlimits.v[i];
		uint64_t bit = UINT64_C(1) << r->resource;

		if (check_damaged("/process/rlimits", i, f))
			continue;
		if (seen & bit)
			wrong(f, at(f, "/process/rlimits/%zu/type", i), "%s is there twice",
			      word_of(rlimit_words, r->resource));
		seen |= bit;
		if (r->soft > r->hard)
			wrong(f, at(f, "/process/rlimits/%zu/soft", i),
			      "the soft limit is above the hard one");
	}
}

/* Warns, in one line, of the capabilities in `set` that are not in `base`: they cannot be granted.
 */
static void check_subset(const char *name, uint64_t set, uint64_t base, const char *reason,
			 struct findings *f)
{
	char list[64 * sizeof("CAP_CHECKPOINT_RESTORE, ")] = "";
	uint64_t lacking = set & ~base;
	size_t length = 0;

	if (!lacking)
		return;
	for (const struct word *w = capability_words; w->word; w++)
		if (lacking >> w->value & 1)
			length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
						   length ? ", " : "", w->word);
	odd(f, at(f, "/process/capabilities/%s", name), "%s %s left out: %s", list,
	    lacking & (lacking - 1) ? "are" : "is", reason);
}

static void check_capabilities(const struct config_process *p, struct findings *f)
{
	const struct capability_sets *s;

	if (!p->capabilities)
		return;
	s = &p->capabilities->sets;
	check_subset("effective", s->effective, s->permitted, "not permitted", f);
	/* execve(2) takes the rest from root; from any other user it takes all that is not ambient,
	 * which is what the program's file may be about to make up for. */
	if (p->user.uid == 0)
		check_subset("permitted", s->permitted, s->bounding, "not bounding", f);
	check_subset("ambient", s->ambient, s->permitted & s->inheritable,
		     "an ambient capability must be permitted and inheritable", f);
}

static void check_deadline(const struct scheduler_spec *s, struct findings *f)
{
	bool deadline = s->policy == SCHED_DEADLINE;

	if (!deadline && (s->runtime || s->deadline || s->period)) {
		wrong(f, "/process/scheduler/policy",
		      "runtime, deadline and period are for SCHED_DEADLINE alone");
		return;
	}
	if (!deadline)
		return;
	if (s->runtime < DEADLINE_RUNTIME_MIN)
		wrong(f, "/process/scheduler/runtime",
		      "SCHED_DEADLINE needs a runtime of at least %d nanoseconds",
		      DEADLINE_RUNTIME_MIN);
	if (s->deadline < s->runtime || s->deadline == 0)
		wrong(f, "/process/scheduler/deadline",
		      "SCHED_DEADLINE needs a deadline, no shorter than the runtime");
	/* No period means: the deadline. */
	if (s->period && s->period < s->deadline)
		wrong(f, "/process/scheduler/period", "is shorter than the deadline");
}

static void check_scheduler(const struct scheduler_spec *s, struct findings *f)
{
	bool realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;

	if (!word_of(scheduler_policy_words, s->policy))
		return;
	if (text_equal(word_of(scheduler_policy_words, s->policy), "SCHED_ISO"))
		wrong(f, "/process/scheduler/policy", "no Linux kernel implements SCHED_ISO");
	if (s->nice < NICE_MIN || s->nice > NICE_MAX)
		wrong(f, "/process/scheduler/nice", "expected %d to %d, got %d", NICE_MIN, NICE_MAX,
		      s->nice);
	if (realtime &&
	    (s->priority < REALTIME_PRIORITY_MIN || s->priority > REALTIME_PRIORITY_MAX))
		wrong(f, "/process/scheduler/priority", "%s needs a priority of %d to %d, got %d",
		      word_of(scheduler_policy_words, s->policy), REALTIME_PRIORITY_MIN,
		      REALTIME_PRIORITY_MAX, s->priority);
	if (!realtime && s->priority)
		wrong(f, "/process/scheduler/priority", "is for SCHED_FIFO and SCHED_RR alone");
	check_deadline(s, f);
}

static void check_scheduling(const struct config_process *p, struct findings *f)
{
	if (p->scheduler && !findings_has_error(f, "/process/scheduler"))
		check_scheduler(p->scheduler, f);
	if (p->exec_cpu_affinity) {
		check_id_list("/process/execCPUAffinity/initial", p->exec_cpu_affinity->initial, f);
		check_id_list("/process/execCPUAffinity/final", p->exec_cpu_affinity->final, f);
	}
}

void check_process(const struct berth_config *c, struct findings *f)
{
	const struct config_process *p = c->process;

	/* A container without a process can be created; only start asks for it. */
	if (!p)
		return;
	if (!p->args.n)
		wrong(f, "/process/args", "process.args must not be empty");
	if (p->cwd && *p->cwd != '/')
		wrong(f, "/process/cwd", "\"%s\" is not an absolute path", p->cwd);
	check_console_size(p, f);
	check_user(c, f);
	check_env(p, f);
	check_rlimits(p, f);
	check_capabilities(p, f);
	check_scheduling(p, f);
}
