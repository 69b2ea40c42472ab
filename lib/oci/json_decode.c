/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of the tables: walks a document's nodes and a table's rows together and fills C
 * structures. An error is reported with its place, and the rest is decoded all the same. The text
 * may contain anything; the tables are constant and trusted.
 */
#include "oci/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "oci/document.h"
#include "oci/json_table.h"

static void decode_object(struct json_decoder *d, const struct json_node *n,
			  const struct json_table *table, void *object);

static void *member_at(void *object, size_t offset)
{
	return (char *)object + offset;
}

/* Members have many types; their bytes are set. */
static void set_pointer(void *object, size_t offset, const void *pointer)
{
	memcpy(member_at(object, offset), &pointer, sizeof(pointer));
}

static void set_count(void *object, const struct json_row *row, size_t n)
{
	memcpy(member_at(object, row->count), &n, sizeof(n));
}

/* Of no bytes where the row has no member. */
static void set_number(void *object, const struct json_row *row, uint64_t value)
{
	uint8_t v8 = (uint8_t)value;
	uint16_t v16 = (uint16_t)value;
	uint32_t v32 = (uint32_t)value;
	const void *v = row->width == 1   ? (void *)&v8
			: row->width == 2 ? (void *)&v16
			: row->width == 4 ? (void *)&v32
					  : (void *)&value;

	memcpy(member_at(object, row->offset), v, row->width);
}

static void set_present(void *object, const struct json_row *row)
{
	if (row->present > 0)
		*(bool *)member_at(object, row->present - 1u) = true;
}

static void *items(struct json_decoder *d, size_t n, size_t size)
{
	void *v = arena_array(d->arena, n, size);

	if (!v)
		d->without_memory = true;
	return v;
}

static char *copy_text(struct json_decoder *d, const char *text, size_t length)
{
	char *copy = arena_copy(d->arena, text, length);

	if (!copy)
		d->without_memory = true;
	return copy;
}

static const char *describe(const struct json_node *n)
{
	switch (n->type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return n->truth ? "true" : "false";
	case JSON_NUMBER:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	}
	return "nothing";
}

static bool has_type(struct json_decoder *d, const struct json_node *n, enum json_type type,
		     const char *expected)
{
	if (n->broken)
		return false;
	if (n->type == type)
		return true;
	finding_at(d->findings, BERTH_FINDING_ERROR, n, "expected %s, got %s", expected,
		   describe(n));
	return false;
}

static void decode_string(struct json_decoder *d, const struct json_node *n,
			  const struct json_row *row, void *object)
{
	char *text;

	if (!has_type(d, n, JSON_STRING, "a string"))
		return;
	if (n->length == 0) {
		if (row->flags & REQUIRED)
			finding_at(d->findings, BERTH_FINDING_ERROR, n, "must not be empty");
		return;
	}
	text = copy_text(d, n->text, n->length);
	if (!text)
		return;
	if (row->pattern && !row->pattern->matches(text)) {
		finding_at(d->findings, BERTH_FINDING_ERROR, n, "expected %s, got \"%.*s\"",
			   row->pattern->expected, shown_length(n->text, n->length), text);
		return;
	}
	set_pointer(object, row->offset, text);
	set_present(object, row);
}

static void decode_bool(struct json_decoder *d, const struct json_node *n,
			const struct json_row *row, void *object)
{
	if (!has_type(d, n, JSON_BOOL, "true or false"))
		return;
	*(bool *)member_at(object, row->offset) = n->truth;
	set_present(object, row);
}

/* yajl has proved that it is a number of JSON's. *ret is its two's complement. */
static bool read_integer(struct json_decoder *d, const struct json_node *n,
			 const struct json_row *row, uint64_t *ret)
{
	char digits[24] = "";
	int64_t i = 0;
	uint64_t u = 0;
	bool fits;

	if (!has_type(d, n, JSON_NUMBER, "an integer"))
		return false;
	if (memchr(n->text, '.', n->length) || memchr(n->text, 'e', n->length) ||
	    memchr(n->text, 'E', n->length)) {
		finding_at(d->findings, BERTH_FINDING_ERROR, n, "expected an integer, got %.*s",
			   shown_length(n->text, n->length), n->text);
		return false;
	}
	if (n->length < sizeof(digits))
		memcpy(digits, n->text, n->length);
	if (row->kind == KIND_SIGNED)
		fits = parse_i64(digits, &i) == 0 && i >= row->min &&
		       (i < 0 || (uint64_t)i <= row->max);
	else
		fits = parse_u64(digits, &u) == 0 && u <= row->max;
	if (!fits)
		finding_at(d->findings, BERTH_FINDING_ERROR, n, "expected %lld to %llu, got %.*s",
			   (long long)row->min, (unsigned long long)row->max,
			   shown_length(n->text, n->length), n->text);
	*ret = row->kind == KIND_SIGNED ? (uint64_t)i : u;
	return fits;
}

