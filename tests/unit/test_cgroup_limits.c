/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup/limits.c: the arithmetic, the list of writes for each property, and what is refused by
 * name.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cgroup/limits.h"
#include "unit.h"

#define I(x)                          \
	{                             \
		.set = true, .v = (x) \
	}

/* The list as "memory.max=5 cpu.max=max 100000", with "?" behind defaults, "~" behind what may
 * lack, "|" before the next alternative. */
static const char *plan(const struct cgroup_resources *r, const struct limits_now *now)
{
	static char text[2048];
	struct settings s = { 0 };
	size_t used = 0;

	assert_ok(limits_settings(r, now, &s, &error));
	text[0] = '\0';
	for (size_t i = 0; i < s.n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s%s%s",
					 i ? "; " : "", s.v[i].file, s.v[i].value,
					 s.v[i].is_default ? "?" : "",
					 s.v[i].or_next    ? "|"
					 : s.v[i].may_lack ? "~"
							   : "");
	settings_free(&s);
	return text;
}

static const char *plan_memory(struct cgroup_memory m)
{
	struct cgroup_resources r = { .memory = &m };

	return plan(&r, &limits_fresh);
}

static const char *plan_cpu(struct cgroup_cpu c)
{
	struct cgroup_resources r = { .cpu = &c };

	return plan(&r, &limits_fresh);
}

static const char *update_memory(struct cgroup_memory m, uint64_t max, uint64_t swap_max)
{
	struct cgroup_resources r = { .memory = &m };
	struct limits_now now = {
		.memory_max = max, .swap_max = swap_max, .quota = LIMIT_MAX, .existing = true
	};

	return plan(&r, &now);
}

static const char *update_cpu(struct cgroup_cpu c, uint64_t quota, uint64_t burst, bool idle)
{
	struct cgroup_resources r = { .cpu = &c };
	struct limits_now now = limits_fresh;

	now.quota = quota;
	now.burst = burst;
	now.idle = idle;
	now.existing = true;
	return plan(&r, &now);
}

static void refused(const struct cgroup_resources *r, const struct limits_now *now, int err,
		    const char *words)
{
	struct settings s = { 0 };

	assert_fails(limits_settings(r, now, &s, &error), err, words);
	ck_assert_ptr_null(s.v);
	ck_assert_ptr_nonnull(strstr(error.text, "linux.resources."));
}

static void refused_memory(struct cgroup_memory m, int err, const char *words)
{
	struct cgroup_resources r = { .memory = &m };

	refused(&r, &limits_fresh, err, words);
}

static void refused_cpu(struct cgroup_cpu c, int err, const char *words)
{
	struct cgroup_resources r = { .cpu = &c };

	refused(&r, &limits_fresh, err, words);
}

START_TEST(shares_to_weight)
{
	static const struct {
		uint64_t shares, weight;
	} known[] = {
		/* The published table of the formula: systemd, Kubernetes KEP-2254's successor,
		   runc 1.3.2, crun 1.24. */
		{ 0, 1 },
		{ 1, 1 },
		{ 2, 1 },
		{ 1024, 100 },
		{ 262144, 10000 },
		{ 262145, 10000 },
		{ UINT64_MAX, 10000 },
	};
	uint64_t last = 1;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		ck_assert_uint_eq(limits_cpu_weight(known[i].shares), known[i].weight);
	for (uint64_t shares = 2; shares <= 262144; shares++) {
		uint64_t weight = limits_cpu_weight(shares);

		ck_assert_uint_ge(weight, last);
		ck_assert_uint_le(weight, 10000);
		last = weight;
	}
	ck_assert_uint_lt(limits_cpu_weight(1023), 101);
	ck_assert_uint_gt(limits_cpu_weight(1025), 100);
}
END_TEST

