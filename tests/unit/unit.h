/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests share. A test file is its tests and, at its end, UNIT_MAIN:
 *
 *	START_TEST(reads_all)
 *	{
 *		assert_ok(read_file(scratch(), "f", 10, &t, &n, &error));
 *		assert_fails(read_file(scratch(), "g", 10, &t, &n, &error), ENOENT, "open g");
 *	}
 *	END_TEST
 *
 *	UNIT_MAIN("fd", reads_all)
 *
 * libcheck runs each test in a process of its own.
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <string.h>
#include <sys/types.h>

#include <berth/error.h>

#undef fail /* an old word of libcheck's for ck_abort_msg */

/* For the last parameter of what is tested. */
extern struct berth_error error;

/* That the call returned 0; shows the error if not. */
#define assert_ok(call)                                                           \
	do {                                                                      \
		long r_ = (call);                                                 \
		ck_assert_msg(r_ == 0, "%s: %ld, \"%s\"", #call, r_, error.text); \
	} while (0)

/* That the call returned -err, that the error says the same, and that its text contains `words`. */
#define assert_fails(call, err, words)                                                        \
	do {                                                                                  \
		long r_ = (call);                                                             \
		ck_assert_msg(r_ == -(err), "%s: %ld, \"%s\"", #call, r_, error.text);        \
		ck_assert_int_eq(error.code, (err));                                          \
		ck_assert_msg(strstr(error.text, (words)), "\"%s\" lacks \"%s\"", error.text, \
			      words);                                                         \
	} while (0)

/* The fd (O_RDONLY) and the path of this test's own, at first empty directory. It is removed after
 * the test program's end. */
int scratch(void);
const char *scratch_path(void);

/* Files by paths relative to scratch(): they fail the test where they fail. */
void put_file(const char *path, const char *text);
void put_directory(const char *path);
void put_link(const char *path, const char *target);
/* The file's content, in static memory. */
const char *get_file(const char *path);
/* Whether there is something of that name; links are not followed. */
int exists(const char *path);
/* How many names the directory holds. */
int count_names(const char *path);
/* How many file descriptors this process has open. */
int count_fds(void);

int unit_main(const char *name, const TTest *const *tests, size_t n);

#define UNIT_MAIN(name, ...)                                                     \
	int main(void)                                                           \
	{                                                                        \
		const TTest *const tests[] = { __VA_ARGS__ };                    \
                                                                                 \
		return unit_main(name, tests, sizeof(tests) / sizeof(tests[0])); \
	}

#endif
