/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup/unit.c and unit_annotations.c: what systemd is told, word for word.
 */
#include <check.h>
#undef fail /* check.h has a macro of that name */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/unit.h"
#include "unit.h"

static void check_place(const char *path, bool rootless, const char *slice, const char *unit)
{
	cleanup(unit_place_free) struct unit_place p = { 0 };
	struct cgroup_request r = { .path = path, .id = "a+b", .rootless = rootless };
	struct berth_error e = { 0 };

	ck_assert_msg(unit_place(&r, &p, &e) == 0, "%s", e.text);
	ck_assert_str_eq(p.slice, slice);
	ck_assert_str_eq(p.unit, unit);
}

START_TEST(places)
{
	check_place(NULL, false, "system.slice", "berth-a\\x2bb.scope");
	check_place("", true, "user.slice", "berth-a\\x2bb.scope");
	check_place("machine.slice:libpod:1f", false, "machine.slice", "libpod-1f.scope");
	check_place("kubepods-burstable-pod1.slice:cri-containerd:2", false,
		    "kubepods-burstable-pod1.slice", "cri-containerd-2.scope");
	check_place("::x", false, "system.slice", "x.scope");
	check_place("-.slice:p:n", false, "-.slice", "p-n.scope");
	check_place("a.slice:p:n m", false, "a.slice", "p-n\\x20m.scope");
	check_place("a.slice:p:n:m", false, "a.slice", "p-n:m.scope");
}
END_TEST

START_TEST(bad_places)
{
	static const struct {
		const char *path, *text;
	} bad[] = {
		{ "/a/b", "linux.cgroupsPath /a/b names no systemd unit (with --systemd-cgroup it "
			  "is like" },
		{ "a", "names no systemd unit" },
		{ "a.slice:b", "names no systemd unit" },
		{ "a.slice:b:", "has no name in it" },
		{ "a:b:c", "does not begin with the name of a slice" },
		{ ".slice:b:c", "does not begin with the name of a slice" },
		{ "a b.slice:b:c", "does not begin with the name of a slice" },
		{ "a.slice:b:c\n", "control characters" },
	};
	char path[400] = "a.slice:b:";

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cgroup_request r = { .path = bad[i].path, .id = "id" };
		struct unit_place p = { 0 };

		assert_fails(unit_place(&r, &p, &error), EINVAL, bad[i].text);
	}
	memset(path + strlen(path), 'x', 300);
	struct cgroup_request r = { .path = path, .id = "id" };
	struct unit_place p = { 0 };
	assert_fails(unit_place(&r, &p, &error), EINVAL, "is too long");
	r = (struct cgroup_request){ .id = path + strlen("a.slice:b:") };
	assert_fails(unit_place(&r, &p, &error), EINVAL, "the id is too long");
}
END_TEST

static void check_file(const char *file, const char *content, const char *wanted)
{
	autofree char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	unit_put_file(out, file, content);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_msg(text_equal(text, wanted), "%s \"%s\" became \"%s\"", file, content, text);
}

