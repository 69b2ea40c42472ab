/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled profiles are interpreted, call by call, and compared with what the profile says; one is
 * loaded into a process.
 */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "base/cleanup.h"
#include "linux/seccomp.h"
#include "unit.h"

enum {
	X32_BIT = 0x40000000,
	RET_EPERM = SECCOMP_RET_ERRNO | EPERM,
	RET_ENOSYS = SECCOMP_RET_ERRNO | ENOSYS
};

/* What the kernel would do (seccomp_check_filter() has the list of what may occur). */
static uint32_t interpret(const struct sock_filter *program, size_t length,
			  const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < length; at++) {
		const struct sock_filter *i = &program[at];
		bool taken = false;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			ck_assert_uint_le(i->k, sizeof(*data) - 4);
			memcpy(&a, (const char *)data + i->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			at += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = a & i->k;
			break;
		default:
			ck_abort_msg("instruction %zu: code %#x", at, i->code);
		}
		at += taken ? i->jt : i->jf;
	}
	ck_abort_msg("the program has no end");
}

struct compiled {
	struct sock_filter *program;
	size_t length;
};

/* What a test makes lives as long as its process: in sight of the leak sanitizer, which would count
 * it as lost otherwise. */
static void *keep(void *made)
{
	static void *kept[4096];
	static size_t n;

	ck_assert_uint_lt(n, ARRAY_SIZE(kept));
	kept[n++] = made;
	return made;
}

static struct compiled compile(const struct seccomp_profile *p)
{
	struct compiled c;

	assert_ok(seccomp_compile(p, &c.program, &c.length, &error));
	keep(c.program);
	return c;
}

static uint32_t ask(const struct compiled *c, uint32_t arch, int nr, uint64_t arg0, uint64_t arg1)
{
	struct seccomp_data data = { .nr = nr, .arch = arch, .args = { arg0, arg1 } };

	return interpret(c->program, c->length, &data);
}

/* ---- profiles from engines' configurations ---- */

static yajl_val get(yajl_val v, const char *name)
{
	const char *path[] = { name, NULL };

	return yajl_tree_get(v, path, yajl_t_any);
}

static int64_t word_value(const struct word *table, yajl_val v)
{
	int64_t value = 0;

	ck_assert_msg(word_find(table, YAJL_GET_STRING(v), &value), "%s", YAJL_GET_STRING(v));
	return value;
}

static void read_rule(yajl_val v, struct seccomp_rule *r)
{
	yajl_val names = get(v, "names"), args = get(v, "args");

	r->action = (enum seccomp_action)word_value(seccomp_action_words, get(v, "action"));
	r->has_errno = get(v, "errnoRet");
	r->errno_ret = r->has_errno ? (uint32_t)YAJL_GET_INTEGER(get(v, "errnoRet")) : 0;
	r->n_names = YAJL_GET_ARRAY(names)->len;
	r->names = keep(calloc(r->n_names, sizeof(*r->names)));
	for (size_t i = 0; i < r->n_names; i++)
		r->names[i] = YAJL_GET_STRING(YAJL_GET_ARRAY(names)->values[i]);
	if (!args)
		return;
	r->n_args = YAJL_GET_ARRAY(args)->len;
	r->args = keep(calloc(r->n_args, sizeof(*r->args)));
	for (size_t i = 0; i < r->n_args; i++) {
		yajl_val arg = YAJL_GET_ARRAY(args)->values[i], two = get(arg, "valueTwo");

		r->args[i].index = (uint32_t)YAJL_GET_INTEGER(get(arg, "index"));
		r->args[i].op =
			(enum seccomp_operator)word_value(seccomp_operator_words, get(arg, "op"));
		r->args[i].value = (uint64_t)YAJL_GET_INTEGER(get(arg, "value"));
		r->args[i].value_two = two ? (uint64_t)YAJL_GET_INTEGER(two) : 0;
	}
}

