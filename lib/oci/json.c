/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that calls yajl: its events become the nodes of a document, each with the place
 * where it begins. It also finds what yajl accepts: duplicate keys, NUL characters and halves of
 * surrogate pairs in strings, excessive depth and size. The text may contain anything.
 *
 * yajl (2.1) reports only where a token ends, and for a string with escapes not even where its
 * bytes are. So a token begins after the space, commas and colons that follow the previous token. A
 * number at the very end of the text is reported late, from yajl's own copy.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/config.h"
#include "oci/document.h"

/* A bound on memory: 64 bytes a node. No real configuration comes near. */
enum { NODES_MAX = 1 << 20 };

struct level {
	uint32_t node, last_child;
};

struct reader {
	struct document *d;
	struct findings *f;
	yajl_handle yajl;
	size_t begin, end; /* of the current token */
	struct level levels[CONFIG_DEPTH_MAX + 1];
	unsigned int depth; /* open arrays and objects: levels[1..depth] */
	const char *key;
	size_t key_length, key_begin;
	bool key_broken;
	bool told; /* a finding says why reading stopped */
	bool without_memory;
	struct arena memory; /* yajl's */
	jmp_buf no_memory;
};

enum { STOP = 0, GO_ON = 1 }; /* what yajl's callbacks return */

static void next_token(struct reader *r)
{
	size_t consumed = yajl_get_bytes_consumed(r->yajl);

	r->begin = skip_separators(r->d, r->end);
	r->end = consumed > r->begin ? consumed : r->d->length;
}

static struct json_node *current(struct reader *r)
{
	return r->depth > 0 ? &r->d->nodes[r->levels[r->depth].node] : NULL;
}

static int stop_without_memory(struct reader *r)
{
	r->without_memory = true;
	return STOP;
}

static int grow_nodes(struct document *d)
{
	uint32_t room = d->room > 0 ? d->room * 2 : 512;
	struct json_node *nodes = reallocarray(d->nodes, room, sizeof(*nodes));

	if (!nodes)
		return -ENOMEM;
	d->nodes = nodes;
	d->room = room;
	return 0;
}

static int add_node(struct reader *r, enum json_type type, const char *text, size_t length,
		    bool truth)
{
	struct document *d = r->d;
	struct level *l = &r->levels[r->depth];
	uint32_t number = d->n;

	if (number == NODES_MAX) {
		finding_at_byte(r->f, r->begin, current(r), "more than %d values in one file",
				NODES_MAX);
		r->told = true;
		return STOP;
	}
	if (number == d->room && grow_nodes(d) < 0)
		return stop_without_memory(r);

	d->nodes[number] = (struct json_node){
		.key = r->key,
		.key_length = (uint32_t)r->key_length,
		.key_offset = (uint32_t)r->key_begin,
		.text = text,
		.length = (uint32_t)length,
		.offset = (uint32_t)r->begin,
		.parent = l->node,
		.type = type,
		.truth = truth,
		.broken = r->key_broken,
	};
	d->n++;
	r->key = NULL;
	r->key_length = 0;
	r->key_broken = false;
	if (r->depth > 0) {
		d->nodes[l->node].n++;
		if (l->last_child)
			d->nodes[l->last_child].next = number;
		l->last_child = number;
	}
	return GO_ON;
}

static bool within_text(const struct document *d, const char *p)
{
	return (uintptr_t)p >= (uintptr_t)d->text && (uintptr_t)p < (uintptr_t)d->text + d->length;
}

/* The four digits behind "\u"; yajl has proved them. */
static unsigned int read_hex(const char *digits)
{
	char text[5];

	memcpy(text, digits, 4);
	text[4] = '\0';
	return (unsigned int)strtoul(text, NULL, 16);
}

/* What is wrong with the escapes of a string as it is written, or NULL. */
static const char *judge_escapes(const char *p, const char *end)
{
	while (p < end) {
		unsigned int unit;

		if (*p++ != '\\')
			continue;
		if (*p++ != 'u')
			continue;
		unit = read_hex(p);
		p += 4;
		if (unit == 0)
			return "a NUL character (\\u0000) cannot stand in a string of the kernel's";
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		if (unit > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
		    read_hex(p + 2) < 0xdc00 || read_hex(p + 2) > 0xdfff)
			return "an escape \\ud800 to \\udfff is only half of a character";
		p += 6;
	}
	return NULL;
}

/* yajl's text of the current string token, kept for as long as the document lives; *ret_wrong says
 * what is wrong with it. */
static const char *keep_string(struct reader *r, const char *text, size_t length,
			       const char **ret_wrong)
{
	const struct document *d = r->d;

	*ret_wrong = NULL;
	if (length == 0)
		return "";
	if (within_text(d, text))
		return text;
	*ret_wrong = judge_escapes(d->text + r->begin + 1, d->text + r->end - 1);
	return arena_copy(&r->d->arena, text, length);
}

