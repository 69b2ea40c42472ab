/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup/device_program.c: the generated program is interpreted, by an interpreter of the few
 * BPF instructions that it may use, against tables of accesses; and against a second, plain reading
 * of the rules, for random rules.
 */
#include <stdlib.h>

#include "base/text.h"
#include "cgroup/device_program.h"
#include "unit.h"

#define M BPF_DEVCG_ACC_MKNOD
#define R BPF_DEVCG_ACC_READ
#define W BPF_DEVCG_ACC_WRITE
#define C BPF_DEVCG_DEV_CHAR
#define B BPF_DEVCG_DEV_BLOCK

#define N(x)                          \
	{                             \
		.set = true, .v = (x) \
	}
#define ANY                  \
	{                    \
		.set = false \
	}

/* ck_assert() writes to its parent whenever it holds: too slow for what is asked millions of
 * times. */
#define verify(condition)                                                    \
	do {                                                                 \
		if (!(condition))                                            \
			ck_abort_msg("instruction %zu: %s", pc, #condition); \
	} while (0)

/* Stops at anything that the kernel's verifier would not take: uninitialised registers, unknown
 * instructions, another result than 0 or 1. */
static bool interpret(const struct device_program *p, uint32_t access_type, uint32_t major,
		      uint32_t minor)
{
	const uint32_t context[3] = { access_type, major, minor };
	uint64_t reg[16] = { 0 };
	bool known[16] = { [BPF_REG_1] = true };

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct bpf_insn *i = &p->v[pc];
		uint64_t *to = &reg[i->dst_reg], from = (uint64_t)(int64_t)i->imm;

		if (i->code == (BPF_JMP | BPF_EXIT)) {
			verify(known[BPF_REG_0]);
			verify(reg[BPF_REG_0] <= 1);
			return reg[BPF_REG_0] == 1;
		}
		if (i->code == (BPF_LDX | BPF_MEM | BPF_W)) {
			verify(i->src_reg == BPF_REG_1);
			verify(i->off >= 0 && i->off <= 8 && i->off % 4 == 0);
			*to = context[i->off / 4];
			known[i->dst_reg] = true;
			continue;
		}
		if (i->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			verify(pc + 1 < p->n);
			verify(i[1].code == 0);
			*to = (uint32_t)i->imm | (uint64_t)(uint32_t)i[1].imm << 32;
			known[i->dst_reg] = true;
			pc++;
			continue;
		}
		verify(BPF_CLASS(i->code) == BPF_ALU64);
		if (BPF_SRC(i->code) == BPF_X) {
			verify(known[i->src_reg]);
			from = reg[i->src_reg];
		}
		if (BPF_OP(i->code) == BPF_MOV)
			known[i->dst_reg] = true;
		verify(known[i->dst_reg]);
		verify(i->dst_reg != BPF_REG_1);
		switch (BPF_OP(i->code)) {
		case BPF_MOV:
			*to = from;
			break;
		case BPF_AND:
			*to &= from;
			break;
		case BPF_OR:
			*to |= from;
			break;
		case BPF_XOR:
			*to ^= from;
			break;
		case BPF_SUB:
			*to -= from;
			break;
		case BPF_LSH:
			*to <<= from;
			break;
		case BPF_RSH:
			*to >>= from;
			break;
		case BPF_MUL:
			*to *= from;
			break;
		default:
			ck_abort_msg("instruction %zu: code %#x", pc, i->code);
		}
	}
	ck_abort_msg("the program runs over its end");
}

static void make(size_t n, const struct cgroup_device_rule *rules, struct device_program *p)
{
	assert_ok(device_program_make(n, rules, p, &error));
}

struct expected {
	uint32_t type, access, major, minor;
	bool allowed;
};

static void check_all(size_t n, const struct cgroup_device_rule *rules, const struct expected *x,
		      size_t n_x)
{
	struct device_program p;

	make(n, rules, &p);
	for (size_t i = 0; i < n_x; i++) {
		bool allowed = interpret(&p, x[i].access << 16 | x[i].type, x[i].major, x[i].minor);

		ck_assert_msg(allowed == x[i].allowed, "access %zu: %s %u:%u %u", i,
			      x[i].type == C ? "c" : "b", x[i].major, x[i].minor, x[i].access);
	}
	device_program_free(&p);
}