START_TEST(io_weights)
{
	ck_assert_uint_eq(limits_io_weight(10), 1);
	ck_assert_uint_eq(limits_io_weight(100), 910);
	ck_assert_uint_eq(limits_io_weight(500), 4950);
	ck_assert_uint_eq(limits_io_weight(1000), 10000);
}
END_TEST

START_TEST(nothing_asks_for_nothing)
{
	struct cgroup_resources r = { 0 };
	struct cgroup_memory m = { 0 };
	struct cgroup_cpu c = { 0 };
	struct cgroup_block_io b = { 0 };

	ck_assert_str_eq(plan(NULL, &limits_fresh), "");
	ck_assert_str_eq(plan(&r, &limits_fresh), "");
	r.memory = &m;
	r.cpu = &c;
	r.block_io = &b;
	ck_assert_str_eq(plan(&r, &limits_fresh), "");
}
END_TEST

/* As `docker update` sends what was not given. */
START_TEST(zeros_of_engines_are_not_given)
{
	ck_assert_str_eq(
		plan_memory((struct cgroup_memory){
			.limit = I(0), .reservation = I(0), .swap = I(0), .kernel = I(0) }),
		"");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .shares = I(0),
						       .quota = I(0),
						       .period = I(0),
						       .realtime_period = I(0),
						       .realtime_runtime = I(0),
						       .cpus = "",
						       .mems = "" }),
			 "");
}
END_TEST

START_TEST(memory)
{
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(524288) }),
			 "memory.max=524288");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(-1) }),
			 "memory.max=max?; memory.swap.max=max?~");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(100), .swap = I(100) }),
			 "memory.max=100; memory.swap.max=0");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(100), .swap = I(250) }),
			 "memory.max=100; memory.swap.max=150");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(100), .swap = I(-1) }),
			 "memory.max=100; memory.swap.max=max?~");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .swap = I(-1) }),
			 "memory.swap.max=max?~");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .reservation = I(7) }),
			 "memory.low=7");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .reservation = I(-1) }),
			 "memory.low=max");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .limit = I(INT64_MAX) }),
			 "memory.max=9223372036854775807");
	ck_assert_str_eq(plan_memory((struct cgroup_memory){ .kernel = I(-1),
							     .kernel_tcp = I(-1),
							     .disable_oom_killer = I(false),
							     .use_hierarchy = I(true) }),
			 "");
}
END_TEST

START_TEST(memory_refused)
{
	refused_memory((struct cgroup_memory){ .limit = I(-2) }, EINVAL, "memory.limit: -2");
	refused_memory((struct cgroup_memory){ .reservation = I(-5) }, EINVAL,
		       "memory.reservation: -5");
	refused_memory((struct cgroup_memory){ .limit = I(100), .swap = I(99) }, EINVAL,
		       "less than memory.limit");
	refused_memory((struct cgroup_memory){ .swap = I(99) }, EINVAL, "needs memory.limit");
	refused_memory((struct cgroup_memory){ .limit = I(-1), .swap = I(99) }, EINVAL,
		       "needs memory.limit");
	refused_memory((struct cgroup_memory){ .limit = I(100), .swap = I(-2) }, EINVAL,
		       "memory.swap: -2");
}
END_TEST

START_TEST(memory_updates)
{
	/* The swap that stays as it is, and the limit that the new swap is relative to. */
	ck_assert_str_eq(update_memory((struct cgroup_memory){ .limit = I(50) }, 100, 30),
			 "memory.max=50");
	ck_assert_str_eq(update_memory((struct cgroup_memory){ .swap = I(150) }, 100, 30),
			 "memory.swap.max=50");
	/* Raised swap goes first, lowered swap last. */
	ck_assert_str_eq(
		update_memory((struct cgroup_memory){ .limit = I(50), .swap = I(150) }, 100, 30),
		"memory.swap.max=100; memory.max=50");
	ck_assert_str_eq(
		update_memory((struct cgroup_memory){ .limit = I(200), .swap = I(210) }, 100, 30),
		"memory.max=200; memory.swap.max=10");
	ck_assert_str_eq(
		update_memory((struct cgroup_memory){ .limit = I(200), .swap = I(-1) }, 100, 30),
		"memory.swap.max=max?~; memory.max=200");
	ck_assert_str_eq(update_memory((struct cgroup_memory){ .limit = I(-1) }, 100, LIMIT_MAX),
			 "memory.max=max?; memory.swap.max=max?~");
}
END_TEST

