/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for config.linux.seccomp (config-linux.md, "Seccomp"). Trust: as in check.c.
 */
#include "oci/check_rules.h"

#include <linux/seccomp.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum {
	ARGUMENT_LAST = 5,
	ERRNO_LAST = 4095, /* MAX_ERRNO of the kernel, which would cut a larger one to it */
	TRACE_VALUE_MAX = UINT16_MAX, /* SECCOMP_RET_DATA */
};

static bool takes_errno(enum seccomp_action action, uint32_t value)
{
	return (action == SECCOMP_ERRNO && value <= ERRNO_LAST) ||
	       (action == SECCOMP_TRACE && value <= TRACE_VALUE_MAX);
}

static void refuse_errno(const char *pointer, enum seccomp_action action, uint32_t value,
			 struct findings *f)
{
	if (action != SECCOMP_ERRNO && action != SECCOMP_TRACE)
		wrong(f, pointer, "%s takes no errno: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
		      word_of(seccomp_action_words, action));
	else
		wrong(f, pointer, "expected 0 to %d, got %u",
		      action == SECCOMP_ERRNO ? ERRNO_LAST : TRACE_VALUE_MAX, value);
}

static void check_notify(const struct seccomp_profile *p, size_t i, struct findings *f)
{
	if (!p->listener_path)
		wrong(f, at(f, "/linux/seccomp/syscalls/%zu/action", i),
		      "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath");
}

static void check_rule(const struct seccomp_profile *p, size_t i, struct findings *f)
{
	const struct seccomp_rule *r = &p->rules[i];

	for (size_t j = 0; j < r->n_names; j++)
		if (!*r->names[j])
			wrong(f, at(f, "/linux/seccomp/syscalls/%zu/names/%zu", i, j),
			      "must not be empty");
	if (r->has_errno && !takes_errno(r->action, r->errno_ret))
		refuse_errno(at(f, "/linux/seccomp/syscalls/%zu/errnoRet", i), r->action,
			     r->errno_ret, f);
	for (size_t j = 0; j < r->n_args; j++)
		if (r->args[j].index > ARGUMENT_LAST)
			wrong(f, at(f, "/linux/seccomp/syscalls/%zu/args/%zu/index", i, j),
			      "expected 0 to %d, got %u", ARGUMENT_LAST, r->args[j].index);
	if (r->action == SECCOMP_NOTIFY)
		check_notify(p, i, f);
}

static void check_listener(const struct seccomp_profile *p, struct findings *f)
{
	if (p->listener_path && *p->listener_path != '/')
		wrong(f, "/linux/seccomp/listenerPath", "\"%s\" is not an absolute path",
		      p->listener_path);
	if (p->listener_metadata && !p->listener_path)
		wrong(f, "/linux/seccomp/listenerMetadata",
		      "must not be set without linux.seccomp.listenerPath");
	if (p->flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV && !seccomp_notifies(p))
		odd(f, "/linux/seccomp/flags",
		    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV has no effect without SCMP_ACT_NOTIFY");
}

void check_seccomp(const struct seccomp_profile *p, struct findings *f)
{
	if (p->default_action == SECCOMP_NOTIFY && !p->listener_path)
		wrong(f, "/linux/seccomp/defaultAction",
		      "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath");
	if (p->has_default_errno && !takes_errno(p->default_action, p->default_errno) &&
	    !findings_has_error(f, "/linux/seccomp/defaultAction"))
		refuse_errno("/linux/seccomp/defaultErrnoRet", p->default_action, p->default_errno,
			     f);
	for (size_t i = 0; i < p->n_rules; i++)
		if (!check_damaged("/linux/seccomp/syscalls", i, f))
			check_rule(p, i, f);
	check_listener(p, f);
}