static void decode_number(struct json_decoder *d, const struct json_node *n,
			  const struct json_row *row, void *object)
{
	uint64_t v;

	if (!read_integer(d, n, row, &v))
		return;
	set_number(object, row, v);
	set_present(object, row);
}

/* "; one of a, b, c", where they are few. */
static void list_words(const struct word *words, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (const struct word *w = words; w->word; w++) {
		int more =
			snprintf(ret + n, size - n, "%s%s", n == 0 ? ": expected " : ", ", w->word);

		n += (size_t)more;
		if (n >= size) {
			ret[0] = '\0';
			return;
		}
	}
}

static void tell_unknown_word(struct json_decoder *d, const struct json_node *n,
			      const struct json_row *row, const char *word)
{
	enum berth_finding_level level =
		row->flags & UNKNOWN_PASSES ? BERTH_FINDING_WARNING : BERTH_FINDING_ERROR;
	const char *near = findings_wanted(d->findings, level) ? word_near(row->words, word) : NULL;
	char choice[120];

	list_words(row->words, choice, sizeof(choice));
	if (near)
		finding_at(d->findings, level, n, "unknown %s \"%s\" (did you mean %s?)", row->text,
			   word, near);
	else
		finding_at(d->findings, level, n, "unknown %s \"%s\"%s", row->text, word, choice);
}

static bool read_word(struct json_decoder *d, const struct json_node *n, const struct json_row *row,
		      int64_t *ret)
{
	char word[64] = "";
	size_t shown;

	if (!has_type(d, n, JSON_STRING, "a string"))
		return false;
	shown = (size_t)shown_length(n->text, n->length);
	memcpy(word, n->text, shown);
	if (shown == n->length && word_find(row->words, word, ret))
		return true;
	tell_unknown_word(d, n, row, word);
	return false;
}

static void decode_word(struct json_decoder *d, const struct json_node *n,
			const struct json_row *row, void *object)
{
	int64_t v;

	if (!read_word(d, n, row, &v))
		return;
	set_number(object, row, (uint64_t)v);
	set_present(object, row);
}

/* Whether `n` is an array, with an item if it has to have one. */
static bool is_array(struct json_decoder *d, const struct json_node *n, const struct json_row *row,
		     const char *expected)
{
	if (!has_type(d, n, JSON_ARRAY, expected))
		return false;
	if (n->n > 0 || !(row->flags & NOT_EMPTY))
		return true;
	finding_at(d->findings, BERTH_FINDING_ERROR, n, "needs at least one item");
	return false;
}

static void decode_word_mask(struct json_decoder *d, const struct json_node *n,
			     const struct json_row *row, void *object)
{
	uint64_t mask = 0;
	int64_t v;

	if (!is_array(d, n, row, "an array of strings"))
		return;
	for (const struct json_node *m = first_child(n); m; m = next_child(d->document, m))
		if (read_word(d, m, row, &v))
			mask |= row->kind == KIND_BITS ? UINT64_C(1) << v : (uint64_t)v;
	set_number(object, row, mask);
	set_present(object, row);
}

static void decode_numbers(struct json_decoder *d, const struct json_node *n,
			   const struct json_row *row, void *object)
{
	bool words = row->kind == KIND_WORDS;
	uint32_t *v;
	size_t i = 0;

	if (!is_array(d, n, row, words ? "an array of strings" : "an array of integers"))
		return;
	v = items(d, n->n, sizeof(*v));
	if (!v)
		return;
	for (const struct json_node *m = first_child(n); m; m = next_child(d->document, m)) {
		uint64_t number = 0;
		int64_t word = 0;

		if (words ? read_word(d, m, row, &word) : read_integer(d, m, row, &number))
			v[i++] = words ? (uint32_t)word : (uint32_t)number;
	}
	set_pointer(object, row->offset, v);
	set_count(object, row, i);
}

