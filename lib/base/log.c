/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes records. Their text may hold names that an attacker chose: no byte of it can begin a new
 * line, move a terminal's cursor or end a JSON string. Used after clone(2) and with a container's
 * files in view: nothing here allocates or opens anything. That is why gmtime(3) is not used: it
 * reads /etc/localtime.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/text.h"

enum {
	LONGEST_TEXT = 2048,   /* of what is formatted here */
	LONGEST_RECORD = 4096, /* PIPE_BUF: records of several processes do not mix */
};

static struct {
	int fd;
	enum berth_log_format format;
	enum berth_log_level level;
} sink = { .fd = -1 };

static const char *const level_names[] = {
	[BERTH_LOG_ERROR] = "error",
	[BERTH_LOG_WARNING] = "warning",
	[BERTH_LOG_DEBUG] = "debug",
};

void berth_log_setup(int fd, enum berth_log_format format, enum berth_log_level level)
{
	sink.fd = fd;
	sink.format = format;
	sink.level = level;
}

/* One character for a line of text, escaped as in C; moves *text past it. */
static size_t text_escape(const char **text, char ret[JSON_ESCAPE])
{
	size_t n = text_sequence(*text);

	if (n == 0 || text_control(*text)) {
		unsigned char c = (unsigned char)**text;

		(*text)++;
		return (size_t)snprintf(ret, JSON_ESCAPE,
					c == '\n'   ? "\\n"
					: c == '\t' ? "\\t"
						    : "\\x%02x",
					c);
	}
	memcpy(ret, *text, n);
	*text += n;
	return n;
}

/* Appends the text, escaped, as far as `size` goes without cutting a character. */
static size_t put_escaped(char *record, size_t length, size_t size, const char *text)
{
	char escaped[JSON_ESCAPE];

	while (*text) {
		size_t n = sink.format == BERTH_LOG_JSON ? json_escape(&text, escaped)
							 : text_escape(&text, escaped);
		if (length + n > size)
			break;
		memcpy(record + length, escaped, n);
		length += n;
	}
	return length;
}

void berth_log(enum berth_log_level level, const char *text)
{
	char record[LONGEST_RECORD], end[80] = "\n";
	int saved = errno;

	if (sink.fd < 0 || level > sink.level)
		return;
	bool json = sink.format == BERTH_LOG_JSON;
	if (json) {
		char now[TEXT_TIME];

		text_time(time(NULL), now);
		(void)snprintf(end, sizeof(end), "\",\"time\":\"%sZ\"}\n", now);
	}
	size_t length = (size_t)snprintf(
		record, sizeof(record),
		json ? "{\"level\":\"%s\",\"msg\":\"" : "%s: ", level_names[level]);
	length = put_escaped(record, length, sizeof(record) - sizeof(end), text);
	length = (size_t)(stpcpy(record + length, end) - record);
	/* Nobody is left to be told that a log cannot be written. */
	ssize_t ignored = write(sink.fd, record, length);
	(void)ignored;
	errno = saved;
}

static printf_like(2, 0) void log_list(enum berth_log_level level, const char *fmt, va_list args)
{
	if (sink.fd < 0 || level > sink.level)
		return;

	char text[LONGEST_TEXT]; /* here, because the compiler is told to clear it */

	(void)vsnprintf(text, sizeof(text), fmt, args);
	berth_log(level, text);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_list(BERTH_LOG_WARNING, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_list(BERTH_LOG_DEBUG, fmt, args);
	va_end(args);
}

int log_debugs(void)
{
	return sink.fd >= 0 && sink.level >= BERTH_LOG_DEBUG;
}

int log_fd(void)
{
	return sink.fd;
}
