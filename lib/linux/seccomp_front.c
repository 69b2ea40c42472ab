/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front of a compiled profile.
 *
 * Why ENOSYS: a profile lists what it allows and answers EPERM, say, to the rest. A newer C library
 * tries system calls that the profile's author did not know, and falls back to an older one only on
 * ENOSYS: EPERM breaks it. So berth answers ENOSYS to every system call with a number above the
 * greatest one that the profile names, for each architecture. This works because the kernel assigns
 * numbers in rising order.
 *
 * Why parts: libseccomp takes more than twice as long for three architectures together as for each
 * by itself.
 */
#include "linux/seccomp_front.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>

/* Where the numbers of an architecture's ordinary calls end: behind them are x32's on x86_64, the
 * private ones of ARM, and -1, a call that a tracer took away. */
enum { X32_BIT = 0x40000000, ARM_PRIVATE = 0x0f0000 };

static uint32_t find_limit(uint32_t architecture)
{
	if (architecture == SCMP_ARCH_X86_64)
		return X32_BIT;
	if (architecture == SCMP_ARCH_ARM)
		return ARM_PRIVATE;
	return UINT32_MAX;
}

/* What the kernel calls it in struct seccomp_data: x32 is marked in the number only. */
static uint32_t find_kernel_name(uint32_t architecture)
{
	return architecture == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : architecture;
}

/* The greatest number of a call that the profile names, whatever it does with it; -1 if it names
 * none. */
static int find_newest(const struct seccomp_profile *p, uint32_t architecture)
{
	uint32_t limit = find_limit(architecture);
	int newest = -1;

	for (size_t i = 0; i < p->n_rules; i++) {
		for (size_t j = 0; j < p->rules[i].n_names; j++) {
			int call = seccomp_syscall_resolve_name_arch(architecture,
								     p->rules[i].names[j]);

			/* Negative: libseccomp's own number for a call that this architecture
			 * lacks. */
			if (call > newest && (uint32_t)call < limit)
				newest = call;
		}
	}
	return newest;
}

static void append(struct seccomp_front *f, uint16_t code, uint32_t k, uint8_t if_true,
		   uint8_t if_false)
{
	f->v[f->n++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void append_load(struct seccomp_front *f, size_t offset)
{
	append(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The target is the part's index for now: how far it is, is known when the front has its length.
 * parts->n is where unknown architectures go. */
static void append_jump(struct seccomp_front *f, size_t part)
{
	append(f, BPF_JMP | BPF_JA, (uint32_t)part, 0, 0);
}

/* What is to be done for one part, with the call's number loaded; ends with the jump to it. */
static void append_part(struct seccomp_front *f, const struct seccomp_profile *p,
			const struct seccomp_parts *parts, size_t i, bool enosys)
{
	uint32_t architecture = parts->v[i].architecture;
	int newest = enosys ? find_newest(p, architecture) : -1;

	if (newest >= 0) {
		append(f, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)newest, 0, 2);
		append(f, BPF_JMP | BPF_JGE | BPF_K, find_limit(architecture), 1, 0);
		append(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	}
	append_jump(f, i);
}

static bool find_part(const struct seccomp_parts *parts, uint32_t architecture, size_t *ret)
{
	for (size_t i = 0; i < parts->n; i++) {
		if (parts->v[i].architecture == architecture) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* With the architecture loaded, and nothing else loaded behind it. */
static void append_block(struct seccomp_front *f, const struct seccomp_profile *p,
			 const struct seccomp_parts *parts, size_t i, bool enosys)
{
	uint32_t architecture = parts->v[i].architecture;
	size_t start = f->n, x32;

	append(f, BPF_JMP | BPF_JEQ | BPF_K, find_kernel_name(architecture), 0, 0);
	append_load(f, offsetof(struct seccomp_data, nr));
	if (architecture == SCMP_ARCH_X86_64 && find_part(parts, SCMP_ARCH_X32, &x32)) {
		size_t jump = f->n;

		append(f, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 0);
		append_part(f, p, parts, x32, enosys);
		f->v[jump].jf = (uint8_t)(f->n - jump - 1);
	}
	append_part(f, p, parts, i, enosys);
	f->v[start].jf = (uint8_t)(f->n - start - 1);
}

static void aim_jumps(struct seccomp_front *f, const struct seccomp_parts *parts)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].code != (BPF_JMP | BPF_JA))
			continue;

		bool unknown = f->v[i].k == parts->n;
		size_t target = f->n + (unknown ? parts->v[0].n_search : 0);

		for (size_t part = 0; part < f->v[i].k && !unknown; part++)
			target += parts->v[part].n;
		f->v[i].k = (uint32_t)(target - i - 1);
	}
}

void seccomp_build_front(const struct seccomp_profile *p, const struct seccomp_parts *parts,
			 struct seccomp_front *ret)
{
	/* Any other default either lets new calls through, or was chosen to be hard. */
	bool enosys = p->default_action == SECCOMP_ERRNO &&
		      !(p->has_default_errno && p->default_errno == ENOSYS);
	size_t x64;

	ret->n = 0;
	append_load(ret, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < parts->n; i++) /* x32 is within x86_64's block, if there is one */
		if (parts->v[i].architecture != SCMP_ARCH_X32 ||
		    !find_part(parts, SCMP_ARCH_X86_64, &x64))
			append_block(ret, p, parts, i, enosys);
	append_jump(ret, parts->n);
	aim_jumps(ret, parts);
}