static void decode_strings(struct json_decoder *d, const struct json_node *n,
			   const struct json_row *row, void *object)
{
	const char **v;
	size_t i = 0;

	if (!is_array(d, n, row, "an array of strings"))
		return;
	v = items(d, (size_t)n->n + 1, sizeof(*v));
	if (!v)
		return;
	for (const struct json_node *m = first_child(n); m; m = next_child(d->document, m)) {
		if (!has_type(d, m, JSON_STRING, "a string"))
			continue;
		v[i] = copy_text(d, m->text, m->length);
		if (!v[i++])
			return;
	}
	set_pointer(object, row->offset, v);
	set_count(object, row, i);
}

static void decode_pointed(struct json_decoder *d, const struct json_node *n,
			   const struct json_row *row, void *object)
{
	void *v;

	if (!has_type(d, n, JSON_OBJECT, "an object"))
		return;
	v = items(d, 1, row->table->size);
	if (!v)
		return;
	decode_object(d, n, row->table, v);
	set_pointer(object, row->offset, v);
}

static void decode_embedded(struct json_decoder *d, const struct json_node *n,
			    const struct json_row *row, void *object)
{
	if (!has_type(d, n, JSON_OBJECT, "an object"))
		return;
	decode_object(d, n, row->table, member_at(object, row->offset));
	set_present(object, row);
}

static void decode_objects(struct json_decoder *d, const struct json_node *n,
			   const struct json_row *row, void *object)
{
	char *v;
	size_t i = 0;

	if (!is_array(d, n, row, "an array of objects"))
		return;
	v = items(d, n->n, row->table->size);
	if (!v)
		return;
	for (const struct json_node *m = first_child(n); m; m = next_child(d->document, m)) {
		if (has_type(d, m, JSON_OBJECT, "an object"))
			decode_object(d, m, row->table, v + i++ * row->table->size);
	}
	set_pointer(object, row->offset, v);
	set_count(object, row, i);
}

/* The key of a map's member, copied; NULL after a finding. */
static char *read_key(struct json_decoder *d, const struct json_node *m)
{
	if (m->broken)
		return NULL;
	if (m->key_length == 0) {
		finding_at_key(d->findings, BERTH_FINDING_ERROR, m, "a key must not be empty");
		return NULL;
	}
	return copy_text(d, m->key, m->key_length);
}

static void decode_map(struct json_decoder *d, const struct json_node *n,
		       const struct json_row *row, void *object)
{
	bool texts = row->kind == KIND_TEXTS;
	size_t size = texts ? row->size : row->table->size;
	char *v;
	size_t i = 0;

	if (!has_type(d, n, JSON_OBJECT, "an object"))
		return;
	v = items(d, n->n, size);
	if (!v)
		return;
	for (const struct json_node *m = first_child(n); m; m = next_child(d->document, m)) {
		char *key = read_key(d, m), *item = v + i * size;

		if (!key || !has_type(d, m, texts ? JSON_STRING : JSON_OBJECT,
				      texts ? "a string" : "an object"))
			continue;
		set_pointer(item, row->key, key);
		if (texts)
			set_pointer(item, row->value, copy_text(d, m->text, m->length));
		else
			decode_object(d, m, row->table, item);
		i++;
	}
	set_pointer(object, row->offset, v);
	set_count(object, row, i);
}

static void decode_value(struct json_decoder *d, const struct json_node *n,
			 const struct json_row *row, void *object)
{
	switch ((enum json_kind)row->kind) {
	case KIND_STRING:
		decode_string(d, n, row, object);
		break;
	case KIND_BOOL:
		decode_bool(d, n, row, object);
		break;
	case KIND_SIGNED:
	case KIND_UNSIGNED:
		decode_number(d, n, row, object);
		break;
	case KIND_WORD:
		decode_word(d, n, row, object);
		break;
	case KIND_FLAGS:
	case KIND_BITS:
		decode_word_mask(d, n, row, object);
		break;
	case KIND_WORDS:
	case KIND_NUMBERS:
		decode_numbers(d, n, row, object);
		break;
	case KIND_STRINGS:
		decode_strings(d, n, row, object);
		break;
	case KIND_EMBEDDED:
		decode_embedded(d, n, row, object);
		break;
	case KIND_OBJECT:
		decode_pointed(d, n, row, object);
		break;
	case KIND_OBJECTS:
		decode_objects(d, n, row, object);
		break;
	case KIND_TEXTS:
	case KIND_MAP:
		decode_map(d, n, row, object);
		break;
	case KIND_CUSTOM:
		row->custom(d, n, object);
		break;
	case KIND_IGNORED:
		finding_at_key(d->findings, BERTH_FINDING_WARNING, n, "ignored: %s", row->text);
		break;
	case KIND_REFUSED:
		finding_at_key(d->findings, BERTH_FINDING_ERROR, n, "not supported: %s", row->text);
		break;
	}
}