/* Its memory is the test process's. */
static struct seccomp_profile read_profile(const char *name)
{
	struct seccomp_profile p = { 0 };
	char path[4096], text[65536];
	const char *data = getenv("UNIT_DATA");

	(void)snprintf(path, sizeof(path), "%s/%s", data ? data : "data", name);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "open %s", path);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';

	yajl_val v = yajl_tree_parse(text, NULL, 0), rules, architectures, default_errno;
	ck_assert_ptr_nonnull(keep(v));
	rules = get(v, "syscalls");
	architectures = get(v, "architectures");
	default_errno = get(v, "defaultErrnoRet");
	p.default_action =
		(enum seccomp_action)word_value(seccomp_action_words, get(v, "defaultAction"));
	p.has_default_errno = default_errno;
	p.default_errno = default_errno ? (uint32_t)YAJL_GET_INTEGER(default_errno) : 0;
	p.n_architectures = YAJL_GET_ARRAY(architectures)->len;
	p.architectures = keep(calloc(p.n_architectures, sizeof(*p.architectures)));
	for (size_t i = 0; i < p.n_architectures; i++)
		p.architectures[i] = (uint32_t)word_value(seccomp_architecture_words,
							  YAJL_GET_ARRAY(architectures)->values[i]);
	p.n_rules = YAJL_GET_ARRAY(rules)->len;
	p.rules = keep(calloc(p.n_rules, sizeof(*p.rules)));
	for (size_t i = 0; i < p.n_rules; i++)
		read_rule(YAJL_GET_ARRAY(rules)->values[i], &p.rules[i]);
	return p;
}

/* ---- what a profile says, worked out the slow way ---- */

static bool holds(const struct seccomp_argument *a, const uint64_t *args)
{
	uint64_t v = args[a->index];

	switch (a->op) {
	case SECCOMP_NE:
		return v != a->value;
	case SECCOMP_LT:
		return v < a->value;
	case SECCOMP_LE:
		return v <= a->value;
	case SECCOMP_EQ:
		return v == a->value;
	case SECCOMP_GE:
		return v >= a->value;
	case SECCOMP_GT:
		return v > a->value;
	case SECCOMP_MASKED_EQ:
		return (v & a->value) == a->value_two;
	}
	return false;
}

static uint32_t value_of(enum seccomp_action action, uint32_t err)
{
	ck_assert_msg(action == SECCOMP_ALLOW || action == SECCOMP_ERRNO, "%d", action);
	return action == SECCOMP_ALLOW ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | err;
}

/* The numbers of all names, rule by rule: looked up once. */
static int calls[64][512];

static void look_up(const struct seccomp_profile *p, uint32_t token)
{
	ck_assert_uint_le(p->n_rules, 64);
	for (size_t i = 0; i < p->n_rules; i++) {
		ck_assert_uint_le(p->rules[i].n_names, 512);
		for (size_t j = 0; j < p->rules[i].n_names; j++)
			calls[i][j] =
				seccomp_syscall_resolve_name_arch(token, p->rules[i].names[j]);
	}
}

static uint32_t expected(const struct seccomp_profile *p, int nr, const uint64_t *args)
{
	uint32_t found = 0, default_errno = p->has_default_errno ? p->default_errno : EPERM;
	bool any = false;
	int newest = -1;

	for (size_t i = 0; i < p->n_rules; i++) {
		const struct seccomp_rule *r = &p->rules[i];

		for (size_t j = 0; j < r->n_names; j++) {
			int call = calls[i][j];
			bool all = true;

			newest = call > newest ? call : newest;
			for (size_t k = 0; k < r->n_args; k++)
				all = all && holds(&r->args[k], args);
			if (call != nr || !all ||
			    any) /* of several, the first is what both engines mean */
				continue;
			found = value_of(r->action, r->has_errno ? r->errno_ret : EPERM);
			any = true;
		}
	}
	if (any)
		return found;
	return nr > newest ? RET_ENOSYS : value_of(p->default_action, default_errno);
}