static int on_null(void *reader)
{
	struct reader *r = reader;

	next_token(r);
	return add_node(r, JSON_NULL, "", 0, false);
}

static int on_bool(void *reader, int value)
{
	struct reader *r = reader;

	next_token(r);
	return add_node(r, JSON_BOOL, "", 0, value != 0);
}

static int on_number(void *reader, const char *text, size_t length)
{
	struct reader *r = reader;

	(void)text; /* may be a copy of yajl's */
	next_token(r);
	return add_node(r, JSON_NUMBER, r->d->text + r->begin, length, false);
}

static int on_string(void *reader, const unsigned char *text, size_t length)
{
	struct reader *r = reader;
	const char *wrong, *kept;
	int go_on;

	next_token(r);
	kept = keep_string(r, (const char *)text, length, &wrong);
	if (!kept)
		return stop_without_memory(r);
	go_on = add_node(r, JSON_STRING, kept, length, false);
	if (wrong && go_on) {
		r->d->nodes[r->d->n - 1].broken = true;
		finding_at(r->f, BERTH_FINDING_ERROR, &r->d->nodes[r->d->n - 1], "%s", wrong);
	}
	return go_on;
}

static int on_key(void *reader, const unsigned char *text, size_t length)
{
	struct reader *r = reader;
	const char *wrong;

	next_token(r);
	r->key = keep_string(r, (const char *)text, length, &wrong);
	if (!r->key)
		return stop_without_memory(r);
	r->key_length = length;
	r->key_begin = r->begin;
	if (wrong) {
		r->key_broken = true;
		finding_at_byte(r->f, r->begin, current(r), "%s", wrong);
	}
	return GO_ON;
}

static int open_level(struct reader *r, enum json_type type)
{
	next_token(r);
	if (r->depth == CONFIG_DEPTH_MAX) {
		finding_at_byte(r->f, r->begin, NULL,
				"arrays and objects are nested more than %d deep",
				CONFIG_DEPTH_MAX);
		/* That is no configuration, so nothing more is said of it. */
		r->d->n = 0;
		r->told = true;
		return STOP;
	}
	if (!add_node(r, type, "", 0, false))
		return STOP;
	r->d->nodes[r->d->n - 1].open = true;
	r->levels[++r->depth] = (struct level){ .node = r->d->n - 1 };
	return GO_ON;
}

static int close_level(struct reader *r)
{
	next_token(r);
	current(r)->open = false;
	r->depth--;
	return GO_ON;
}

static bool same_key(const struct json_node *a, const struct json_node *b)
{
	return a->key_length == b->key_length && memcmp(a->key, b->key, a->key_length) == 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct json_node *x = *(const struct json_node *const *)a,
			       *y = *(const struct json_node *const *)b;
	int order = x->key_length < y->key_length ? -1 : x->key_length > y->key_length;

	if (order == 0)
		order = memcmp(x->key, y->key, x->key_length);
	return order != 0 ? order : x < y ? -1 : x > y;
}

static void tell_duplicate(struct reader *r, const struct json_node *first, struct json_node *again)
{
	again->broken = true;
	finding_at_key(r->f, BERTH_FINDING_ERROR, again,
		       "duplicate key \"%.*s\": it is on line %u already",
		       shown_length(again->key, again->key_length), again->key,
		       findings_wanted(r->f, BERTH_FINDING_ERROR) ? line_of(r->d, first->key_offset)
								  : 0);
}

/* Few members are compared each with each, many are sorted. */
static int find_duplicates(struct reader *r, const struct json_node *object)
{
	autofree struct json_node **members = NULL;
	struct json_node *few[16];
	struct json_node **v = few;
	uint32_t n = 0;

	if (object->n > ARRAY_SIZE(few)) {
		members = reallocarray(NULL, object->n, sizeof(struct json_node *));
		if (!members)
			return stop_without_memory(r);
		v = members;
	}
	for (const struct json_node *m = first_child(object); m; m = next_child(r->d, m))
		v[n++] = &r->d->nodes[m - r->d->nodes];

	if (v == few) {
		for (uint32_t i = 1; i < n; i++)
			for (uint32_t j = 0; j < i; j++)
				if (same_key(v[j], v[i]) && !v[i]->broken)
					tell_duplicate(r, v[j], v[i]);
		return GO_ON;
	}
	qsort(v, n, sizeof(struct json_node *), compare_keys);
	for (uint32_t i = 1; i < n; i++)
		if (same_key(v[i - 1], v[i]))
			tell_duplicate(r, v[i - 1], v[i]);
	return GO_ON;
}