START_TEST(memory_is_checked_before_update)
{
	struct cgroup_memory m = { .limit = I(100), .check_before_update = I(true) };
	struct cgroup_resources r = { .memory = &m };
	struct limits_now now = {
		.memory_max = 1000, .memory_current = 101, .swap_current = 50, .existing = true
	};

	refused(&r, &now, EBUSY, "100 bytes, and 101 are in use");
	now.memory_current = 100;
	ck_assert_str_eq(plan(&r, &now), "memory.max=100");
	m.swap = (struct optional_i64)I(149);
	refused(&r, &now, EBUSY, "leaves 49 bytes of swap, and 50 are in use");
	m.swap.v = 150;
	ck_assert_str_eq(plan(&r, &now), "memory.swap.max=50; memory.max=100");
	m.check_before_update.v = false;
	now.memory_current = 1000;
	ck_assert_str_eq(plan(&r, &now), "memory.swap.max=50; memory.max=100");
}
END_TEST

START_TEST(cpu)
{
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .shares = I(1024) }), "cpu.weight=100?");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .shares = I(2) }), "cpu.weight=1");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .quota = I(50000) }), "cpu.max=50000");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .quota = I(50000), .period = I(20000) }),
			 "cpu.max=50000 20000");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .period = I(20000) }), "cpu.max=max 20000");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .quota = I(-1) }), "cpu.max=max?");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .quota = I(-1), .period = I(100000) }),
			 "cpu.max=max 100000?");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .quota = I(50000), .burst = I(50000) }),
			 "cpu.max=50000; cpu.max.burst=50000");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .burst = I(0) }), "cpu.max.burst=0?");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .idle = I(1), .shares = I(2) }),
			 "cpu.weight=1; cpu.idle=1");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .idle = I(0), .shares = I(2) }),
			 "cpu.idle=0?; cpu.weight=1");
	ck_assert_str_eq(plan_cpu((struct cgroup_cpu){ .cpus = "0-1,3", .mems = "0" }),
			 "cpuset.cpus=0-1,3; cpuset.mems=0");
}
END_TEST

START_TEST(cpu_refused)
{
	struct cgroup_cpu shares = { .shares = I(2) }, less = { .quota = I(1000) };
	struct cgroup_resources r = { .cpu = &shares }, l = { .cpu = &less };
	struct limits_now now = limits_fresh;

	refused_cpu((struct cgroup_cpu){ .quota = I(-7) }, EINVAL, "cpu.quota: -7");
	refused_cpu((struct cgroup_cpu){ .quota = I(5000), .burst = I(5001) }, EINVAL,
		    "cpu.burst: the burst of 5001");
	refused_cpu((struct cgroup_cpu){ .idle = I(2) }, EINVAL, "cpu.idle: 2");
	now.idle = true;
	refused(&r, &now, EINVAL, "while cpu.idle is 1");
	now.burst = 2000;
	refused(&l, &now, EINVAL,
		"cpu.quota: the burst of 2000 us is more than the quota of 1000 us");
}
END_TEST

