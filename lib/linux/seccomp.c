/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles a seccomp profile to a BPF program, on the host, with libseccomp, and puts a few
 * instructions of berth's own in front. What the profile allows is the caller's decision; but each
 * part of it is either applied or refused.
 */
#include "linux/seccomp.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "linux/seccomp_direct.h"
#include "linux/seccomp_front.h"

/* How libseccomp orders what is left to it: 1 is a chain of comparisons, 2 a binary tree, which the
 * kernel takes in half the time: as it loads a program, it runs it once for every system call. */
enum { SHAPE = 2 };

/* Of Linux 5.7. Said beforehand, so that libseccomp does not ask the kernel for one feature after
 * the other; berth needs 5.14. */
enum { API_LEVEL = 6 };

static void release_context(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

/* The errno that the action carries, by default EPERM; only two actions have one. */
static int translate_action(enum seccomp_action action, bool has_errno, uint32_t errno_ret,
			    uint32_t *ret, struct berth_error *e)
{
	uint32_t data = has_errno ? errno_ret : EPERM;

	if (has_errno && action != SECCOMP_ERRNO && action != SECCOMP_TRACE)
		return refuse(e, EINVAL, "seccomp: action %s takes no errno",
			      word_of(seccomp_action_words, action));
	/* The kernel would cut it down to 4095 (MAX_ERRNO), and libseccomp to 16 bits. */
	if (data > (action == SECCOMP_TRACE ? UINT16_MAX : 4095u))
		return refuse(e, ERANGE, "seccomp: errno %u of action %s is too large", data,
			      word_of(seccomp_action_words, action));
	switch (action) {
	case SECCOMP_KILL_THREAD:
		*ret = SCMP_ACT_KILL_THREAD;
		return 0;
	case SECCOMP_KILL_PROCESS:
		*ret = SCMP_ACT_KILL_PROCESS;
		return 0;
	case SECCOMP_TRAP:
		*ret = SCMP_ACT_TRAP;
		return 0;
	case SECCOMP_ERRNO:
		*ret = SCMP_ACT_ERRNO(data);
		return 0;
	case SECCOMP_TRACE:
		*ret = SCMP_ACT_TRACE(data);
		return 0;
	case SECCOMP_ALLOW:
		*ret = SCMP_ACT_ALLOW;
		return 0;
	case SECCOMP_LOG:
		*ret = SCMP_ACT_LOG;
		return 0;
	case SECCOMP_NOTIFY:
		*ret = SCMP_ACT_NOTIFY;
		return 0;
	}
	return refuse(e, EINVAL, "seccomp: unknown action %d", (int)action);
}

static enum scmp_compare translate_operator(enum seccomp_operator op)
{
	switch (op) {
	case SECCOMP_NE:
		return SCMP_CMP_NE;
	case SECCOMP_LT:
		return SCMP_CMP_LT;
	case SECCOMP_LE:
		return SCMP_CMP_LE;
	case SECCOMP_EQ:
		return SCMP_CMP_EQ;
	case SECCOMP_GE:
		return SCMP_CMP_GE;
	case SECCOMP_GT:
		return SCMP_CMP_GT;
	case SECCOMP_MASKED_EQ:
		return SCMP_CMP_MASKED_EQ;
	}
	return _SCMP_CMP_MIN;
}

enum { ARGUMENTS = 6 }; /* of a system call */

static int check_arguments(const struct seccomp_rule *r, bool *ret_repeats, struct berth_error *e)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < r->n_args; i++) {
		uint32_t index = r->args[i].index;

		if (index >= ARGUMENTS)
			return refuse(e, EINVAL, "seccomp: argument index %u is not within 0 to 5",
				      index);
		if (seen >> index & 1)
			*ret_repeats = true;
		seen |= 1u << index;
	}
	return 0;
}

static struct scmp_arg_cmp translate_argument(const struct seccomp_argument *a)
{
	return (struct scmp_arg_cmp){ .arg = a->index,
				      .op = translate_operator(a->op),
				      .datum_a = a->value,
				      .datum_b = a->value_two };
}

/*
 * Adds the rule for one system call. Conditions on different arguments must all hold. libseccomp
 * cannot say that two on the same argument both must; as in runc, a rule with such a pair is one
 * rule for each condition: any of them will do.
 */
static int add_call(scmp_filter_ctx ctx, uint32_t action, int call, const struct seccomp_rule *r,
		    bool repeats)
{
	struct scmp_arg_cmp args[ARGUMENTS];
	int failed = 0;

	if (repeats) {
		for (size_t i = 0; i < r->n_args && failed == 0; i++) {
			args[0] = translate_argument(&r->args[i]);
			failed = seccomp_rule_add_array(ctx, action, call, 1, args);
		}
		return failed;
	}
	for (size_t i = 0; i < r->n_args; i++)
		args[i] = translate_argument(&r->args[i]);
	return seccomp_rule_add_array(ctx, action, call, (unsigned int)r->n_args, args);
}

