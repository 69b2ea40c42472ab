/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <berth/log.h>

#include "base/cleanup.h"
#include "linux/capabilities.h"
#include "unit.h"

#define BIT(c) (UINT64_C(1) << (c))

/* A field of /proc/thread-self/status: "CapEff". */
static uint64_t read_field(const char *name)
{
	char line[256], format[32];
	uint64_t value = 0;
	int found = 0;
	FILE *f = fopen("/proc/thread-self/status", "re");

	ck_assert_ptr_nonnull(f);
	(void)snprintf(format, sizeof(format), "%s:", name);
	while (!found && fgets(line, sizeof(line), f))
		if (strncmp(line, format, strlen(format)) == 0)
			found = sscanf(line + strlen(format), "%" SCNx64, &value);
	fclose(f);
	ck_assert_int_eq(found, 1);
	return value;
}

/* All capabilities, in a user namespace of our own unless we are root. */
static bool get_all(void)
{
	if (geteuid() == 0 || unshare(CLONE_NEWUSER) == 0)
		return true;
	puts("skipped: neither root nor user namespaces");
	return false;
}

static int log_to_memory(void)
{
	int fd = memfd_create("log", 0);

	ck_assert_int_ge(fd, 0);
	berth_log_setup(fd, BERTH_LOG_TEXT, BERTH_LOG_WARNING);
	return fd;
}

static const char *logged(int fd)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(names_and_numbers)
{
	int n = 0, last = 0;

	for (const struct word *w = capability_words; w->word; w++, n++) {
		autofree char *upper = strdup(w->word);
		char *name = cap_to_name((cap_value_t)w->value);

		ck_assert_int_eq(w->value, n);
		for (char *c = upper; *c; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
		ck_assert_str_eq(upper, name);
		cap_free(name);
	}
	ck_assert_int_eq(n, CAP_CHECKPOINT_RESTORE + 1);

	FILE *f = fopen("/proc/sys/kernel/cap_last_cap", "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%d", &last), 1);
	fclose(f);
	ck_assert_msg(last < n, "this kernel has capability %d, which has no name here", last);
}
END_TEST

START_TEST(sets_all_five)
{
	const struct capability_sets c = {
		.bounding = BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_SETUID),
		.permitted = BIT(CAP_CHOWN) | BIT(CAP_KILL),
		.effective = BIT(CAP_CHOWN),
		.inheritable = BIT(CAP_KILL),
		.ambient = BIT(CAP_KILL),
	};

	if (!get_all())
		return;

	autoclose int log = log_to_memory();

	assert_ok(capabilities_before_user(&c, &error));
	ck_assert_uint_eq(read_field("CapBnd"), c.bounding);
	ck_assert_int_eq(prctl(PR_GET_KEEPCAPS), 1);
	if (geteuid() == 0) {
		ck_assert_int_eq(setresuid(12345, 12345, 12345), 0);
		ck_assert_uint_eq(read_field("CapEff"), 0);
	}
	assert_ok(capabilities_after_user(&c, &error));
	ck_assert_uint_eq(read_field("CapBnd"), c.bounding);
	ck_assert_uint_eq(read_field("CapPrm"), c.permitted);
	ck_assert_uint_eq(read_field("CapEff"), c.effective);
	ck_assert_uint_eq(read_field("CapInh"), c.inheritable);
	ck_assert_uint_eq(read_field("CapAmb"), c.ambient);
	ck_assert_str_eq(logged(log), "");
	ck_assert(capability_held(CAP_CHOWN));
	ck_assert(!capability_held(CAP_KILL));
}
END_TEST

START_TEST(none_at_all)
{
	const struct capability_sets c = { 0 };

	if (!get_all())
		return;
	ck_assert_int_eq(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 0);
	assert_ok(capabilities_before_user(&c, &error));
	assert_ok(capabilities_after_user(&c, &error));
	ck_assert_uint_eq(read_field("CapBnd") | read_field("CapPrm") | read_field("CapInh") |
				  read_field("CapAmb"),
			  0);
}
END_TEST

/* As a container has it that was started without some of them. */
START_TEST(leaves_out_what_it_lacks)
{
	struct capability_sets few = { .bounding = BIT(CAP_CHOWN) | BIT(CAP_SETPCAP),
				       .permitted = BIT(CAP_CHOWN) | BIT(CAP_SETPCAP),
				       .effective = BIT(CAP_CHOWN) | BIT(CAP_SETPCAP) };
	struct capability_sets more = { .bounding = BIT(CAP_CHOWN) | BIT(CAP_SYS_TIME),
					.permitted = BIT(CAP_CHOWN) | BIT(CAP_SYS_TIME),
					.effective = BIT(CAP_CHOWN) | BIT(CAP_SYS_TIME) };

	if (!get_all())
		return;
	assert_ok(capabilities_before_user(&few, &error));
	assert_ok(capabilities_after_user(&few, &error));

	autoclose int log = log_to_memory();

	assert_ok(capabilities_before_user(&more, &error));
	assert_ok(capabilities_after_user(&more, &error));
	ck_assert_uint_eq(read_field("CapPrm"), BIT(CAP_CHOWN));
	ck_assert_uint_eq(read_field("CapEff"), BIT(CAP_CHOWN));
	ck_assert_uint_eq(read_field("CapBnd"), BIT(CAP_CHOWN));
	ck_assert_msg(strstr(logged(log), "CAP_SYS_TIME (berth does not hold"), "%s", logged(log));
	ck_assert_msg(!strstr(logged(log), "CAP_CHOWN"), "%s", logged(log));
}
END_TEST

START_TEST(leaves_out_contradictions)
{
	const struct capability_sets c = {
		.bounding = BIT(CAP_CHOWN),
		.permitted = BIT(CAP_CHOWN),
		.effective = BIT(CAP_CHOWN) | BIT(CAP_KILL), /* not permitted */
		.inheritable = BIT(CAP_FOWNER),              /* not in the bounding set */
		.ambient = BIT(CAP_CHOWN),                   /* not inheritable */
	};

	if (!get_all())
		return;

	autoclose int log = log_to_memory();

	assert_ok(capabilities_before_user(&c, &error));
	assert_ok(capabilities_after_user(&c, &error));
	ck_assert_uint_eq(read_field("CapEff"), BIT(CAP_CHOWN));
	ck_assert_uint_eq(read_field("CapInh"), 0);
	ck_assert_uint_eq(read_field("CapAmb"), 0);
	ck_assert_msg(strstr(logged(log), "left out: CAP_FOWNER ("), "%s", logged(log));
}
END_TEST

START_TEST(cannot_narrow_the_bounding_set_unprivileged)
{
	const struct capability_sets c = { 0 };

	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(12345, 12345, 12345), 0);
	if (read_field("CapBnd") == 0) {
		puts("skipped: the bounding set is empty already");
		return;
	}
	assert_fails(capabilities_before_user(&c, &error), EPERM, "needs CAP_SETPCAP");

	/* What is there and wanted needs no dropping. */
	const struct capability_sets all = { .bounding = read_field("CapBnd") };

	assert_ok(capabilities_before_user(&all, &error));
}
END_TEST

UNIT_MAIN("capabilities", names_and_numbers, sets_all_five, none_at_all, leaves_out_what_it_lacks,
	  leaves_out_contradictions, cannot_narrow_the_bounding_set_unprivileged)
