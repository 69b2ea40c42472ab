/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup/stats_parse.c: the kernel's forms, and texts that are none of them; oom.c's limit.
 */
#include "cgroup/stats.h"
#include "unit.h"

START_TEST(keys)
{
	struct cgroup_stats s = { 0 };

	ck_assert_int_eq(
		stats_parse_keys(
			"anon 4096\nfile 0\nworkingset_refault_anon 18446744073709551615\n",
			&s.memory.stat, &s.memory.n_stat),
		0);
	ck_assert_uint_eq(s.memory.n_stat, 3);
	ck_assert_str_eq(s.memory.stat[0].name, "anon");
	ck_assert_uint_eq(s.memory.stat[0].value, 4096);
	ck_assert_str_eq(s.memory.stat[2].name, "workingset_refault_anon");
	ck_assert_uint_eq(s.memory.stat[2].value, UINT64_MAX);
	cgroup_stats_free(&s);
	ck_assert_int_eq(stats_parse_keys("", &s.memory.stat, &s.memory.n_stat), 0);
	ck_assert_uint_eq(s.memory.n_stat, 0);
	ck_assert_int_eq(stats_parse_keys("anon 1\nfile\n", &s.memory.stat, &s.memory.n_stat),
			 -EINVAL);
	ck_assert_int_eq(stats_parse_keys("anon -1\n", &s.memory.stat, &s.memory.n_stat), -EINVAL);
	ck_assert_int_eq(stats_parse_keys(" 1\n", &s.memory.stat, &s.memory.n_stat), -EINVAL);
}
END_TEST

START_TEST(io)
{
	struct cgroup_stats s = { 0 };

	ck_assert_int_eq(
		stats_parse_io(
			"8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=7 dios=1\n"
			"253:1048575 rbytes=90 cost.usage=5 wios=2\n",
			&s.io, &s.n_io),
		0);
	ck_assert_uint_eq(s.n_io, 2);
	ck_assert_uint_eq(s.io[0].major, 8);
	ck_assert_uint_eq(s.io[0].minor, 16);
	ck_assert_uint_eq(s.io[0].read_bytes, 1459200);
	ck_assert_uint_eq(s.io[0].write_bytes, 314773504);
	ck_assert_uint_eq(s.io[0].reads, 192);
	ck_assert_uint_eq(s.io[0].writes, 353);
	ck_assert_uint_eq(s.io[0].discard_bytes, 7);
	ck_assert_uint_eq(s.io[0].discards, 1);
	ck_assert_uint_eq(s.io[1].minor, 1048575);
	ck_assert_uint_eq(s.io[1].read_bytes, 90);
	ck_assert_uint_eq(s.io[1].write_bytes, 0);
	ck_assert_uint_eq(s.io[1].writes, 2);
	cgroup_stats_free(&s);
	ck_assert_int_eq(stats_parse_io("x:y rbytes=1\n", &s.io, &s.n_io), -EINVAL);
	ck_assert_int_eq(stats_parse_io("8:0 rbytes=one\n", &s.io, &s.n_io), -EINVAL);
	ck_assert_ptr_null(s.io);
}
END_TEST

START_TEST(rdma)
{
	struct cgroup_stats s = { 0 };

	ck_assert_int_eq(stats_parse_rdma("mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 "
					  "hca_handle=max hca_object=0\n",
					  &s.rdma, &s.n_rdma),
			 0);
	ck_assert_uint_eq(s.n_rdma, 2);
	ck_assert_str_eq(s.rdma[0].device, "mlx4_0");
	ck_assert_uint_eq(s.rdma[0].objects, 2000);
	ck_assert_uint_eq(s.rdma[1].handles, CGROUP_UNLIMITED);
	cgroup_stats_free(&s);
	ck_assert_int_eq(stats_parse_rdma("mlx4_0\n", &s.rdma, &s.n_rdma), -EINVAL);
}
END_TEST

START_TEST(pressure)
{
	struct cgroup_pressure p;

	ck_assert_int_eq(
		stats_parse_pressure("some avg10=1.50 avg60=0.25 avg300=99.99 total=123456789012\n"
				     "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
				     &p),
		0);
	ck_assert(p.present);
	ck_assert_double_eq_tol(p.some.avg10, 1.5, 1e-9);
	ck_assert_double_eq_tol(p.some.avg60, 0.25, 1e-9);
	ck_assert_double_eq_tol(p.some.avg300, 99.99, 1e-9);
	ck_assert_uint_eq(p.some.total, 123456789012);
	ck_assert_uint_eq(p.full.total, 7);
	ck_assert_int_eq(stats_parse_pressure("some avg10=x\n", &p), -EINVAL);
	ck_assert_int_eq(stats_parse_pressure("", &p), 0);
	ck_assert(!p.present);
}
END_TEST

START_TEST(memory_limit)
{
	struct cgroup_memory m = { 0 };
	const struct cgroup_resources r = { .memory = &m }, none = { 0 };

	ck_assert_uint_eq(cgroup_memory_limit(NULL, 5), 5);
	ck_assert_uint_eq(cgroup_memory_limit(&none, 5), 5);
	ck_assert_uint_eq(cgroup_memory_limit(&r, 5), 5);
	m.limit.set = true;
	ck_assert_uint_eq(cgroup_memory_limit(&r, 5), 5);
	m.limit.v = -1;
	ck_assert_uint_eq(cgroup_memory_limit(&r, 5), 0);
	m.limit.v = 20000000;
	ck_assert_uint_eq(cgroup_memory_limit(&r, 5) % 4096, 0);
	ck_assert_uint_gt(cgroup_memory_limit(&r, 5), 20000000 - 65536);
	ck_assert_uint_le(cgroup_memory_limit(&r, 5), 20000000);
}
END_TEST

UNIT_MAIN("cgroup stats", keys, io, rdma, pressure, memory_limit)
