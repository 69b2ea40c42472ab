/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of errors. Runs in freshly cloned processes and where memory is short: nothing here
 * allocates, takes a lock or looks at the locale (strerrordesc_np(3), not strerror(3)).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Drops an UTF-8 sequence that truncation has cut in two. */
static void drop_cut_sequence(char *text)
{
	size_t length = strlen(text), start = length, continuation = 0;

	while (start > 0 && continuation < 4 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) {
		start--;
		continuation++;
	}
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t wanted = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	if (continuation < wanted)
		text[start - 1] = '\0';
}

/* Appends to a text of that size; what does not fit is lost. */
static printf_like(3, 0) void append_list(char *text, size_t size, const char *fmt, va_list args)
{
	size_t length = strlen(text);
	int n = vsnprintf(text + length, size - length, fmt, args);

	if (n >= 0 && (size_t)n >= size - length)
		drop_cut_sequence(text);
}

static printf_like(3, 4) void append(char *text, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	append_list(text, size, fmt, args);
	va_end(args);
}

/* Sets the whole error. The message is made apart first, as its arguments may lie in the old
 * text. */
static int set_error(struct berth_error *e, int err, const char *message)
{
	e->code = err > 0 ? err : EIO;
	memcpy(e->text, message, strlen(message) + 1);
	return -e->code;
}

int fail(struct berth_error *e, int err, const char *fmt, ...)
{
	char message[BERTH_ERROR_TEXT] = "", reason[64] = "";
	const char *known = strerrordesc_np(err > 0 ? err : EIO);
	va_list args;

	if (known)
		append(reason, sizeof(reason), ": %s", known);
	else
		append(reason, sizeof(reason), ": error %d", err);
	va_start(args, fmt);
	append_list(message, sizeof(message) - strlen(reason), fmt,
		    args); /* a long name must not hide the reason */
	va_end(args);
	append(message, sizeof(message), "%s", reason);
	return set_error(e, err, message);
}

int refuse(struct berth_error *e, int err, const char *fmt, ...)
{
	char message[BERTH_ERROR_TEXT] = "";
	va_list args;

	va_start(args, fmt);
	append_list(message, sizeof(message), fmt, args);
	va_end(args);
	return set_error(e, err, message);
}

int in_context(struct berth_error *e, int r, const char *fmt, ...)
{
	char message[BERTH_ERROR_TEXT] = "";
	va_list args;

	va_start(args, fmt);
	append_list(message, sizeof(message), fmt, args);
	va_end(args);
	append(message, sizeof(message), ": %s", e->text);
	memcpy(e->text, message, sizeof(message));
	return r;
}

void advise(struct berth_error *e, const char *fmt, ...)
{
	char message[BERTH_ERROR_TEXT] = "";
	va_list args;

	va_start(args, fmt);
	append_list(message, sizeof(message), fmt, args);
	va_end(args);
	append(e->text, sizeof(e->text), " (%s)", message);
}