/* 32-bit x86 has most socket and ipc calls twice, the second time within socketcall(2) and ipc(2),
 * which libseccomp sees to. */
static bool is_multiplexed(uint32_t token, int nr)
{
	return token == SCMP_ARCH_X86 && (nr == 102 || nr == 117 || nr == 337 || nr == 345 ||
					  (nr >= 359 && nr <= 373) || (nr >= 393 && nr <= 402));
}

static void compare(const char *name)
{
	static const uint64_t values[] = { 0,       1,       2,          8,          40,
					   0x20000, 0x20008, 0x10000000, 0x7e020000, 0xffffffff };
	static const struct {
		uint32_t token, arch;
		int from;
	} sweeps[] = {
		{ SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0 },
		{ SCMP_ARCH_X86, AUDIT_ARCH_I386, 0 },
		{ SCMP_ARCH_X32, AUDIT_ARCH_X86_64, X32_BIT },
	};
	struct seccomp_profile p = read_profile(name);
	struct compiled c = compile(&p);

	for (size_t s = 0; s < 3; s++) {
		look_up(&p, sweeps[s].token);
		for (int i = 0; i < 700; i++) {
			if (is_multiplexed(sweeps[s].token, i))
				continue;
			for (size_t v = 0; v < 10; v++) {
				uint64_t args[6] = { values[v] };
				uint32_t want = expected(&p, sweeps[s].from + i, args);
				uint32_t got =
					ask(&c, sweeps[s].arch, sweeps[s].from + i, values[v], 0);

				ck_assert_msg(got == want,
					      "%s: arch %#x, call %d(%#lx): %#x, not %#x", name,
					      sweeps[s].token, i, values[v], got, want);
			}
		}
	}
}

START_TEST(engines_profiles_mean_what_they_say)
{
	if (seccomp_arch_native() != SCMP_ARCH_X86_64) {
		puts("skipped: the profiles are for x86_64");
		return;
	}
	compare("seccomp-docker-28.json");
	compare("seccomp-podman-5.8.json");
}
END_TEST

START_TEST(dockers_profile)
{
	struct seccomp_profile p = read_profile("seccomp-docker-28.json");
	struct compiled c = compile(&p);
	const uint32_t x64 = AUDIT_ARCH_X86_64, x86 = AUDIT_ARCH_I386;

	ck_assert_uint_eq(ask(&c, x64, 0, 0, 0), SECCOMP_RET_ALLOW);     /* read */
	ck_assert_uint_eq(ask(&c, x64, 56, 0x11, 0), SECCOMP_RET_ALLOW); /* clone like fork */
	ck_assert_uint_eq(ask(&c, x64, 56, 0x20011, 0), RET_EPERM);      /* a new mount namespace */
	ck_assert_uint_eq(ask(&c, x64, 435, 0, 0), RET_ENOSYS);          /* clone3, by a rule */
	ck_assert_uint_eq(ask(&c, x64, 165, 0, 0), RET_EPERM);           /* mount */
	ck_assert_uint_eq(ask(&c, x64, 41, 40, 0), RET_EPERM);           /* AF_VSOCK */
	ck_assert_uint_eq(ask(&c, x64, 41, 2, 0), SECCOMP_RET_ALLOW);    /* AF_INET */
	ck_assert_uint_eq(ask(&c, x64, 5000, 0, 0), RET_ENOSYS);         /* no such call yet */
	ck_assert_uint_eq(ask(&c, x64, X32_BIT, 0, 0), SECCOMP_RET_ALLOW); /* x32: read */
	ck_assert_uint_eq(ask(&c, x64, X32_BIT + 5000, 0, 0), RET_ENOSYS);
	ck_assert_uint_eq(ask(&c, x86, 3, 0, 0), SECCOMP_RET_ALLOW); /* read */
	ck_assert_uint_eq(ask(&c, x86, 21, 0, 0), RET_EPERM);        /* mount */
	ck_assert_uint_eq(ask(&c, x86, 5000, 0, 0), RET_ENOSYS);
	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_AARCH64, 63, 0, 0),
			  SECCOMP_RET_KILL_THREAD); /* not listed */
	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_AARCH64, 5000, 0, 0), SECCOMP_RET_KILL_THREAD);
}
END_TEST