/* These two have other calls in their arguments, and libseccomp puts rules for those there. */
static bool has_calls_within(const char *name)
{
	return strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0;
}

/* The calls that their number decides. What is negative is libseccomp's own number for a call that
 * the architecture lacks, or has within another one. */
static int find_direct(const struct seccomp_profile *p, uint32_t architecture,
		       struct seccomp_direct *ret, struct berth_error *e)
{
	int r = 0;

	for (size_t i = 0; i < p->n_rules && r == 0; i++) {
		const struct seccomp_rule *rule = &p->rules[i];
		uint32_t action = 0;

		r = translate_action(rule->action, rule->has_errno, rule->errno_ret, &action, e);
		for (size_t j = 0; j < rule->n_names && r == 0; j++) {
			const char *name = rule->names[j];
			int call = seccomp_syscall_resolve_name_arch(architecture, name);

			if (call < 0)
				continue;
			if (seccomp_direct_add(ret, (uint32_t)call, action,
					       rule->n_args > 0 || has_calls_within(name)) < 0)
				r = fail(e, ENOMEM, "compile the seccomp profile");
		}
	}
	seccomp_direct_settle(ret);
	return r;
}

static bool is_direct(const struct seccomp_direct *d, uint32_t architecture, const char *name)
{
	int call = seccomp_syscall_resolve_name_arch(architecture, name);

	return call >= 0 && seccomp_direct_decides(d, (uint32_t)call);
}

/* What is being made for one architecture. */
struct making {
	uint32_t architecture, default_action;
	struct seccomp_direct direct;
	scmp_filter_ctx ctx;
};

static void free_making(struct making *m)
{
	seccomp_direct_free(&m->direct);
	release_context(&m->ctx);
}

static int add_rule(const struct making *m, const struct seccomp_rule *r, struct berth_error *e)
{
	uint32_t action = 0;
	bool repeats = false;
	int failed = translate_action(r->action, r->has_errno, r->errno_ret, &action, e);

	if (failed == 0)
		failed = check_arguments(r, &repeats, e);
	if (failed < 0)
		return failed;
	if (action == m->default_action) /* libseccomp takes it for a mistake */
		return 0;
	for (size_t i = 0; i < r->n_names; i++) {
		int call = seccomp_syscall_resolve_name(r->names[i]);

		if (is_direct(&m->direct, m->architecture, r->names[i]))
			continue;
		if (call == __NR_SCMP_ERROR)
			continue;
		failed = add_call(m->ctx, action, call, r, repeats);
		if (failed < 0)
			return fail(e, -failed, "seccomp: add rule for %s", r->names[i]);
	}
	return 0;
}

/* Leaves the context with that architecture alone. */
static int choose_architecture(scmp_filter_ctx ctx, uint32_t architecture, struct berth_error *e)
{
	const char *word = word_of(seccomp_architecture_words, architecture);

	if (architecture == seccomp_arch_native())
		return 0;

	int failed = seccomp_arch_add(ctx, architecture);

	if (failed == 0)
		failed = seccomp_arch_remove(ctx, seccomp_arch_native());
	if (failed == 0)
		return 0;
	refuse(e, -failed, "seccomp: architecture %s cannot be added", word ? word : "(unknown)");
	if (failed == -EINVAL)
		advise(e, "libseccomp %u.%u.%u does not know it", seccomp_version()->major,
		       seccomp_version()->minor, seccomp_version()->micro);
	else if (failed == -EDOM)
		advise(e, "its byte order is not this machine's");
	return failed;
}

/* The search, and behind it libseccomp's program, which before 2.6 goes to an fd only. */
static int export_part(const struct making *m, struct seccomp_part *ret, struct berth_error *e)
{
	autoclose int fd = memfd_create("seccomp", MFD_CLOEXEC);
	autofree struct sock_filter *search = NULL, *program = NULL;
	size_t n_search = 0;
	struct stat st;

	if (fd < 0)
		return fail(e, errno, "make a memory file");

	int failed = seccomp_export_bpf(m->ctx, fd);

	if (failed < 0)
		return fail(e, -failed, "compile the seccomp profile");
	if (fstat(fd, &st) < 0)
		return fail(e, errno, "compile the seccomp profile");

	failed = seccomp_direct_program(&m->direct, &search, &n_search);
	if (failed == 0)
		program = malloc(n_search * sizeof(*program) + (size_t)st.st_size);
	if (!program)
		return fail(e, ENOMEM, "compile the seccomp profile");
	if (n_search > 0)
		memcpy(program, search, n_search * sizeof(*program));
	if (pread(fd, program + n_search, (size_t)st.st_size, 0) != st.st_size)
		return fail(e, EIO, "read the compiled seccomp profile");
	*ret = (struct seccomp_part){
		.architecture = m->architecture,
		.v = TAKE(program),
		.n = n_search + (size_t)st.st_size / sizeof(*program),
		.n_search = n_search,
	};
	return 0;
}