/* Documents mostly have their properties in the order of the rows, so the search begins behind the
 * last one found. */
static const struct json_row *find_row(const struct json_table *table, const struct json_node *m,
				       size_t *next)
{
	for (size_t tried = 0; tried < table->n; tried++) {
		const struct json_row *row = &table->rows[(*next + tried) % table->n];

		if (row->length == m->key_length && memcmp(row->name, m->key, m->key_length) == 0) {
			*next = (size_t)(row - table->rows) + 1;
			return row;
		}
	}
	return NULL;
}

static void tell_unknown_property(struct json_decoder *d, const struct json_node *m,
				  const struct json_table *table)
{
	enum berth_finding_level level = d->strict ? BERTH_FINDING_ERROR : BERTH_FINDING_WARNING;
	struct word names[64 + 1] = { 0 };
	const char *near;
	char key[64];

	if (m->broken)
		return;
	for (size_t i = 0; i < table->n; i++)
		names[i].word = table->rows[i].name;
	(void)snprintf(key, sizeof(key), "%.*s", shown_length(m->key, m->key_length), m->key);
	near = findings_wanted(d->findings, level) ? word_near(names, key) : NULL;
	if (near)
		finding_at_key(d->findings, level, m, "unknown property \"%s\" (did you mean %s?)",
			       key, near);
	else
		finding_at_key(d->findings, level, m, "unknown property \"%s\"", key);
}

static void decode_object(struct json_decoder *d, const struct json_node *n,
			  const struct json_table *table, void *object)
{
	uint64_t seen = 0;
	size_t next = 0;

	for (const struct json_node *m = first_child(n); m && !d->without_memory;
	     m = next_child(d->document, m)) {
		const struct json_row *row = find_row(table, m, &next);
		uint64_t bit;

		if (!row) {
			tell_unknown_property(d, m, table);
			continue;
		}
		bit = UINT64_C(1) << (row - table->rows);
		if (!(seen & bit) && (m->type != JSON_NULL || (row->flags & REQUIRED)))
			decode_value(d, m, row, object);
		seen |= bit;
	}
	for (size_t i = 0; i < table->n && !n->open; i++)
		if ((table->rows[i].flags & REQUIRED) && !(seen & UINT64_C(1) << i))
			finding_at(d->findings, BERTH_FINDING_ERROR, n,
				   "the required property \"%s\" is missing", table->rows[i].name);
	if (table->finish && !d->without_memory)
		table->finish(d, n, object);
}

int json_decode(const struct json_request *q, struct berth_report **ret_report,
		struct berth_error *e)
{
	struct document document = { 0 };
	struct findings findings = { .document = &document,
				     .above = q->above,
				     .to_run = q->to_run };
	struct json_decoder d = {
		.document = &document, .findings = &findings, .arena = q->arena, .strict = q->strict
	};
	int r;

	if (document_parse(&document, q->text, q->length, &findings) < 0)
		d.without_memory = true;
	else if (document.n > 0 && has_type(&d, document.nodes, JSON_OBJECT, "an object"))
		decode_object(&d, document.nodes, q->table, q->object);

	if (d.without_memory) {
		findings_drop(&findings);
		document_free(&document);
		return fail(e, ENOMEM, "read %s", q->name);
	}
	if (q->check && document.whole && document.nodes[0].type == JSON_OBJECT &&
	    findings_wanted(&findings, BERTH_FINDING_ERROR)) {
		findings_end_decoding(&findings);
		q->check(q->config, &findings);
	}
	r = findings_finish(&findings, q->name, ret_report, e);
	document_free(&document);
	return r;
}
