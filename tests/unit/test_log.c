/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "unit.h"

/* A packet pipe: one read gives what one write put in. */
static int begin(enum berth_log_format format, enum berth_log_level level)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC | O_DIRECT | O_NONBLOCK), 0);
	berth_log_setup(fds[1], format, level);
	return fds[0];
}

static const char *record(int fd)
{
	static char text[8192];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(text_records)
{
	int fd = begin(BERTH_LOG_TEXT, BERTH_LOG_DEBUG);

	log_warning("disk %d", 5);
	log_debug("step %s", "x");
	berth_log(BERTH_LOG_ERROR, "50%s");
	ck_assert_str_eq(record(fd), "warning: disk 5\n");
	ck_assert_str_eq(record(fd), "debug: step x\n");
	ck_assert_str_eq(record(fd), "error: 50%s\n");
}
END_TEST

START_TEST(text_is_escaped)
{
	int fd = begin(BERTH_LOG_TEXT, BERTH_LOG_DEBUG);

	log_warning("a\nerror: forged\t\x1b[2J\xff \xc2\x9b \xc3\xa9");
	ck_assert_str_eq(record(fd),
			 "warning: a\\nerror: forged\\t\\x1b[2J\\xff \\xc2\\x9b \xc3\xa9\n");
}
END_TEST

START_TEST(json_records)
{
	int fd = begin(BERTH_LOG_JSON, BERTH_LOG_DEBUG);
	time_t before = time(NULL), then = 0;
	struct tm tm = { 0 };

	log_warning("say \"hi\"\nand \xff%s", "\\");
	const char *text = record(fd);
	const char *start = "{\"level\":\"warning\",\"msg\":\"say \\\"hi\\\"\\nand "
			    "\xef\xbf\xbd\\\\\",\"time\":\"";
	ck_assert_msg(text_starts(text, start), "%s", text);
	const char *end = strptime(text + strlen(start), "%Y-%m-%dT%H:%M:%SZ", &tm);
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, "\"}\n");
	then = timegm(&tm);
	ck_assert_int_ge(then, before);
	ck_assert_int_le(then, time(NULL));
}
END_TEST

START_TEST(levels)
{
	int fd = begin(BERTH_LOG_TEXT, BERTH_LOG_WARNING);

	log_debug("no");
	ck_assert_str_eq(record(fd), "");
	ck_assert(!log_debugs());
	log_warning("yes");
	ck_assert_str_eq(record(fd), "warning: yes\n");
	berth_log_setup(log_fd(), BERTH_LOG_TEXT, BERTH_LOG_ERROR);
	log_warning("no");
	berth_log(BERTH_LOG_ERROR, "yes");
	ck_assert_str_eq(record(fd), "error: yes\n");
	berth_log_setup(log_fd(), BERTH_LOG_TEXT, BERTH_LOG_DEBUG);
	ck_assert(log_debugs());
}
END_TEST

START_TEST(nowhere)
{
	ck_assert_int_eq(log_fd(), -1);
	log_warning("lost");
	errno = ENOTTY;
	berth_log_setup(1000, BERTH_LOG_TEXT, BERTH_LOG_DEBUG);
	log_warning("lost");
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(log_fd(), 1000);
	berth_log_setup(-1, BERTH_LOG_TEXT, BERTH_LOG_DEBUG);
	ck_assert(!log_debugs());
}
END_TEST

/* Cut, but in one write still, one line, and well-formed. */
START_TEST(long_records)
{
	char text[10000];

	memset(text, '\x01', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	int fd = begin(BERTH_LOG_JSON, BERTH_LOG_DEBUG);
	berth_log(BERTH_LOG_ERROR, text);
	const char *json = record(fd);
	ck_assert_uint_le(strlen(json), 4096);
	ck_assert_uint_gt(strlen(json), 4000);
	ck_assert_ptr_eq(strchr(json, '\n'), json + strlen(json) - 1);
	size_t filler = strspn(json + strlen("{\"level\":\"error\",\"msg\":\""), "\\u01");
	ck_assert_uint_eq(filler % 6, 0);
	ck_assert(text_starts(json + strlen("{\"level\":\"error\",\"msg\":\"") + filler,
			      "\",\"time\":\""));
	ck_assert_str_eq(record(fd), "");
}
END_TEST

UNIT_MAIN("log", text_records, text_is_escaped, json_records, levels, nowhere, long_records)
