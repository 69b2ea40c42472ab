/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON. Values may be arbitrary bytes; the output is well-formed all the same.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"

size_t json_escape(const char **text, char ret[JSON_ESCAPE])
{
	static const char letters[] = "btn?fr"; /* for 0x08 to 0x0d; vertical tab has none */
	unsigned char c = (unsigned char)**text;
	size_t n = text_sequence(*text);

	if (n == 0) {
		(*text)++;
		return (size_t)snprintf(ret, JSON_ESCAPE, "\xef\xbf\xbd"); /* U+FFFD */
	}
	(*text) += n;
	if (c == '"' || c == '\\')
		return (size_t)snprintf(ret, JSON_ESCAPE, "\\%c", c);
	if (c >= 0x08 && c <= 0x0d && c != 0x0b)
		return (size_t)snprintf(ret, JSON_ESCAPE, "\\%c", letters[c - 0x08]);
	if (text_control(*text - n))
		return (size_t)snprintf(ret, JSON_ESCAPE, "\\u%04x",
					n == 1 ? c : (unsigned char)(*text)[-1]);
	memcpy(ret, *text - n, n);
	ret[n] = '\0';
	return n;
}

static void put(struct json_writer *w, const char *text, size_t length)
{
	if (w->failed)
		return;
	if (w->size - w->length <= length) {
		size_t size = (w->size + length + 1) * 2;
		char *larger = realloc(w->text, size);

		if (!larger) {
			w->failed = true;
			return;
		}
		w->text = larger;
		w->size = size;
	}
	memcpy(w->text + w->length, text, length);
	w->length += length;
	w->text[w->length] = '\0';
}

static void put_text(struct json_writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_string(struct json_writer *w, const char *text)
{
	char escaped[JSON_ESCAPE];

	put_text(w, "\"");
	while (*text) {
		size_t length = json_escape(&text, escaped);

		put(w, escaped, length);
	}
	put_text(w, "\"");
}

static void new_line(struct json_writer *w)
{
	if (w->indent == 0)
		return;
	put_text(w, "\n");
	bool tabs = w->indent == JSON_TABS;
	for (int i = 0; i < w->depth * (tabs ? 1 : w->indent); i++)
		put_text(w, tabs ? "\t" : " ");
}

/* What stands in front of a value. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->comma)
		put_text(w, ",");
	if (w->depth > 0)
		new_line(w);
	if (key) {
		put_string(w, key);
		put_text(w, w->indent ? ": " : ":");
	}
	w->comma = true;
}

static void open_group(struct json_writer *w, const char *key, const char *bracket)
{
	begin(w, key);
	put_text(w, bracket);
	w->depth++;
	w->comma = false;
}

static void close_group(struct json_writer *w, const char *bracket)
{
	w->depth--;
	if (w->comma) /* else it is empty */
		new_line(w);
	put_text(w, bracket);
	w->comma = true;
}

void json_object(struct json_writer *w, const char *key)
{
	open_group(w, key, "{");
}

void json_array(struct json_writer *w, const char *key)
{
	open_group(w, key, "[");
}

void json_end_object(struct json_writer *w)
{
	close_group(w, "}");
}

void json_end_array(struct json_writer *w)
{
	close_group(w, "]");
}

void json_raw(struct json_writer *w, const char *key, const char *json)
{
	begin(w, key);
	put_text(w, json);
}

void json_string(struct json_writer *w, const char *key, const char *value)
{
	if (!value) {
		json_raw(w, key, "null");
		return;
	}
	begin(w, key);
	put_string(w, value);
}

void json_u64(struct json_writer *w, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	json_raw(w, key, text);
}

void json_i64(struct json_writer *w, const char *key, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	json_raw(w, key, text);
}

void json_double(struct json_writer *w, const char *key, double value)
{
	char text[32] = "null"; /* JSON knows neither infinity nor NaN */

	/* 15 digits are exact for what people write, 17 for everything. */
	if (isfinite(value)) {
		(void)snprintf(text, sizeof(text), "%.15g", value);
		if (strtod(text, NULL) < value || strtod(text, NULL) > value)
			(void)snprintf(text, sizeof(text), "%.17g", value);
	}
	json_raw(w, key, text);
}

void json_bool(struct json_writer *w, const char *key, bool value)
{
	json_raw(w, key, value ? "true" : "false");
}

char *json_finish(struct json_writer *w)
{
	put(w, "", 0);
	char *text = w->failed ? NULL : w->text;

	if (w->failed)
		free(w->text);
	*w = (struct json_writer){ .indent = w->indent };
	return text;
}