static int compile_part(const struct seccomp_profile *p, uint32_t architecture,
			struct seccomp_part *ret, struct berth_error *e)
{
	cleanup(free_making) struct making m = { .architecture = architecture };
	int r = translate_action(p->default_action, p->has_default_errno, p->default_errno,
				 &m.default_action, e);

	if (r < 0)
		return r;
	m.ctx = seccomp_init(m.default_action);
	if (!m.ctx)
		return fail(e, ENOMEM, "compile the seccomp profile");
	r = seccomp_attr_set(m.ctx, SCMP_FLTATR_CTL_OPTIMIZE, SHAPE);
	if (r < 0)
		return fail(e, -r, "set the shape of the seccomp program");
	r = choose_architecture(m.ctx, architecture, e);
	if (r == 0)
		r = find_direct(p, architecture, &m.direct, e);
	for (size_t i = 0; i < p->n_rules && r == 0; i++)
		r = add_rule(&m, &p->rules[i], e);
	return r < 0 ? r : export_part(&m, ret, e);
}

/* One for the native architecture, whether the profile lists it or not, as everywhere where
 * libseccomp is used; then the others. */
static int compile_parts(const struct seccomp_profile *p, struct seccomp_parts *parts,
			 struct berth_error *e)
{
	int r = compile_part(p, seccomp_arch_native(), &parts->v[parts->n++], e);

	for (size_t i = 0; i < p->n_architectures && r == 0; i++) {
		bool is_new = true;

		for (size_t j = 0; j < parts->n; j++)
			is_new = is_new && parts->v[j].architecture != p->architectures[i];
		if (is_new && parts->n == SECCOMP_PARTS_MAX)
			return refuse(e, E2BIG, "seccomp: more than %d architectures",
				      SECCOMP_PARTS_MAX);
		if (is_new)
			r = compile_part(p, p->architectures[i], &parts->v[parts->n++], e);
	}
	return r;
}

static void free_parts(struct seccomp_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->v[i].v);
}

static int join_parts(const struct seccomp_front *front, const struct seccomp_parts *parts,
		      struct sock_filter **ret, size_t *ret_length, struct berth_error *e)
{
	size_t length = front->n;

	for (size_t i = 0; i < parts->n; i++)
		length += parts->v[i].n;
	if (length > BPF_MAXINSNS)
		return refuse(
			e, E2BIG,
			"the seccomp profile compiles to %zu instructions: the kernel takes %d",
			length, BPF_MAXINSNS);

	struct sock_filter *program = calloc(length, sizeof(*program)), *at = program;

	if (!program)
		return fail(e, ENOMEM, "compile the seccomp profile");
	at = mempcpy(at, front->v, front->n * sizeof(*at));
	for (size_t i = 0; i < parts->n; i++)
		at = mempcpy(at, parts->v[i].v, parts->v[i].n * sizeof(*at));
	*ret = program;
	*ret_length = length;
	return 0;
}

/* Of the names that libseccomp does not know: each once, as many as there is room for. */
struct unknown_calls {
	size_t n;
	const char *v[40];
};

static void add_unknown(struct unknown_calls *u, const char *name)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->v[i], name) == 0)
			return;
	if (u->n < ARRAY_SIZE(u->v) && seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
		u->v[u->n++] = name;
}

void seccomp_log_unknown(const struct seccomp_profile *p)
{
	const struct scmp_version *version = seccomp_version();
	struct unknown_calls u = { 0 };
	autofree char *list = NULL;
	size_t length = 0;
	FILE *to;

	if (!log_debugs())
		return;
	for (size_t i = 0; i < p->n_rules; i++)
		for (size_t j = 0; j < p->rules[i].n_names; j++)
			add_unknown(&u, p->rules[i].names[j]);
	to = u.n > 0 ? open_memstream(&list, &length) : NULL;
	if (!to)
		return;
	for (size_t i = 0; i < u.n; i++)
		(void)fprintf(to, "%s%s", i ? ", " : "", u.v[i]);
	if (fclose(to) == 0)
		log_debug("seccomp: passed over, because libseccomp %u.%u.%u does not know them: "
			  "%s%s",
			  version->major, version->minor, version->micro, list,
			  u.n == ARRAY_SIZE(u.v) ? ", ..." : "");
}

bool seccomp_notifies(const struct seccomp_profile *p)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].action == SECCOMP_NOTIFY)
			return true;
	return p->default_action == SECCOMP_NOTIFY;
}

int seccomp_compile(const struct seccomp_profile *p, struct sock_filter **ret_program,
		    size_t *ret_length, struct berth_error *e)
{
	cleanup(free_parts) struct seccomp_parts parts = { .n = 0 };
	struct seccomp_front front;

	(void)seccomp_api_set(API_LEVEL);

	int r = compile_parts(p, &parts, e);

	if (r < 0)
		return r;
	seccomp_build_front(p, &parts, &front);
	return join_parts(&front, &parts, ret_program, ret_length, e);
}