/* ---- profiles made by hand ---- */

static const char *getppid_name[] = { "getppid" };

static struct seccomp_rule make_rule(size_t n, struct seccomp_argument *args)
{
	return (struct seccomp_rule){ .n_names = 1,
				      .names = getppid_name,
				      .action = SECCOMP_ERRNO,
				      .has_errno = true,
				      .errno_ret = 77,
				      .n_args = n,
				      .args = args };
}

static struct seccomp_profile make_profile(enum seccomp_action action, struct seccomp_rule *rule)
{
	return (struct seccomp_profile){ .default_action = action, .n_rules = 1, .rules = rule };
}

static uint32_t native(void)
{
	return seccomp_arch_native();
}

static int getppid_number(void)
{
	return SYS_getppid;
}

START_TEST(every_operator)
{
	const uint64_t big = UINT64_C(0x100000005);
	const uint64_t values[] = { 0,         4,   5,       6,
				    big - 1,   big, big + 1, UINT64_C(0x200000005),
				    UINT64_MAX };

	for (int op = SECCOMP_NE; op <= SECCOMP_MASKED_EQ; op++) {
		struct seccomp_argument arg = { 1, (enum seccomp_operator)op, big,
						UINT64_C(0x100000004) };
		struct seccomp_rule rule = make_rule(1, &arg);
		struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
		struct compiled c = compile(&p);

		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			uint64_t args[] = { 0, values[i] };
			uint32_t want =
				holds(&arg, args) ? SECCOMP_RET_ERRNO | 77 : SECCOMP_RET_ALLOW;

			ck_assert_msg(ask(&c, native(), getppid_number(), 0, values[i]) == want,
				      "operator %d, %#lx", op, values[i]);
		}
	}
}
END_TEST

START_TEST(conditions_on_different_arguments_must_all_hold)
{
	struct seccomp_argument args[] = { { 0, SECCOMP_EQ, 1, 0 }, { 1, SECCOMP_EQ, 2, 0 } };
	struct seccomp_rule rule = make_rule(2, args);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 1, 2), SECCOMP_RET_ERRNO | 77);
	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 1, 3), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 0, 2), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(conditions_on_one_argument_are_alternatives)
{
	struct seccomp_argument args[] = { { 0, SECCOMP_EQ, 1, 0 }, { 0, SECCOMP_EQ, 2, 0 } };
	struct seccomp_rule rule = make_rule(2, args);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 1, 0), SECCOMP_RET_ERRNO | 77);
	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 2, 0), SECCOMP_RET_ERRNO | 77);
	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 3, 0), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(every_action)
{
	static const struct {
		enum seccomp_action action;
		uint32_t value;
	} actions[] = {
		{ SECCOMP_KILL_THREAD, SECCOMP_RET_KILL_THREAD },
		{ SECCOMP_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS },
		{ SECCOMP_TRAP, SECCOMP_RET_TRAP },
		{ SECCOMP_ERRNO, RET_EPERM },
		{ SECCOMP_TRACE, SECCOMP_RET_TRACE | EPERM },
		{ SECCOMP_LOG, SECCOMP_RET_LOG },
		{ SECCOMP_NOTIFY, SECCOMP_RET_USER_NOTIF },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct seccomp_rule rule = { .n_names = 1,
					     .names = getppid_name,
					     .action = actions[i].action };
		struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
		struct compiled c = compile(&p);

		ck_assert_uint_eq(ask(&c, native(), getppid_number(), 0, 0), actions[i].value);
		ck_assert_uint_eq(ask(&c, native(), 5000, 0, 0), SECCOMP_RET_ALLOW);
	}
}
END_TEST

