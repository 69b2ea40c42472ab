/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of linux.seccomp. Architectures are the kernel's AUDIT_ARCH_* values, which are
 * libseccomp's tokens as well, so that a name the installed libseccomp does not know yet still
 * decodes; compiling for it is then an error that names it.
 */
#include "linux/seccomp.h"

#include <elf.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

const struct word seccomp_action_words[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_ERRNO },
	{ "SCMP_ACT_KILL", SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_LOG", SECCOMP_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_NOTIFY },
	{ "SCMP_ACT_TRACE", SECCOMP_TRACE },
	{ "SCMP_ACT_TRAP", SECCOMP_TRAP },
	{ NULL, 0 },
};

const struct word seccomp_operator_words[] = {
	{ "SCMP_CMP_EQ", SECCOMP_EQ }, { "SCMP_CMP_GE", SECCOMP_GE },
	{ "SCMP_CMP_GT", SECCOMP_GT }, { "SCMP_CMP_LE", SECCOMP_LE },
	{ "SCMP_CMP_LT", SECCOMP_LT }, { "SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ },
	{ "SCMP_CMP_NE", SECCOMP_NE }, { NULL, 0 },
};

const struct word seccomp_architecture_words[] = {
	{ "SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", AUDIT_ARCH_ARM },
	{ "SCMP_ARCH_LOONGARCH64", AUDIT_ARCH_LOONGARCH64 },
	{ "SCMP_ARCH_M68K", AUDIT_ARCH_M68K },
	{ "SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PARISC", AUDIT_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", AUDIT_ARCH_PARISC64 },
	{ "SCMP_ARCH_PPC", AUDIT_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE },
	{ "SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64 },
	{ "SCMP_ARCH_S390", AUDIT_ARCH_S390 },
	{ "SCMP_ARCH_S390X", AUDIT_ARCH_S390X },
	{ "SCMP_ARCH_SH", AUDIT_ARCH_SHEL },
	{ "SCMP_ARCH_SHEB", AUDIT_ARCH_SH },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_X86", AUDIT_ARCH_I386 },
	{ "SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64 },
	{ NULL, 0 },
};

const struct word seccomp_flag_words[] = {
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	{ NULL, 0 },
};
