/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON text as a flat list of nodes, each with its place in the text. yajl's events become this
 * list, and the tables read it. So the tables know how many items an array has before they
 * allocate, and any JSON pointer can be found again for a finding's line and column. Lives only
 * while decoding.
 */
#ifndef OCI_DOCUMENT_H
#define OCI_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "oci/findings.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_node {
	const char *key;  /* in an object; not NUL-terminated */
	const char *text; /* a string's content, a number as it is written; not NUL-terminated */
	uint32_t key_length, length;
	uint32_t key_offset, offset; /* where they begin in the text */
	uint32_t parent, next;       /* numbers of nodes; 0: none (node 0 is the whole document) */
	uint32_t n;                  /* items or members; the first one is the next node */
	enum json_type type;
	bool truth;  /* of a JSON_BOOL */
	bool open;   /* the text ended before its end */
	bool broken; /* a finding says why it cannot be used */
};

struct document {
	const char *text; /* the caller's */
	size_t length;
	struct json_node *nodes; /* malloc'd */
	uint32_t n, room;
	bool whole;         /* the text was read to its end */
	struct arena arena; /* strings that were written with escapes */
};

/* Reads the text. What is wrong with it as JSON (syntax, depth, duplicate keys, NUL characters)
 * goes to `f`, and the nodes before it are kept. -ENOMEM is the only failure. */
int document_parse(struct document *d, const char *text, size_t length,
		   struct findings *f) must_check;
void document_free(struct document *d);

static inline const struct json_node *first_child(const struct json_node *n)
{
	return n->n > 0 ? n + 1 : NULL;
}

const struct json_node *next_child(const struct document *d, const struct json_node *n);
const struct json_node *document_member(const struct document *d, const struct json_node *object,
					const char *key);

/* How much of a text from the file is shown in a finding: at most 60 bytes, whole characters. For
 * "%.*s". */
static inline int shown_length(const char *text, size_t length)
{
	size_t n = length < 60 ? length : 60;

	while (n > 0 && n < length && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

/* Between the two files that read the text. */
struct syntax_error {
	const char *reason;           /* yajl's */
	const struct json_node *open; /* the innermost array or object, or NULL */
	size_t end;                   /* of the last good token */
	size_t consumed;              /* by yajl */
};
void tell_syntax_error(struct findings *f, const struct syntax_error *x);
/* Where the token begins whose predecessor ends at `from`. */
size_t skip_separators(const struct document *d, size_t from);
unsigned int line_of(const struct document *d, size_t offset);

enum { FINDINGS_KEPT = 100 }; /* of each level; the others are counted */

struct found {
	struct berth_finding finding;
	size_t offset, order;
	uint32_t node; /* number; 0 is the whole document */
};

struct findings {
	const struct document *document;
	const char *above; /* the pointer that the document stands for in a config.json: "",
			      "/process", "/linux/resources" */
	struct arena arena;
	struct found *kept[2]; /* by enum berth_finding_level */
	size_t n[2];           /* found, also beyond FINDINGS_KEPT */
	size_t n_decoding;     /* kept errors when decoding had ended */
	bool to_run;           /* see findings_level_beyond() */
	bool without_memory;
};

/* At the node's value. */
void finding_at(struct findings *f, enum berth_finding_level level, const struct json_node *n,
		const char *fmt, ...) printf_like(4, 5);
/* At the node's key. */
void finding_at_key(struct findings *f, enum berth_finding_level level, const struct json_node *n,
		    const char *fmt, ...) printf_like(4, 5);
/* An error at a byte of the text; the pointer is that of `within` (NULL: none). */
void finding_at_byte(struct findings *f, size_t offset, const struct json_node *within,
		     const char *fmt, ...) printf_like(4, 5);
/* An error of the file as a whole. */
void finding_of_file(struct findings *f, const char *fmt, ...) printf_like(2, 3);
/* Whether another finding of that level would be kept: else its text need not be made. */
static inline bool findings_wanted(const struct findings *f, enum berth_finding_level level)
{
	return f->n[level] < FINDINGS_KEPT;
}

/* The checks begin: what findings_has_error() speaks of is complete. */
void findings_end_decoding(struct findings *f);

/*
 * Makes the report, sorted by place, with lines and columns, and empties `f`. Returns -EINVAL, with
 * the first error in `e`, when there are errors. `ret_report` may be NULL.
 */
int findings_finish(struct findings *f, const char *name, struct berth_report **ret_report,
		    struct berth_error *e) must_check;
void findings_drop(struct findings *f);

/* What the functions of tables get. */
struct json_decoder {
	const struct document *document;
	struct findings *findings;
	struct arena *arena; /* of the result */
	bool strict;
	bool without_memory;
};

#endif