START_TEST(only_refusals_by_errno_become_enosys)
{
	struct seccomp_rule rule = { .n_names = 1, .names = getppid_name, .action = SECCOMP_ALLOW };
	struct seccomp_profile p = make_profile(SECCOMP_ERRNO, &rule);
	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 0, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(ask(&c, native(), getppid_number() + 1, 0, 0), RET_ENOSYS);
	ck_assert_uint_eq(ask(&c, native(), getppid_number() - 1, 0, 0), RET_EPERM);

	p.default_action = SECCOMP_KILL_PROCESS;
	c = compile(&p);
	ck_assert_uint_eq(ask(&c, native(), getppid_number() + 1, 0, 0), SECCOMP_RET_KILL_PROCESS);

	/* A profile that names nothing was not written for any kernel. */
	p = (struct seccomp_profile){ .default_action = SECCOMP_ERRNO };
	c = compile(&p);
	ck_assert_uint_eq(ask(&c, native(), 5000, 0, 0), RET_EPERM);
}
END_TEST

START_TEST(unknown_calls_are_passed_over)
{
	const char *names[] = { "no_such_call", "getppid" };
	struct seccomp_rule rule = { .n_names = 2, .names = names, .action = SECCOMP_ALLOW };
	struct seccomp_profile p = make_profile(SECCOMP_ERRNO, &rule);
	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 0, 0), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(arm_keeps_its_private_calls)
{
	const char *names[] = { "read", "set_tls" };
	uint32_t arm = SCMP_ARCH_ARM;
	struct seccomp_rule rule = { .n_names = 2, .names = names, .action = SECCOMP_ALLOW };
	struct seccomp_profile p = make_profile(SECCOMP_ERRNO, &rule);

	p.n_architectures = 1;
	p.architectures = &arm;

	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_ARM, 3, 0, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_ARM, 0xf0005, 0, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_ARM, 4, 0, 0), RET_ENOSYS);
	ck_assert_uint_eq(ask(&c, AUDIT_ARCH_ARM, 0xf0001, 0, 0), RET_EPERM);
}
END_TEST

/* Few are decided by their number, in a search; too many ranges are left to libseccomp. */
START_TEST(every_other_call)
{
	for (size_t most = 100; most <= 400; most += 300) {
		const char *names[400];
		struct seccomp_rule rule = { .names = names, .action = SECCOMP_ALLOW };
		struct seccomp_profile p = make_profile(SECCOMP_KILL_PROCESS, &rule);
		int newest = 0;

		for (int call = 0; call < 700 && rule.n_names < most; call += 2) {
			char *name = seccomp_syscall_resolve_num_arch(native(), call);

			if (!name)
				continue;
			names[rule.n_names++] = keep(name);
			newest = call;
		}

		struct compiled c = compile(&p);

		for (int call = 0; call < 700; call++) {
			bool named = false;

			for (size_t i = 0; i < rule.n_names; i++)
				named = named || seccomp_syscall_resolve_name(names[i]) == call;
			ck_assert_uint_eq(ask(&c, native(), call, 0, 0),
					  named ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
		}
		ck_assert_int_gt(newest, 100);
	}
}
END_TEST

START_TEST(a_call_named_twice)
{
	struct seccomp_argument is_one = { .op = SECCOMP_EQ, .value = 1 };
	struct seccomp_rule rules[] = { make_rule(1, &is_one), make_rule(0, NULL) };
	struct seccomp_profile p = make_profile(SECCOMP_KILL_PROCESS, rules);

	p.n_rules = 2;

	/* The same both times, but for an argument: the one without is all that counts. */
	struct compiled c = compile(&p);

	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 0, 0), SECCOMP_RET_ERRNO | 77);
	ck_assert_uint_eq(ask(&c, native(), getppid_number(), 1, 0), SECCOMP_RET_ERRNO | 77);
	ck_assert_uint_eq(ask(&c, native(), getppid_number() + 1, 1, 0), SECCOMP_RET_KILL_PROCESS);
}
END_TEST

