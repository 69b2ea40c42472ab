/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON (RFC 8259). The writer takes care of commas, escapes and indentation; the caller
 * opens and closes objects and arrays and adds values. `key` is NULL within an array and for the
 * outermost value. Bytes that are not valid UTF-8 come out as U+FFFD. Running out of memory is
 * remembered, and json_finish() reports it.
 */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { JSON_TABS = -1 };

struct json_writer {
	char *text;
	size_t length, size;
	int depth;
	int indent; /* spaces a level; JSON_TABS: a tab a level; 0: all on one line */
	bool comma; /* the next member needs one in front */
	bool failed;
};

void json_object(struct json_writer *w, const char *key); /* opens { */
void json_array(struct json_writer *w, const char *key);  /* opens [ */
void json_end_object(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_string(struct json_writer *w, const char *key, const char *value); /* NULL writes null */
void json_u64(struct json_writer *w, const char *key, uint64_t value);
void json_i64(struct json_writer *w, const char *key, int64_t value);
void json_double(struct json_writer *w, const char *key, double value);
void json_bool(struct json_writer *w, const char *key, bool value);
/* `json` is a value that is JSON already. */
void json_raw(struct json_writer *w, const char *key, const char *json);

/* The text (malloc'd, NUL-terminated, no newline behind), or NULL without memory. The writer is
 * empty afterwards. */
char *json_finish(struct json_writer *w) must_check;

enum { JSON_ESCAPE = 8 }; /* bytes that one character takes at most, with a NUL */
/* Puts the character at *text as it stands within a JSON string into ret, returns its length and
 * moves *text past it. */
size_t json_escape(const char **text, char ret[JSON_ESCAPE]);

#endif