START_TEST(files)
{
	static const struct {
		const char *file, *content, *wanted;
	} v[] = {
		{ "memory.max", "1048576", "MemoryMax t 1048576\n" },
		{ "memory.max", "max\n", "MemoryMax t 18446744073709551615\n" },
		{ "memory.max", "1M", "" },
		{ "memory.low", "5", "MemoryLow t 5\n" },
		{ "memory.high", "5", "MemoryHigh t 5\n" },
		{ "memory.min", "5", "MemoryMin t 5\n" },
		{ "memory.swap.max", "0", "MemorySwapMax t 0\n" },
		{ "cpu.weight", "59", "CPUWeight t 59\n" },
		{ "cpu.max", "50000 100000",
		  "CPUQuotaPerSecUSec t 500000\nCPUQuotaPeriodUSec t 100000\n" },
		{ "cpu.max", "33333",
		  "CPUQuotaPerSecUSec t 340000\nCPUQuotaPeriodUSec t 100000\n" },
		{ "cpu.max", "400000 200000",
		  "CPUQuotaPerSecUSec t 2000000\nCPUQuotaPeriodUSec t 200000\n" },
		{ "cpu.max", "max 100000",
		  "CPUQuotaPerSecUSec t 18446744073709551615\nCPUQuotaPeriodUSec t 100000\n" },
		{ "cpu.max", "1 0", "" },
		{ "cpu.max", "18446744073709551614 1", "" },
		{ "cpuset.cpus", "0-3,9", "AllowedCPUs ay 0f02\n" },
		{ "cpuset.mems", "1", "AllowedMemoryNodes ay 02\n" },
		{ "cpuset.cpus", "3-1", "" },
		{ "pids.max", "20", "TasksMax t 20\n" },
		{ "pids.max", "0", "TasksMax t 1\n" },
		{ "io.weight", "default 500\n8:16 10\n",
		  "IOWeight t 500\nIODeviceWeight a(st) /dev/block/8:16 10\n" },
		{ "io.bfq.weight", "500", "" },
		{ "io.max", "8:0 rbps=1000 wiops=max",
		  "IOReadBandwidthMax a(st) /dev/block/8:0 1000\n"
		  "IOWriteIOPSMax a(st) /dev/block/8:0 18446744073709551615\n" },
		{ "io.max", "8:0 wbps=2\n8:16 riops=3",
		  "IOWriteBandwidthMax a(st) /dev/block/8:0 2\nIOReadIOPSMax a(st) /dev/block/8:16 "
		  "3\n" },
		{ "hugetlb.2MB.max", "0", "" },
		{ "cpu.max.burst", "1", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		check_file(v[i].file, v[i].content, v[i].wanted);
}
END_TEST

START_TEST(settings_of_resources)
{
	const struct cgroup_memory memory = { .limit = { true, 1048576 }, .swap = { true, -1 } };
	const struct cgroup_resources r = { .memory = &memory, .pids_limit = { true, 7 } };
	autosettings struct settings s = { 0 };
	autofree char *text = NULL;
	struct berth_error e;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_int_eq(limits_settings(&r, &limits_fresh, &s, &e), 0);
	unit_put_basics(out, "c", "a.slice");
	unit_put_settings(out, &s);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text,
			 "Description s berth container c\nSlice s a.slice\nDelegate b 1\n"
			 "DefaultDependencies b 0\nCollectMode s inactive-or-failed\n"
			 "TasksMax t 18446744073709551615\nMemoryMax t 1048576\nTasksMax t 7\n");
}
END_TEST

/* "" where it is refused. */
static char *annotate(const char *name, const char *value, struct berth_error *e)
{
	char *text = NULL;
	struct cgroup_annotation a = { name, value };
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int r = unit_put_annotations(out, 1, &a, e);

	ck_assert_int_eq(fclose(out), 0);
	if (r < 0)
		text[0] = '\0';
	return text;
}

START_TEST(annotations)
{
	static const struct {
		const char *name, *value, *wanted;
	} v[] = {
		{ "TimeoutStopUSec", "uint64 10000000", "TimeoutStopUSec t 10000000\n" },
		{ "TimeoutStopSec", "10", "TimeoutStopUSec t 10000000\n" },
		{ "RuntimeMaxSec", "uint64 2", "RuntimeMaxUSec t 2000000\n" },
		{ "KillSignal", "15", "KillSignal i 15\n" },
		{ "KillSignal", "int32 15", "KillSignal i 15\n" },
		{ "CollectMode", "'inactive-or-failed'", "CollectMode s inactive-or-failed\n" },
		{ "KillMode", "\"mixed\"", "KillMode s mixed\n" },
		{ "SendSIGHUP", "true", "SendSIGHUP b 1\n" },
		{ "DefaultDependencies", "false", "DefaultDependencies b 0\n" },
		{ "After", "['a.service', \"b@1.target\"]", "After as a.service b@1.target\n" },
		/* Refused: not on the list, or not of its type. */
		{ "ExecStop", "'x'", "" },
		{ "Wants", "['poweroff.target']", "" },
		{ "MemoryMax", "uint64 1", "" },
		{ "DevicePolicy", "'auto'", "" },
		{ "", "1", "" },
		{ "KillSignal", "'TERM'", "" },
		{ "KillSignal", "uint64", "" },
		{ "TimeoutStopUSec", "-1", "" },
		{ "TimeoutStopSec", "18446744073709551615", "" },
		{ "TimeoutStopUSec", "1\nExecStop s x", "" },
		{ "CollectMode", "'a\nb'", "" },
		{ "CollectMode", "'a' ", "" },
		{ "CollectMode", "'a\"", "" },
		{ "CollectMode", "a", "" },
		{ "SendSIGHUP", "1", "" },
		{ "After", "'a.service'", "" },
		{ "After", "['a.service'", "" },
		{ "After", "['a.service',]", "" },
		{ "After", "[]", "" },
		{ "After", "['a.service'] x", "" },
		{ "After", "['a.service' 'b.service']", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		autofree char *name = text_printf("org.systemd.property.%s", v[i].name);
		struct berth_error e = { 0 };
		autofree char *text = annotate(name, v[i].value, &e);

		ck_assert_msg(text_equal(text, v[i].wanted), "%s \"%s\" became \"%s\"", name,
			      v[i].value, text);
		ck_assert(*text || (text_starts(e.text, "annotation ") && strstr(e.text, name)));
	}
	struct berth_error e = { 0 };
	autofree char *other = annotate("com.example.x", "anything", &e);
	ck_assert_str_eq(other, "");
	ck_assert_int_eq(e.code, 0);
}
END_TEST

UNIT_MAIN("cgroup unit", places, bad_places, files, settings_of_resources, annotations)