static int on_map(void *reader)
{
	return open_level(reader, JSON_OBJECT);
}

static int on_map_end(void *reader)
{
	struct reader *r = reader;
	const struct json_node *object = current(r);

	(void)close_level(r);
	return find_duplicates(r, object);
}

static int on_array(void *reader)
{
	return open_level(reader, JSON_ARRAY);
}

static int on_array_end(void *reader)
{
	return close_level(reader);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number, /* alone reads 18446744073709551615 */
	.yajl_string = on_string,
	.yajl_map_key = on_key,
	.yajl_start_map = on_map,
	.yajl_end_map = on_map_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* The first byte that is not part of well-formed UTF-8, or `length`. yajl itself takes overlong
 * forms and surrogates. */
static size_t find_bad_utf8(const char *text, size_t length)
{
	const uint64_t beyond_ascii = 0x8080808080808080;
	size_t i = 0;

	while (i < length) {
		char next[5] = { 0 };
		uint64_t eight;
		size_t n;

		if (length - i >= sizeof(eight)) {
			memcpy(&eight, text + i, sizeof(eight));
			if ((eight & beyond_ascii) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		if ((unsigned char)text[i] < 0x80) {
			i++;
			continue;
		}
		memcpy(next, text + i, length - i < 4 ? length - i : 4);
		n = text_sequence(next);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

/*
 * yajl does not look at what its allocator returns. So it gets one that does not return without
 * memory, and that frees all at once, so that nothing is lost on the way. The size in front is for
 * realloc.
 */
static void *allocate(void *reader, size_t size)
{
	struct reader *r = reader;
	max_align_t *block = arena_alloc(&r->memory, sizeof(*block) + size);

	if (!block)
		longjmp(r->no_memory, 1);
	memcpy(block, &size, sizeof(size));
	return block + 1;
}

static void *reallocate(void *reader, void *old, size_t size)
{
	void *new = allocate(reader, size);
	size_t old_size = 0;

	if (old)
		memcpy(&old_size, (max_align_t *)old - 1, sizeof(old_size));
	if (old)
		memcpy(new, old, old_size < size ? old_size : size);
	return new;
}

static void keep_memory(void *reader, void *block)
{
	(void)reader;
	(void)block;
}

static int run_yajl(struct reader *r, size_t length)
{
	yajl_alloc_funcs memory = { allocate, reallocate, keep_memory, r };
	const unsigned char *text = (const unsigned char *)r->d->text;
	const unsigned char *reason;
	yajl_status status;
	size_t consumed;

	r->yajl = yajl_alloc(&callbacks, &memory, r);
	(void)yajl_config(r->yajl, yajl_dont_validate_strings, 1); /* done already */
	status = yajl_parse(r->yajl, text, length);
	consumed = yajl_get_bytes_consumed(r->yajl);
	if (status == yajl_status_ok && length == r->d->length)
		status = yajl_complete_parse(r->yajl);
	if (r->without_memory)
		return -ENOMEM;
	r->d->whole = status == yajl_status_ok && length == r->d->length;
	if (status == yajl_status_ok || r->told)
		return 0;

	r->told = true;
	reason = yajl_get_error(r->yajl, 0, NULL, 0);
	tell_syntax_error(r->f, &(struct syntax_error){ .reason = (const char *)reason,
							.open = current(r),
							.end = r->end,
							.consumed = consumed });
	return 0;
}

static int run_within_memory(struct reader *r, size_t length)
{
	return setjmp(r->no_memory) == 0 ? run_yajl(r, length) : -ENOMEM;
}

int document_parse(struct document *d, const char *text, size_t length, struct findings *f)
{
	struct reader r = { .d = d, .f = f };
	size_t good = find_bad_utf8(text, length);
	int result;

	d->text = text;
	d->length = length;
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		finding_at_byte(
			f, 0, NULL,
			"the file begins with a byte order mark, which JSON does not allow");
		return 0;
	}
	result = run_within_memory(&r, good);
	arena_free(&r.memory);
	if (result == 0 && good < length && !r.told)
		finding_at_byte(f, good, current(&r), "the byte 0x%02x is not UTF-8 here",
				(unsigned char)text[good]);
	return result;
}

void document_free(struct document *d)
{
	free(d->nodes);
	arena_free(&d->arena);
	*d = (struct document){ 0 };
}

const struct json_node *next_child(const struct document *d, const struct json_node *n)
{
	return n->next > 0 ? &d->nodes[n->next] : NULL;
}

const struct json_node *document_member(const struct document *d, const struct json_node *object,
					const char *key)
{
	size_t length = strlen(key);

	for (const struct json_node *m = first_child(object); m; m = next_child(d, m))
		if (m->key_length == length && memcmp(m->key, key, length) == 0)
			return m;
	return NULL;
}