#define check(rules, ...)                                                \
	do {                                                             \
		static const struct expected x_[] = { __VA_ARGS__ };     \
		check_all(ARRAY_SIZE(rules), rules, x_, ARRAY_SIZE(x_)); \
	} while (0)

START_TEST(without_rules_the_default_set)
{
	static const struct expected x[] = {
		{ C, R | W | M, 1, 3, true },
		{ C, R | W, 1, 5, true },
		{ C, R | W, 1, 7, true },
		{ C, R | W, 1, 8, true },
		{ C, R, 1, 9, true },
		{ C, R | W, 5, 0, true },
		{ C, R | W, 5, 2, true },
		{ C, R | W, 136, 0, true },
		{ C, R | W, 136, 1048575, true },
		{ C, M, 10, 229, true },
		{ B, M, 8, 0, true },
		{ C, R, 10, 229, false },
		{ C, R | M, 10, 229, false },
		{ B, R, 8, 0, false },
		{ B, R | W | M, 8, 0, false },
		{ B, R, 1, 3, false },
		{ C, R | W, 5, 1, false },
		{ C, R, 1, 4, false },
		{ C, R, 1, 11, false },
		{ C, R, 137, 0, false },
		{ C, R | W, 10, 200, false },
		{ C, W, 4095, 3, false },
		{ C, W, 1, 1048575, false },
	};

	check_all(0, NULL, x, ARRAY_SIZE(x));
}
END_TEST

/* docker's, containerd's and podman's: everything denied, then single devices. */
START_TEST(deny_all_then_single_ones)
{
	static const struct cgroup_device_rule rules[] = {
		{ true, "c", N(10), N(229), "rwm" }, /* undone by the next */
		{ false, NULL, ANY, ANY, "rwm" },    { true, "c", N(5), N(1), "rwm" },
		{ true, "b", N(8), ANY, "r" },       { true, "c", N(240), N(-1), NULL },
		{ false, "c", N(240), N(7), "w" },
	};

	check(rules, { C, R, 10, 229, false }, { C, R | W, 5, 1, true }, { B, R, 8, 0, true },
	      { B, R, 8, 17, true }, { B, W, 8, 17, false }, { B, R | W, 8, 17, false },
	      { B, R | M, 8, 17, true }, { C, R, 8, 17, false }, { C, R | W, 240, 1, true },
	      { C, R | W, 240, 7, false }, { C, R, 240, 7, true }, { C, W, 240, 7, false },
	      { C, R | W, 1, 3, true });
}
END_TEST

START_TEST(allow_all_then_single_denials)
{
	static const struct cgroup_device_rule rules[] = {
		{ false, "a", ANY, ANY, NULL },
		{ true, "a", ANY, ANY, "rwm" },
		{ false, "b", ANY, ANY, "w" },
		{ false, NULL, N(10), ANY, "rwm" },
	};
	struct device_program p;

	check(rules, { C, R | W, 240, 1, true }, { B, R, 8, 0, true }, { B, W, 8, 0, false },
	      { B, R | W, 8, 0, false }, { C, R, 10, 229, false }, { B, R, 10, 229, false },
	      { C, R | W, 1, 3, true });
	make(ARRAY_SIZE(rules), rules, &p);
	ck_assert(!p.allows_all);
	device_program_free(&p);
	make(2, rules, &p);
	ck_assert(p.allows_all);
	ck_assert(interpret(&p, (R | W) << 16 | B, 8, 0));
	device_program_free(&p);
	make(1, rules, &p);
	ck_assert(!p.allows_all);
	device_program_free(&p);
}
END_TEST

