/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generator of the device program. The kernel runs it for every open(2) and mknod(2) of a
 * device node by a process of the cgroup, with the device's type and numbers and what is asked for;
 * 1 allows, 0 is EPERM.
 *
 * It goes through the rules in order, and keeps the set of accesses that are allowed so far in a
 * register. A matching rule adds its accesses to the set or removes them. In the end, the requested
 * access has to be in the set. So "c 1:3 r" and "c 1:3 w" together allow "rw", which comparing
 * whole sets would deny.
 *
 * There is no jump in it: a rule's match is computed, 1 or 0, and multiplied by its accesses. The
 * verifier copies its state at every jump, which made loading the usual program cost 400 us and one
 * of 200 rules half a second (6.18).
 */
#include "cgroup/device_program.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { ACCESS_ALL = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE };
enum { ANY_TYPE = 0, MAJOR_MAX = 4095, MINOR_MAX = 1048575 };

/* What the registers hold throughout. The key is type << 52 | major << 20 | minor. */
enum {
	RESULT = BPF_REG_0,
	CONTEXT = BPF_REG_1,
	KEY = BPF_REG_2,
	ACCESS = BPF_REG_3,
	ALLOWED = BPF_REG_4,
	MATCH = BPF_REG_5,
	OTHER = BPF_REG_6,
};
enum { TYPE_SHIFT = 52, MAJOR_SHIFT = 20 };

struct rule {
	bool allow;
	int type;             /* BPF_DEVCG_DEV_* or ANY_TYPE */
	int32_t major, minor; /* -1: any */
	int access;
};

/* mknod of any node is harmless: opening it is what counts. /dev/console is not among them: a
 * container's is a pseudo terminal, and 5:1 is the host's. */
static const struct rule default_set[] = {
	{ true, ANY_TYPE, -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, BPF_DEVCG_DEV_CHAR, 1, 3, ACCESS_ALL },    /* null */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 5, ACCESS_ALL },    /* zero */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 7, ACCESS_ALL },    /* full */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 8, ACCESS_ALL },    /* random */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 9, ACCESS_ALL },    /* urandom */
	{ true, BPF_DEVCG_DEV_CHAR, 5, 0, ACCESS_ALL },    /* tty */
	{ true, BPF_DEVCG_DEV_CHAR, 5, 2, ACCESS_ALL },    /* ptmx */
	{ true, BPF_DEVCG_DEV_CHAR, 136, -1, ACCESS_ALL }, /* pts */
};

static int parse_type(const char *type, int *ret)
{
	if (!type || text_equal(type, "a"))
		*ret = ANY_TYPE;
	else if (text_equal(type, "c"))
		*ret = BPF_DEVCG_DEV_CHAR;
	else if (text_equal(type, "b"))
		*ret = BPF_DEVCG_DEV_BLOCK;
	else
		return -EINVAL;
	return 0;
}

static int parse_access(const char *access, int *ret)
{
	int all = 0;

	if (!access) {
		*ret = ACCESS_ALL;
		return 0;
	}
	for (const char *c = access; *c; c++) {
		if (*c == 'r')
			all |= BPF_DEVCG_ACC_READ;
		else if (*c == 'w')
			all |= BPF_DEVCG_ACC_WRITE;
		else if (*c == 'm')
			all |= BPF_DEVCG_ACC_MKNOD;
		else
			return -EINVAL;
	}
	if (!all)
		return -EINVAL;
	*ret = all;
	return 0;
}

static int parse_device_number(const struct optional_i64 *v, int64_t max, int32_t *ret)
{
	*ret = -1;
	if (!v->set || v->v == -1)
		return 0;
	if (v->v < 0 || v->v > max)
		return -EINVAL;
	*ret = (int32_t)v->v;
	return 0;
}

