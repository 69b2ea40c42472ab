/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile lists what it allows and answers EPERM, say, to the rest. When the kernel and the C library are younger than it, the library tries a
 * call that the profile's author never heard of, and falls back to an older one only on ENOSYS: EPERM breaks it. So each system call
 * with a number above the greatest that the profile names is answered ENOSYS, architecture by architecture. Numbers are
 * given out in rising order.
 */
#include "linux/seccomp_enosys.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>

/* Numbers from `limit` on are something else: x32's calls on x86_64, the private ones of ARM, or -1, a call that a tracer took away. */
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

/* The greatest number of a call that the profile names, whatever it does with it; -1 if it names none. */
static int find_newest(const struct seccomp_profile *p, uint32_t architecture)
{
	uint32_t limit = find_limit(architecture);
	int newest = -1;

	for (size_t i = 0; i < p->n_rules; i++) {
		for (size_t j = 0; j < p->rules[i].n_names; j++) {
			int call = seccomp_syscall_resolve_name_arch(architecture,
								     p->rules[i].names[j]);

			/* Negative: libseccomp's own number for a call that this architecture lacks. */
			if (call > newest && (uint32_t)call < limit)
				newest = call;
		}
	}
	return newest;
}

static void append(struct seccomp_prologue *p, uint16_t code, uint32_t k, uint8_t if_true,
		   uint8_t if_false)
{
	p->v[p->n++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void append_load(struct seccomp_prologue *p, size_t offset)
{
	append(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* With the number loaded. */
static void append_range(struct seccomp_prologue *p, uint32_t newest, uint32_t limit)
{
	append(p, BPF_JMP | BPF_JGT | BPF_K, newest, 0, 2);
	append(p, BPF_JMP | BPF_JGE | BPF_K, limit, 1, 0);
	append(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
}

/* More than there are words for. Each takes at most six instructions: x86_64 and x32 share a block. */
enum { ARCHITECTURES_MAX = 24 };
_Static_assert(1 + ARCHITECTURES_MAX * 6 <= SECCOMP_PROLOGUE_MAX, "room for every architecture");

/* The native one, which libseccomp always has, and the profile's. */
static size_t list_architectures(const struct seccomp_profile *p, uint32_t list[ARCHITECTURES_MAX])
{
	size_t n = 0;

	list[n++] = seccomp_arch_native();
	for (size_t i = 0; i < p->n_architectures && n < ARCHITECTURES_MAX; i++) {
		size_t j = 0;

		while (j < n && list[j] != p->architectures[i])
			j++;
		if (j == n)
			list[n++] = p->architectures[i];
	}
	return n;
}

static bool is_listed_before(const uint32_t *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (find_kernel_name(list[j]) == find_kernel_name(list[i]))
			return true;
	return false;
}

/* All that is to be done where the architecture is that of list[first]; with it loaded, and nothing loaded behind it. */
static void append_block(struct seccomp_prologue *p, const struct seccomp_profile *profile,
			 const uint32_t *list, size_t n, size_t first)
{
	size_t start = p->n, ranges;
	uint32_t name = find_kernel_name(list[first]);

	append(p, BPF_JMP | BPF_JEQ | BPF_K, name, 0, 0);
	append_load(p, offsetof(struct seccomp_data, nr));
	ranges = p->n;
	for (size_t i = first; i < n; i++) {
		int newest = find_kernel_name(list[i]) == name ? find_newest(profile, list[i]) : -1;

		if (newest >= 0)
			append_range(p, (uint32_t)newest, find_limit(list[i]));
	}
	if (p->n == ranges) {
		p->n = start;
		return;
	}
	append(p, BPF_JMP | BPF_JA, 0, 0, 0);
	p->v[start].jf = (uint8_t)(p->n - start - 1);
}

void seccomp_build_prologue(const struct seccomp_profile *p, struct seccomp_prologue *ret)
{
	uint32_t list[ARCHITECTURES_MAX];
	size_t n = list_architectures(p, list);

	ret->n = 0;
	append_load(ret, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n; i++)
		if (!is_listed_before(list, i))
			append_block(ret, p, list, n, i);
	if (ret->n == 1)
		ret->n = 0;
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].code == (BPF_JMP | BPF_JA))
			ret->v[i].k = (uint32_t)(ret->n - i - 1);
}
