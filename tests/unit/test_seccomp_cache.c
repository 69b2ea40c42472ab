/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache of compiled profiles: what is found is what was compiled, and nothing is found that is
 * not exactly this profile's or not ours.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/seccomp_cache.h"
#include "unit.h"

static const char *names[] = { "mkdir", "chmod" };
static struct seccomp_argument arguments[] = { { .index = 1, .op = SECCOMP_EQ, .value = 7 } };
static struct seccomp_rule rule = { .n_names = 2,
				    .names = names,
				    .action = SECCOMP_ERRNO,
				    .has_errno = true,
				    .errno_ret = 5,
				    .n_args = 1,
				    .args = arguments };
static struct seccomp_profile profile = { .default_action = SECCOMP_ALLOW,
					  .n_rules = 1,
					  .rules = &rule };

/* The only file of the cache. */
static const char *slot(void)
{
	static char name[8];

	for (int i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof(name), "%02d", i);
		if (exists(name))
			return name;
	}
	ck_abort_msg("nothing was kept");
}

/* Compiles by way of the cache, and compares with what is made without. */
static void check_program(void)
{
	struct sock_filter *cached = NULL, *plain = NULL;
	size_t n_cached = 0, n_plain = 0;

	assert_ok(seccomp_compile_cached(scratch(), &profile, &cached, &n_cached, &error));
	assert_ok(seccomp_compile(&profile, &plain, &n_plain, &error));
	ck_assert_uint_eq(n_cached, n_plain);
	ck_assert_mem_eq(cached, plain, n_plain * sizeof(*plain));
	free(cached);
	free(plain);
}

static ino_t inode(void)
{
	struct stat st;

	ck_assert_int_eq(fstatat(scratch(), slot(), &st, 0), 0);
	return st.st_ino;
}

static void make_private(void)
{
	ck_assert_int_eq(fchmod(scratch(), 0700), 0);
}

START_TEST(found_again)
{
	ino_t first;

	make_private();
	check_program();
	first = inode();
	check_program();
	ck_assert_uint_eq(inode(), first); /* not written again */
}
END_TEST

/* What is in the file is used: this one lets all through. */
static void forge(void)
{
	struct sock_filter *program = NULL;
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, 0x7fff0000);
	uint64_t h = 0xcbf29ce484222325;
	struct stat st;
	size_t n;
	FILE *f;
	uint64_t header[3];
	char path[4200];

	assert_ok(seccomp_compile_cached(scratch(), &profile, &program, &n, &error));
	free(program);
	(void)snprintf(path, sizeof(path), "%s/%s", scratch_path(), slot());
	f = fopen(path, "r+e");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(header, sizeof(header), 1, f), 1);
	for (size_t i = 0; i < sizeof(allow); i++)
		h = (h ^ ((unsigned char *)&allow)[i]) * 0x100000001b3;
	header[1] = sizeof(allow);
	header[2] = h;
	rewind(f);
	ck_assert_uint_eq(fwrite(header, sizeof(header), 1, f), 1);
	ck_assert_int_eq(fseek(f, (long)header[0], SEEK_CUR), 0);
	ck_assert_uint_eq(fwrite(&allow, sizeof(allow), 1, f), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(truncate(path, (off_t)(sizeof(header) + header[0] + sizeof(allow))), 0);
	ck_assert_int_eq(stat(path, &st), 0);
}

static size_t compiled_length(void)
{
	struct sock_filter *program = NULL;
	size_t n = 0;

	assert_ok(seccomp_compile_cached(scratch(), &profile, &program, &n, &error));
	free(program);
	return n;
}

START_TEST(only_ours)
{
	make_private();
	forge();
	ck_assert_uint_eq(compiled_length(), 1);
	ck_assert_int_eq(fchmod(scratch(), 0701), 0);
	ck_assert_uint_gt(compiled_length(), 1);
	make_private();
	ck_assert_uint_eq(compiled_length(), 1);
	if (geteuid() == 0) {
		ck_assert_int_eq(fchown(scratch(), 1, (gid_t)-1), 0);
		ck_assert_uint_gt(compiled_length(), 1);
	}
}
END_TEST

START_TEST(only_the_same_profile)
{
	struct seccomp_profile same = profile;

	make_private();
	forge();
	ck_assert_uint_eq(compiled_length(), 1);
	arguments[0].value++;
	check_program();
	arguments[0].value--;
	rule.errno_ret = 6;
	check_program();
	rule.errno_ret = 5;
	names[1] = "chown";
	check_program();
	names[1] = "chmod";
	profile.default_action = SECCOMP_LOG;
	check_program();
	profile = same;
}
END_TEST

static void damage(const char *name, long at)
{
	char path[4200];
	FILE *f;
	int c;

	(void)snprintf(path, sizeof(path), "%s/%s", scratch_path(), name);
	f = fopen(path, "r+e");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	c = getc(f);
	ck_assert_int_ge(c, 0);
	ck_assert_int_eq(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	ck_assert_int_eq(putc(c ^ 1, f), c ^ 1);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(damaged_files)
{
	static const long places[] = { 0, 8, 16, 30, -1 };
	char path[4200];

	make_private();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		check_program();
		damage(slot(), places[i]);
		check_program();
	}
	(void)snprintf(path, sizeof(path), "%s/%s", scratch_path(), slot());
	for (off_t size = 200; size >= 0; size -= 40) {
		ck_assert_int_eq(truncate(path, size), 0);
		check_program();
	}
}
END_TEST

START_TEST(without_a_directory)
{
	struct sock_filter *program = NULL;
	size_t n = 0;

	assert_ok(seccomp_compile_cached(-1, &profile, &program, &n, &error));
	ck_assert_uint_gt(n, 1);
	free(program);
	rule.args[0].index = 9;
	make_private();
	assert_fails(seccomp_compile_cached(scratch(), &profile, &program, &n, &error), EINVAL,
		     "argument index 9");
	ck_assert_int_eq(count_names("."), 0);
}
END_TEST

UNIT_MAIN("seccomp_cache", found_again, only_ours, only_the_same_profile, damaged_files,
	  without_a_directory)