START_TEST(cpu_updates)
{
	/* A period alone keeps the quota. */
	ck_assert_str_eq(update_cpu((struct cgroup_cpu){ .period = I(20000) }, 5000, 0, false),
			 "cpu.max=5000 20000");
	/* burst <= quota at every moment. */
	ck_assert_str_eq(update_cpu((struct cgroup_cpu){ .quota = I(5000), .burst = I(4000) }, 9000,
				    8000, false),
			 "cpu.max.burst=4000; cpu.max=5000");
	ck_assert_str_eq(update_cpu((struct cgroup_cpu){ .quota = I(20000), .burst = I(15000) },
				    9000, 8000, false),
			 "cpu.max=20000; cpu.max.burst=15000");
	ck_assert_str_eq(
		update_cpu((struct cgroup_cpu){ .shares = I(2), .idle = I(1) }, LIMIT_MAX, 0, true),
		"cpu.idle=1");
	ck_assert_str_eq(
		update_cpu((struct cgroup_cpu){ .shares = I(2), .idle = I(0) }, LIMIT_MAX, 0, true),
		"cpu.idle=0?; cpu.weight=1");
}
END_TEST

START_TEST(block_io)
{
	struct cgroup_block_device weights[] = { { .major = 8, .minor = 0, .weight = I(500) },
						 { .major = 8, .minor = 16 } };
	struct cgroup_block_device rates[] = { { .major = 253, .minor = 1048575, .rate = I(600) },
					       { .major = 8, .minor = 0, .rate = I(0) } };
	struct cgroup_block_io b = { .weight = I(10), .weight_devices = { 2, weights } };
	struct cgroup_resources r = { .block_io = &b };

	ck_assert_str_eq(plan(&r, &limits_fresh), "io.bfq.weight=10|; io.weight=default 1; "
						  "io.bfq.weight=8:0 500|; io.weight=8:0 4950");
	b = (struct cgroup_block_io){ .throttle_read_bps = { 2, rates },
				      .throttle_write_bps = { 1, rates },
				      .throttle_read_iops = { 1, rates },
				      .throttle_write_iops = { 1, rates } };
	ck_assert_str_eq(
		plan(&r, &limits_fresh),
		"io.max=253:1048575 rbps=600; io.max=8:0 rbps=max?; io.max=253:1048575 wbps=600; "
		"io.max=253:1048575 riops=600; io.max=253:1048575 wiops=600");
	rates[0].major = -1;
	refused(&r, &limits_fresh, EINVAL,
		"blockIO.throttleReadBpsDevice: there is no device -1:1048575");
	b = (struct cgroup_block_io){ .weight = I(9) };
	refused(&r, &limits_fresh, EINVAL, "blockIO.weight: 9 is not in 10..1000");
	b = (struct cgroup_block_io){ .weight = I(1001) };
	refused(&r, &limits_fresh, EINVAL, "blockIO.weight: 1001 is not in 10..1000");
}
END_TEST

START_TEST(pids)
{
	struct cgroup_resources r = { .pids_limit = I(0) };

	ck_assert_str_eq(plan(&r, &limits_fresh), "pids.max=1");
	r.pids_limit.v = -1;
	ck_assert_str_eq(plan(&r, &limits_fresh), "pids.max=max?");
	r.pids_limit.v = 32771;
	ck_assert_str_eq(plan(&r, &limits_fresh), "pids.max=32771");
	r.pids_limit.v = -2;
	refused(&r, &limits_fresh, EINVAL, "pids.limit: -2");
}
END_TEST

START_TEST(hugepages)
{
	static const char *const odd[] = { "",         "2M",   "MB",   "02MB", "2TB",
					   "2MB/../x", "-2MB", "2 MB", "2MBx", "123456789KB" };
	struct cgroup_hugepage_limit h[] = { { "2MB", 209715200 }, { "64KB", 0 } };
	struct cgroup_resources r = { .hugepages = { 2, h } };

	ck_assert_str_eq(plan(&r, &limits_fresh),
			 "hugetlb.2MB.max=209715200; hugetlb.2MB.rsvd.max=209715200~; "
			 "hugetlb.64KB.max=0; hugetlb.64KB.rsvd.max=0~");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		h[1].page_size = odd[i];
		refused(&r, &limits_fresh, EINVAL, "hugepageLimits: page size");
	}
}
END_TEST