/* A profile from which libseccomp 2.5 does not return costs the processor time that it is given:
 * here a second, because a process cannot give more than it has. Newer versions may return. */
START_TEST(a_profile_that_never_ends)
{
	struct seccomp_argument a[] = { { .index = 0, .op = SECCOMP_NE, .value = 1 },
					{ .index = 1, .op = SECCOMP_EQ, .value = 2 } };
	struct seccomp_argument b[] = { { .index = 0, .op = SECCOMP_NE, .value = 1 },
					{ .index = 2, .op = SECCOMP_EQ, .value = 3 } };
	struct seccomp_rule rules[] = { make_rule(2, a), make_rule(2, b) };
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, rules);
	const struct rlimit second = { 1, 1 };
	struct sock_filter *program = NULL;
	size_t length = 0;

	p.n_rules = 2;
	ck_assert_int_eq(setrlimit(RLIMIT_CPU, &second), 0);
	if (seccomp_version()->minor > 5 &&
	    seccomp_compile_safely(&p, &program, &length, &error) == 0) {
		keep(program);
		return;
	}
	assert_fails(seccomp_compile_safely(&p, &program, &length, &error), ETIMEDOUT,
		     "processor time");
	ck_assert_ptr_null(program);
}
END_TEST

START_TEST(apart_it_is_the_same)
{
	struct seccomp_argument args[] = { { 0, SECCOMP_EQ, 1, 0 }, { 1, SECCOMP_NE, 2, 0 } };
	struct seccomp_argument six = { 6, SECCOMP_EQ, 0, 0 };
	struct seccomp_rule rules[] = { make_rule(2, args), make_rule(1, &six) };
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, rules);
	struct compiled c = compile(&p);
	struct sock_filter *program = NULL;
	size_t length = 0;

	assert_ok(seccomp_compile_safely(&p, &program, &length, &error));
	keep(program);
	ck_assert_uint_eq(length, c.length);
	ck_assert_mem_eq(program, c.program, length * sizeof(*program));
	p.n_rules = 2;
	assert_fails(seccomp_compile_safely(&p, &program, &length, &error), EINVAL,
		     "argument index 6");
}
END_TEST

static void assert_refused(const struct seccomp_profile *p, int err, const char *words)
{
	struct sock_filter *program = NULL;
	size_t length = 123;

	assert_fails(seccomp_compile(p, &program, &length, &error), err, words);
	ck_assert_ptr_null(program);
	ck_assert_uint_eq(length, 123);
}

START_TEST(what_cannot_be_is_refused)
{
	uint32_t loongarch = AUDIT_ARCH_LOONGARCH64, ppc64 = AUDIT_ARCH_PPC64;
	struct seccomp_argument arg = { 6, SECCOMP_EQ, 0, 0 };
	struct seccomp_rule rule = make_rule(1, &arg);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);

	assert_refused(&p, EINVAL, "argument index 6");
	rule.n_args = 0;
	rule.action = SECCOMP_KILL_PROCESS;
	assert_refused(&p, EINVAL, "SCMP_ACT_KILL_PROCESS takes no errno");
	rule.action = SECCOMP_ERRNO;
	rule.errno_ret = 4096;
	assert_refused(&p, ERANGE, "errno 4096 of action SCMP_ACT_ERRNO");
	p = (struct seccomp_profile){ .default_action = SECCOMP_ALLOW, .has_default_errno = true };
	assert_refused(&p, EINVAL, "SCMP_ACT_ALLOW takes no errno");
	p = (struct seccomp_profile){ .default_action = SECCOMP_ALLOW,
				      .n_architectures = 1,
				      .architectures = &ppc64 };
	assert_refused(&p, EDOM, "SCMP_ARCH_PPC64 cannot be added (its byte order");
	p.architectures = &loongarch;
	if (seccomp_version()->minor < 6)
		assert_refused(&p, EINVAL, "SCMP_ARCH_LOONGARCH64 cannot be added (libseccomp 2.");
}
END_TEST