static int parse_rule(const struct cgroup_device_rule *from, size_t i, struct rule *ret,
		      struct berth_error *e)
{
	ret->allow = from->allow;
	if (parse_type(from->type, &ret->type) < 0)
		return refuse(e, EINVAL,
			      "linux.resources.devices[%zu]: type \"%s\" is not a, b or c", i,
			      from->type);
	if (parse_access(from->access, &ret->access) < 0)
		return refuse(e, EINVAL,
			      "linux.resources.devices[%zu]: access \"%s\" is not made of r, w, m",
			      i, from->access);
	if (parse_device_number(&from->major, MAJOR_MAX, &ret->major) < 0)
		return refuse(e, EINVAL, "linux.resources.devices[%zu]: major %lld is not in 0..%d",
			      i, (long long)from->major.v, MAJOR_MAX);
	if (parse_device_number(&from->minor, MINOR_MAX, &ret->minor) < 0)
		return refuse(e, EINVAL, "linux.resources.devices[%zu]: minor %lld is not in 0..%d",
			      i, (long long)from->minor.v, MINOR_MAX);
	return 0;
}

/* Nothing that stands before such a rule has any effect. */
static bool is_reset(const struct rule *r)
{
	return r->type == ANY_TYPE && r->major < 0 && r->minor < 0 && r->access == ACCESS_ALL;
}

/* Running out of memory is noticed at the end. */
static void emit(struct device_program *p, struct bpf_insn insn)
{
	if (p->n == p->size) {
		size_t size = p->size ? p->size * 2 : 256;
		struct bpf_insn *v = reallocarray(p->v, size, sizeof(*v));

		if (!v) {
			p->failed = true;
			return;
		}
		p->v = v;
		p->size = size;
	}
	p->v[p->n++] = insn;
}

static void emit_number(struct device_program *p, int operation, uint8_t to, int32_t imm)
{
	emit(p, (struct bpf_insn){ .code = (uint8_t)(BPF_ALU64 | BPF_K | operation),
				   .dst_reg = (uint8_t)(to & 0xf),
				   .imm = imm });
}

static void emit_register(struct device_program *p, int operation, uint8_t to, uint8_t from)
{
	emit(p, (struct bpf_insn){ .code = (uint8_t)(BPF_ALU64 | BPF_X | operation),
				   .dst_reg = (uint8_t)(to & 0xf),
				   .src_reg = (uint8_t)(from & 0xf) });
}

static void emit_load(struct device_program *p, uint8_t to, size_t offset)
{
	emit(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
				   .dst_reg = (uint8_t)(to & 0xf),
				   .src_reg = CONTEXT,
				   .off = (int16_t)offset });
}

/* A 64-bit constant takes two instructions. */
static void emit_constant(struct device_program *p, uint8_t to, uint64_t v)
{
	/* NOLINTNEXTLINE(misc-redundant-expression): two of the words are 0 */
	emit(p, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
				   .dst_reg = (uint8_t)(to & 0xf),
				   .imm = (int32_t)v });
	emit(p, (struct bpf_insn){ .imm = (int32_t)(v >> 32) });
}

