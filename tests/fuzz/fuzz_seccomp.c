/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp profiles of any kind are compiled, or refused; what comes out is a program that the
 * kernel takes: every jump goes forwards and stays within, the last instruction returns, only words
 * of struct seccomp_data are read. (The kernel's own check, seccomp_check_filter(), says the same.)
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/error.h"
#include "fuzz.h"
#include "linux/seccomp.h"

enum { RULES = 24, NAMES = 6, ARGUMENTS = 7, ARCHITECTURES = 4 };

static const uint32_t architectures[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
					  AUDIT_ARCH_X86_64 & ~__AUDIT_ARCH_64BIT,
					  AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM };
static const char *names[] = { "read",   "write",       "openat", "clone",   "clone3",
			       "socket", "socketcall",  "ipc",    "shmat",   "personality",
			       "ptrace", "bpf",         "mmap",   "mmap2",   "fchown32",
			       "statx",  "futex_waitv", "x",      "openat2", "ioctl" };

struct storage {
	struct seccomp_rule rules[RULES];
	const char *names[RULES][NAMES];
	struct seccomp_argument args[RULES][ARGUMENTS];
	uint32_t architectures[ARCHITECTURES];
};

static enum seccomp_action make_action(struct fuzz_bytes *b)
{
	return (enum seccomp_action)(SECCOMP_KILL_THREAD + fuzz_byte(b) % SECCOMP_NOTIFY);
}

/* libseccomp 2.5.4 does not return where two rules of a call begin with the same condition and go
 * on with different ones, unless that is equality: see docs/security.md. */
static enum seccomp_operator make_operator(struct fuzz_bytes *b, size_t n_args)
{
	enum seccomp_operator op =
		(enum seccomp_operator)(SECCOMP_NE + fuzz_byte(b) % SECCOMP_MASKED_EQ);

	return n_args > 1 && op != SECCOMP_MASKED_EQ ? SECCOMP_EQ : op;
}

static void make_rule(struct fuzz_bytes *b, struct storage *s, size_t i)
{
	struct seccomp_rule *r = &s->rules[i];

	r->action = make_action(b);
	r->has_errno = fuzz_byte(b) % 2;
	r->errno_ret = fuzz_byte(b);
	r->names = s->names[i];
	r->args = s->args[i];
	r->n_names = 1 + fuzz_byte(b) % NAMES;
	r->n_args = fuzz_byte(b) % ARGUMENTS;
	for (size_t n = 0; n < r->n_names; n++)
		s->names[i][n] = names[fuzz_byte(b) % (sizeof(names) / sizeof(*names))];
	for (size_t n = 0; n < r->n_args; n++)
		s->args[i][n] = (struct seccomp_argument){
			.index = fuzz_byte(b) % 6,
			.op = make_operator(b, r->n_args),
			.value = fuzz_byte(b) % 4 ? fuzz_byte(b) : fuzz_u64(b),
			.value_two = fuzz_byte(b) % 4 ? fuzz_byte(b) : fuzz_u64(b),
		};
}

static void check_instruction(const struct sock_filter *v, size_t i, size_t n)
{
	uint32_t left = (uint32_t)(n - i - 1);

	if (v[i].code == (BPF_JMP | BPF_JA))
		require(v[i].k < left);
	else if (BPF_CLASS(v[i].code) == BPF_JMP)
		require(v[i].jt < left && v[i].jf < left);
	else if (v[i].code == (BPF_LD | BPF_W | BPF_ABS))
		require(v[i].k % 4 == 0 && v[i].k < sizeof(struct seccomp_data));
	else
		require(v[i].code == (BPF_RET | BPF_K) || BPF_CLASS(v[i].code) == BPF_ALU ||
			BPF_CLASS(v[i].code) == BPF_LD || BPF_CLASS(v[i].code) == BPF_ST ||
			BPF_CLASS(v[i].code) == BPF_MISC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes b = { data, size };
	struct storage *s = calloc(1, sizeof(*s));
	struct seccomp_profile p = { 0 };
	struct sock_filter *program = NULL;
	struct berth_error e = { 0 };
	size_t length = 0;
	int r;

	require(s);
	p.default_action = make_action(&b);
	p.has_default_errno = fuzz_byte(&b) % 2;
	p.default_errno = fuzz_byte(&b);
	p.n_architectures = fuzz_byte(&b) % (ARCHITECTURES + 1);
	p.architectures = s->architectures;
	for (size_t i = 0; i < p.n_architectures; i++)
		p.architectures[i] = architectures[fuzz_byte(&b) % (sizeof(architectures) /
								    sizeof(*architectures))];
	p.rules = s->rules;
	p.n_rules = fuzz_byte(&b) % RULES;
	for (size_t i = 0; i < p.n_rules; i++)
		make_rule(&b, s, i);
	r = seccomp_compile(&p, &program, &length, &e);
	if (r < 0) {
		require(!program && e.code == -r && e.text[0]);
	} else {
		require(program && length > 0 && length <= BPF_MAXINSNS);
		for (size_t i = 0; i < length; i++)
			check_instruction(program, i, length);
		require(BPF_CLASS(program[length - 1].code) == BPF_RET);
	}
	free(program);
	free(s);
	return 0;
}