/* ---- the kernel ---- */

static void install(const struct seccomp_profile *p, bool listener, int *ret_listener)
{
	struct compiled c = compile(p);

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_ok(seccomp_install(c.program, c.length, p->flags, listener, ret_listener, &error));
}

START_TEST(the_kernel_takes_it)
{
	struct seccomp_rule rule = make_rule(0, NULL);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	int listener = 5;

	p.flags = SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
		  SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	install(&p, false, &listener);
	ck_assert_int_eq(listener, -1);
	errno = 0;
	ck_assert_int_eq(syscall(SYS_getppid), -1);
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(the_kernel_takes_dockers)
{
	struct seccomp_profile p = read_profile("seccomp-docker-28.json");
	int listener;

	if (native() != SCMP_ARCH_X86_64) {
		puts("skipped: the profile is for x86_64");
		return;
	}
	install(&p, false, &listener);
	ck_assert_int_gt(getppid(), 0);
	ck_assert_int_eq(syscall(5000), -1);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert_int_eq(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL), -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

START_TEST(a_listener_is_an_fd)
{
	struct seccomp_rule rule = { .n_names = 1,
				     .names = getppid_name,
				     .action = SECCOMP_NOTIFY };
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	int listener = -1;

	p.flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	install(&p, true, &listener);
	ck_assert_int_ge(listener, 3);
	ck_assert_int_ne(fcntl(listener, F_GETFD) & FD_CLOEXEC, 0);

	/* A process may have one listener only. */
	struct compiled c = compile(&p);

	assert_fails(seccomp_install(c.program, c.length, 0, true, &listener, &error), EBUSY,
		     "has a seccomp listener");
}
END_TEST

START_TEST(without_privilege_it_needs_no_new_privileges)
{
	struct seccomp_rule rule = make_rule(0, NULL);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	struct compiled c = compile(&p);
	int listener = 5;

	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
	assert_fails(seccomp_install(c.program, c.length, 0, false, &listener, &error), EACCES,
		     "noNewPrivileges");
	ck_assert_int_eq(listener, 5);
}
END_TEST

START_TEST(flags_are_asked_of_the_kernel)
{
	ck_assert(seccomp_flag_supported(SECCOMP_FILTER_FLAG_LOG));
	ck_assert(seccomp_flag_supported(SECCOMP_FILTER_FLAG_TSYNC));
	ck_assert(!seccomp_flag_supported(1u << 30));
}
END_TEST

START_TEST(an_unknown_flag_and_a_too_long_program_are_refused)
{
	struct seccomp_rule rule = make_rule(0, NULL);
	struct seccomp_profile p = make_profile(SECCOMP_ALLOW, &rule);
	struct compiled c = compile(&p);
	int listener;

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_fails(seccomp_install(c.program, c.length, 1u << 30, false, &listener, &error),
		     EINVAL, "load the");
	assert_fails(seccomp_install(c.program, 5000, 0, false, &listener, &error), E2BIG, "5000");
}
END_TEST

UNIT_MAIN("seccomp", engines_profiles_mean_what_they_say, dockers_profile, every_operator,
	  conditions_on_different_arguments_must_all_hold,
	  conditions_on_one_argument_are_alternatives, every_action,
	  only_refusals_by_errno_become_enosys, unknown_calls_are_passed_over, every_other_call,
	  a_call_named_twice, arm_keeps_its_private_calls, what_cannot_be_is_refused,
	  a_profile_that_never_ends, apart_it_is_the_same, the_kernel_takes_it,
	  the_kernel_takes_dockers, a_listener_is_an_fd,
	  without_privilege_it_needs_no_new_privileges, flags_are_asked_of_the_kernel,
	  an_unknown_flag_and_a_too_long_program_are_refused)