START_TEST(rdma)
{
	struct cgroup_rdma d[] = { { "mlx5_1", I(3), I(10000) },
				   { "mlx4_0", { 0 }, I(1000) },
				   { "rxe3", I(1), { 0 } } };
	struct cgroup_resources r = { .rdma = { 3, d } };

	ck_assert_str_eq(plan(&r, &limits_fresh),
			 "rdma.max=mlx5_1 hca_handle=3 hca_object=10000; "
			 "rdma.max=mlx4_0 hca_object=1000; rdma.max=rxe3 hca_handle=1");
	d[1].objects.set = false;
	refused(&r, &limits_fresh, EINVAL, "rdma.mlx4_0 has neither");
	d[1].device = "a b";
	refused(&r, &limits_fresh, EINVAL, "no name of a device");
}
END_TEST

START_TEST(unified)
{
	static const char *const bad[] = {
		"",          ".",     "..",          "memory",      "memory.",      ".max",
		"../x.max",  "a/b.c", "memory.ma x", "mem ory.max", "memory\n.max", "a..b",
		"MEMORY.max"
	};
	static const char *const reserved[] = { "cgroup.procs", "cgroup.kill",
						"cgroup.subtree_control" };
	struct cgroup_unified u[] = { { "io.max", "259:0 rbps=2097152\n253:0 rbps=1" },
				      { "hugetlb.1GB.max", "1073741824" },
				      { "foo.bar_baz.x-y", "z" },
				      { "cgroup.max.depth", "4" } };
	struct cgroup_resources r = { .unified = { 4, u }, .pids_limit = I(5) };

	ck_assert_str_eq(
		plan(&r, &limits_fresh),
		"pids.max=5; io.max=259:0 rbps=2097152\n253:0 rbps=1; hugetlb.1GB.max=1073741824; "
		"foo.bar_baz.x-y=z; cgroup.max.depth=4");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		u[0].key = bad[i];
		refused(&r, &limits_fresh, EINVAL, "is no name of a cgroup file");
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		u[0].key = reserved[i];
		refused(&r, &limits_fresh, EINVAL, "runtime's own business");
	}
}
END_TEST

START_TEST(controllers)
{
	static const struct {
		const char *file, *controller;
	} known[] = {
		{ "memory.swap.max", "memory" },
		{ "cpuset.cpus", "cpuset" },
		{ "cpu.max", "cpu" },
		{ "io.bfq.weight", "io" },
		{ "cgroup.max.depth", "" },
		{ "memory.pressure", "" },
		{ "hugetlb.2MB.max", "hugetlb" },
		{ "misc.max", "misc" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		char controller[CONTROLLER_MAX];

		setting_controller(known[i].file, controller);
		ck_assert_str_eq(controller, known[i].controller);
	}
}
END_TEST

START_TEST(the_first_that_matters)
{
	struct cgroup_cpu c = { .shares = I(1024) };
	struct cgroup_resources r = { .cpu = &c };
	struct settings s;

	assert_ok(limits_settings(&r, &limits_fresh, &s, &error));
	ck_assert_ptr_null(settings_first(&s));
	settings_free(&s);
	r.pids_limit = (struct optional_i64)I(3);
	assert_ok(limits_settings(&r, &limits_fresh, &s, &error));
	ck_assert_str_eq(settings_first(&s), "pids.limit");
	settings_free(&s);
}
END_TEST

UNIT_MAIN("cgroup limits", shares_to_weight, io_weights, nothing_asks_for_nothing,
	  zeros_of_engines_are_not_given, memory, memory_refused, memory_updates,
	  memory_is_checked_before_update, cpu, cpu_refused, cpu_updates, block_io, pids, hugepages,
	  rdma, unified, controllers, the_first_that_matters)