/* Single accesses of one device in rules of their own. */
START_TEST(accesses_add_up)
{
	static const struct cgroup_device_rule rules[] = {
		{ true, "c", N(240), N(0), "r" },  { true, "c", N(240), N(0), "w" },
		{ true, "c", N(240), N(1), "rw" }, { false, "c", N(240), N(1), "w" },
		{ false, "c", N(240), N(2), "w" }, { true, "c", N(240), N(2), "w" },
	};

	check(rules, { C, R | W, 240, 0, true }, { C, R | W | M, 240, 0, true },
	      { C, R, 240, 1, true }, { C, W, 240, 1, false }, { C, R | W, 240, 1, false },
	      { C, W, 240, 2, true }, { C, R, 240, 2, false });
}
END_TEST

/* The rules read plainly: each access by itself, from the last rule to the first. */
static bool decide(const struct cgroup_device_rule *rules, size_t n, const struct expected *x)
{
	for (uint32_t bit = 1; bit <= W; bit <<= 1) {
		bool allowed = false;

		if (!(x->access & bit))
			continue;
		for (size_t i = 0; i < n; i++) {
			const struct cgroup_device_rule *r = &rules[i];
			char letter = bit == R ? 'r' : bit == W ? 'w' : 'm';

			if (r->type[0] != 'a' && r->type[0] != (x->type == C ? 'c' : 'b'))
				continue;
			if ((r->major.set && r->major.v != x->major) ||
			    (r->minor.set && r->minor.v != x->minor) || !strchr(r->access, letter))
				continue;
			allowed = r->allow;
		}
		if (bit == M)
			allowed = true; /* the default set */
		if (!allowed)
			return false;
	}
	return true;
}

START_TEST(random_rules_agree_with_a_plain_reading)
{
	static const char *const types[] = { "a", "b", "c" };
	static const char *const accesses[] = { "r", "w", "m", "rw", "rm", "wm", "rwm" };
	struct cgroup_device_rule rules[12];

	srand(4711);
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)rand() % ARRAY_SIZE(rules);
		struct device_program p;

		for (size_t i = 0; i < n; i++)
			rules[i] = (struct cgroup_device_rule){
				.allow = rand() % 2,
				.type = types[rand() % 3],
				.major = { .set = rand() % 2, .v = 240 + rand() % 2 },
				.minor = { .set = rand() % 2, .v = rand() % 2 },
				.access = accesses[rand() % 7],
			};
		make(n, rules, &p);
		for (unsigned int i = 0; i < 2 * 2 * 2 * 7; i++) {
			struct expected x = { .type = i & 1 ? C : B,
					      .major = 240 + (i >> 1 & 1),
					      .minor = i >> 2 & 1,
					      .access = 1 + (i >> 3) };

			if (interpret(&p, x.access << 16 | x.type, x.major, x.minor) !=
			    decide(rules, n, &x))
				ck_abort_msg("round %d, access %u", round, i);
		}
		device_program_free(&p);
	}
}
END_TEST

START_TEST(odd_rules_are_refused)
{
	static const struct {
		struct cgroup_device_rule rule;
		const char *words;
	} odd[] = {
		{ { true, "u", ANY, ANY, "r" }, "devices[0]: type \"u\"" },
		{ { true, "", ANY, ANY, "r" }, "type \"\"" },
		{ { true, "cb", ANY, ANY, "r" }, "type \"cb\"" },
		{ { true, "c", ANY, ANY, "" }, "access \"\"" },
		{ { true, "c", ANY, ANY, "rx" }, "access \"rx\"" },
		{ { true, "c", N(-2), ANY, "r" }, "major -2" },
		{ { true, "c", N(4096), ANY, "r" }, "major 4096" },
		{ { true, "c", N(1), N(1048576), "r" }, "minor 1048576" },
		{ { true, "c", N(4294967297), ANY, "r" }, "major 4294967297" },
	};
	struct device_program p;

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		assert_fails(device_program_make(1, &odd[i].rule, &p, &error), EINVAL,
			     odd[i].words);
}
END_TEST

UNIT_MAIN("cgroup devices", without_rules_the_default_set, deny_all_then_single_ones,
	  allow_all_then_single_denials, accesses_add_up, random_rules_agree_with_a_plain_reading,
	  odd_rules_are_refused)
