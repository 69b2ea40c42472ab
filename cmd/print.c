/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output. What is printed may hold names that somebody else chose (ids, paths, property names of a
 * bundle), so control characters never reach the terminal.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print.h"

int cmd_refuse(struct berth_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	e->code = err;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -err;
}

int cmd_fail(struct berth_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	e->code = err;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);

	size_t length = strlen(e->text);

	(void)snprintf(e->text + length, sizeof(e->text) - length, ": %s", strerror(err));
	return -err;
}

static bool wants_style(FILE *f)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(fileno(f)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void print_bold(FILE *f, const char *text)
{
	bool style = wants_style(f);

	(void)fprintf(f, "%s%s%s", style ? "\033[1m" : "", text, style ? "\033[0m" : "");
}

/* Bytes of the UTF-8 character (RFC 3629) at p, 0 where there is none. */
static int utf8_length(const unsigned char *p)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		int length;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (*p < forms[i].first || *p > forms[i].last)
			continue;
		if (forms[i].length > 1 &&
		    (p[1] < forms[i].second_min || p[1] > forms[i].second_max))
			return 0;
		for (int k = 2; k < forms[i].length; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* The controls of ISO 6429 in either form: U+009B, too, begins what a terminal obeys. */
static bool is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0);
}

void print_plain(FILE *f, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		int length = is_control(p) ? 0 : utf8_length(p);

		if (length == 0)
			(void)fprintf(f, "\\x%02x", *p++);
		else
			(void)fwrite(p, 1, (size_t)length, f);
		p += length;
	}
}

void print_json(FILE *f, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	(void)putc('"', f);
	while (*p) {
		int length = utf8_length(p);

		if (length == 0)
			(void)fputs("\\ufffd", f);
		else if (is_control(p))
			(void)fprintf(f, "\\u%04x", p[length - 1]);
		else if (*p == '"' || *p == '\\')
			(void)fprintf(f, "\\%c", *p);
		else
			(void)fwrite(p, 1, (size_t)length, f);
		p += length ? length : 1;
	}
	(void)putc('"', f);
}

void log_error(const struct error_sink *sink, const char *text)
{
	if (sink->format == BERTH_LOG_JSON || sink->has_log_file)
		berth_log(BERTH_LOG_ERROR, text);
}

void say_error(const struct error_sink *sink, const char *text)
{
	if (sink->format == BERTH_LOG_JSON && !sink->has_log_file)
		return;
	(void)fflush(stdout);
	print_bold(stderr, "berth:");
	(void)putc(' ', stderr);
	print_plain(stderr, text);
	(void)putc('\n', stderr);
}