/* access_type has the type in its lower half and the accesses in its upper one. */
static void emit_prologue(struct device_program *p, bool allowed)
{
	emit_load(p, KEY, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit_register(p, BPF_MOV, ACCESS, KEY);
	emit_number(p, BPF_RSH, ACCESS, 16);
	emit_number(p, BPF_AND, KEY, 0xffff);
	emit_number(p, BPF_LSH, KEY, TYPE_SHIFT);
	emit_load(p, OTHER, offsetof(struct bpf_cgroup_dev_ctx, major));
	emit_number(p, BPF_LSH, OTHER, MAJOR_SHIFT);
	emit_register(p, BPF_OR, KEY, OTHER);
	emit_load(p, OTHER, offsetof(struct bpf_cgroup_dev_ctx, minor));
	emit_register(p, BPF_OR, KEY, OTHER);
	emit_number(p, BPF_MOV, ALLOWED, allowed ? ACCESS_ALL : 0);
}

/* MATCH becomes the rule's accesses if the key matches, else 0. The key's difference, with what
 * does not matter taken out, is 0 or positive; less one, its sign is the answer. Multiplied, and
 * not made a mask of -1 or 0: such masks the verifier forks at, too (6.18). */
static void emit_match(struct device_program *p, const struct rule *r)
{
	const uint64_t type_mask = UINT64_C(0xfff) << TYPE_SHIFT,
		       minor_mask = (UINT64_C(1) << MAJOR_SHIFT) - 1;
	uint64_t mask = 0, value = 0;

	if (r->type != ANY_TYPE) {
		mask |= type_mask;
		value |= (uint64_t)r->type << TYPE_SHIFT;
	}
	if (r->major >= 0) {
		mask |= ~type_mask & ~minor_mask;
		value |= (uint64_t)r->major << MAJOR_SHIFT;
	}
	if (r->minor >= 0) {
		mask |= minor_mask;
		value |= (uint64_t)r->minor;
	}
	emit_constant(p, MATCH, value);
	emit_register(p, BPF_XOR, MATCH, KEY);
	if (mask != UINT64_MAX) {
		emit_constant(p, OTHER, mask);
		emit_register(p, BPF_AND, MATCH, OTHER);
	}
	emit_number(p, BPF_SUB, MATCH, 1);
	emit_number(p, BPF_RSH, MATCH, 63);
	emit_number(p, BPF_MUL, MATCH, r->access);
}

static void emit_rule(struct device_program *p, const struct rule *r)
{
	if (r->type == ANY_TYPE && r->major < 0 && r->minor < 0) {
		if (r->allow)
			emit_number(p, BPF_OR, ALLOWED, r->access);
		else
			emit_number(p, BPF_AND, ALLOWED, ACCESS_ALL & ~r->access);
		return;
	}
	emit_match(p, r);
	if (r->allow) {
		emit_register(p, BPF_OR, ALLOWED, MATCH);
	} else {
		emit_number(p, BPF_XOR, MATCH, ACCESS_ALL);
		emit_register(p, BPF_AND, ALLOWED, MATCH);
	}
}

/* 1 if nothing is asked for that is not allowed, else 0. */
static void emit_verdict(struct device_program *p)
{
	emit_number(p, BPF_XOR, ALLOWED, ACCESS_ALL);
	emit_register(p, BPF_MOV, RESULT, ACCESS);
	emit_register(p, BPF_AND, RESULT, ALLOWED);
	emit_number(p, BPF_SUB, RESULT, 1);
	emit_number(p, BPF_RSH, RESULT, 63);
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

static void emit_program(struct device_program *p, const struct rule *rules, size_t n)
{
	size_t first = n;

	while (first > 0 && !is_reset(&rules[first - 1]))
		first--;
	emit_prologue(p, first > 0 && rules[first - 1].allow);
	for (size_t i = first; i < n; i++)
		emit_rule(p, &rules[i]);
	for (size_t i = 0; i < ARRAY_SIZE(default_set); i++)
		emit_rule(p, &default_set[i]);
	emit_verdict(p);
}

int device_program_make(size_t n, const struct cgroup_device_rule *rules,
			struct device_program *ret, struct berth_error *e)
{
	cleanup(device_program_free) struct device_program p = { 0 };
	autofree struct rule *parsed = calloc(n + 1, sizeof(*parsed));

	if (!parsed)
		return fail(e, ENOMEM, "linux.resources.devices");
	for (size_t i = 0; i < n; i++) {
		int r = parse_rule(&rules[i], i, &parsed[i], e);

		if (r < 0)
			return r;
	}
	p.allows_all = n > 0 && is_reset(&parsed[n - 1]) && parsed[n - 1].allow;
	emit_program(&p, parsed, n);
	if (p.failed)
		return fail(e, ENOMEM, "linux.resources.devices");
	*ret = p;
	p = (struct device_program){ 0 };
	return 0;
}

void device_program_free(struct device_program *p)
{
	free_pointer(&p->v);
	*p = (struct device_program){ 0 };
}
