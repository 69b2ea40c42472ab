/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding tables are made of these rows, one row per property:
 *
 *	static const struct json_row root_rows[] = {
 *		STRING(struct config_root, "path", path, REQUIRED),
 *		BOOL(struct config_root, "readonly", readonly, 0),
 *	};
 *	JSON_TABLE(root, struct config_root, NULL);
 *
 * Each macro checks the type of its member while it compiles. A property that is null counts as
 * absent, unless it is REQUIRED: Go's marshallers write null for empty lists. An empty string
 * counts as absent as well, as it does for engines; one that is REQUIRED must not be empty. Within
 * lists and maps both are values.
 */
#ifndef OCI_JSON_TABLE_H
#define OCI_JSON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct json_decoder;
struct json_node;

enum json_kind {
	KIND_STRING,
	KIND_BOOL,
	KIND_SIGNED,
	KIND_UNSIGNED,
	KIND_WORD,     /* string of a word table */
	KIND_FLAGS,    /* array of words, or-ed */
	KIND_BITS,     /* array of words that number bits */
	KIND_WORDS,    /* array of words */
	KIND_STRINGS,  /* array of strings */
	KIND_NUMBERS,  /* array of uint32 */
	KIND_EMBEDDED, /* object, decoded into a member or into the same struct */
	KIND_OBJECT,   /* object, decoded into new memory */
	KIND_OBJECTS,  /* array of objects */
	KIND_TEXTS,    /* map of strings */
	KIND_MAP,      /* map of objects */
	KIND_CUSTOM,
	KIND_IGNORED,
	KIND_REFUSED,
};

enum json_row_flag {
	REQUIRED = 1,
	NOT_EMPTY = 2,      /* the array has to have an item */
	UNKNOWN_PASSES = 4, /* an unknown word is left out with a warning */
};

/* What a string has to look like. */
struct json_pattern {
	bool (*matches)(const char *text);
	const char *expected; /* for the error: "a page size such as 2MB" */
};

struct json_row {
	const char *name;
	uint8_t length;      /* of the name */
	uint8_t kind;        /* enum json_kind */
	uint8_t flags;       /* enum json_row_flag */
	uint8_t width;       /* bytes of a number's member */
	uint16_t offset;     /* of the member; for arrays and maps, of the pointer to their items */
	uint16_t count;      /* arrays and maps: offset of the number of items */
	uint16_t present;    /* 1 + the offset of a bool that says whether the property is there; 0:
				none */
	uint16_t size;       /* maps: of an item */
	uint16_t key, value; /* maps: offsets within an item */
	int64_t min;
	uint64_t max;
	union {
		const struct json_table *table;
		const struct word *words;
		const struct json_pattern *pattern;
		void (*custom)(struct json_decoder *d, const struct json_node *n, void *object);
	};
	const char *text; /* words: what they are ("capability"); ignored and refused: the reason */
};

struct json_table {
	const struct json_row *rows;
	size_t n;
	size_t size; /* of the struct */
	/* After the rows, for what they cannot see one by one. Called also after errors in them. */
	void (*finish)(struct json_decoder *d, const struct json_node *n, void *object);
};

/* Types, members and table names stand in parentheses nowhere.
 * NOLINTBEGIN(bugprone-macro-parentheses) */

/* name_object is never defined: only its type is used, to check the members that hold it. A SHARED
 * table is declared in a header. */
#define JSON_TABLE_DECLARE(name, type) \
	extern type name##_object;     \
	extern const struct json_table name##_table
#define JSON_TABLE_SHARED(name, type, finish_)                                         \
	const struct json_table name##_table = { name##_rows, ARRAY_SIZE(name##_rows), \
						 sizeof(type), finish_ }
#define JSON_TABLE(name, type, finish) \
	extern type name##_object;     \
	static JSON_TABLE_SHARED(name, type, finish)

/* Zero, or no constant expression. */
#define JSON_CHECK(condition, text)               \
	(0 * sizeof(struct {                      \
		 _Static_assert(condition, text); \
		 int unused;                      \
	 }))
#define JSON_MEMBER(T, m)   (((T *)NULL)->m)
#define JSON_IS(T, m, type) _Generic(JSON_MEMBER(T, m), type : 1, default : 0)
/* The member's offset, if it has that type. */
#define JSON_AT(T, m, type)                                                              \
	((uint16_t)(offsetof(T, m) + JSON_CHECK(JSON_IS(T, m, type), #m " of " #T " is " \
									"no " #type)))
#define JSON_PRESENT(T, m) ((uint16_t)(1 + JSON_AT(T, m, bool)))
#define JSON_ROW(property, kind_, f, ...)                                                          \
	{                                                                                          \
		.name = (property), .length = sizeof(property) - 1, .kind = (kind_), .flags = (f), \
		__VA_ARGS__                                                                        \
	}

#define STRING(T, property, m, f) \
	JSON_ROW(property, KIND_STRING, f, .offset = JSON_AT(T, m, const char *))
#define STRING_LIKE(T, property, m, pattern_, f)                                  \
	JSON_ROW(property, KIND_STRING, f, .offset = JSON_AT(T, m, const char *), \
		 .pattern = (pattern_))

#define BOOL(T, property, m, f) JSON_ROW(property, KIND_BOOL, f, .offset = JSON_AT(T, m, bool))
#define OPTIONAL_BOOL(T, property, m, f)                                  \
	JSON_ROW(property, KIND_BOOL, f, .offset = JSON_AT(T, m.v, bool), \
		 .present = JSON_PRESENT(T, m.set))

/* Integers: the member, 1 + the offset of its presence or 0, the limits. */
#define JSON_SIGNED(T, property, m, type, present_, min_, max_, f)                               \
	JSON_ROW(property, KIND_SIGNED, f, .width = sizeof(type), .offset = JSON_AT(T, m, type), \
		 .present = (present_), .min = (min_), .max = (max_))
#define JSON_UNSIGNED(T, property, m, type, present_, max_, f)                                     \
	JSON_ROW(property, KIND_UNSIGNED, f, .width = sizeof(type), .offset = JSON_AT(T, m, type), \
		 .present = (present_), .max = (max_))

#define I32(T, property, m, f)                   JSON_SIGNED(T, property, m, int32_t, 0, INT32_MIN, INT32_MAX, f)
#define I64(T, property, m, f)                   JSON_SIGNED(T, property, m, int64_t, 0, INT64_MIN, INT64_MAX, f)
#define INT_BETWEEN(T, property, m, min, max, f) JSON_SIGNED(T, property, m, int, 0, min, max, f)
#define U32(T, property, m, f)                   JSON_UNSIGNED(T, property, m, uint32_t, 0, UINT32_MAX, f)
#define U64(T, property, m, f)                   JSON_UNSIGNED(T, property, m, uint64_t, 0, UINT64_MAX, f)

/* With a bool beside it that says whether it is there. */
#define I64_IF(T, property, m, has, f) \
	JSON_SIGNED(T, property, m, int64_t, JSON_PRESENT(T, has), INT64_MIN, INT64_MAX, f)
#define U32_IF(T, property, m, has, f) \
	JSON_UNSIGNED(T, property, m, uint32_t, JSON_PRESENT(T, has), UINT32_MAX, f)
#define U32_UP_TO(T, property, m, has, max, f) \
	JSON_UNSIGNED(T, property, m, uint32_t, JSON_PRESENT(T, has), max, f)

/* {bool set; T v;} */
#define OPTIONAL_INT_BETWEEN(T, property, m, min, max, f) \
	JSON_SIGNED(T, property, m.v, int, JSON_PRESENT(T, m.set), min, max, f)
#define OPTIONAL_I64(T, property, m, f) \
	JSON_SIGNED(T, property, m.v, int64_t, JSON_PRESENT(T, m.set), INT64_MIN, INT64_MAX, f)
#define OPTIONAL_U16(T, property, m, f) \
	JSON_UNSIGNED(T, property, m.v, uint16_t, JSON_PRESENT(T, m.set), UINT16_MAX, f)
#define OPTIONAL_U32(T, property, m, f) \
	JSON_UNSIGNED(T, property, m.v, uint32_t, JSON_PRESENT(T, m.set), UINT32_MAX, f)
#define OPTIONAL_U64(T, property, m, f) \
	JSON_UNSIGNED(T, property, m.v, uint64_t, JSON_PRESENT(T, m.set), UINT64_MAX, f)

/* Words; `what` says what they are. The member may be any integer: an enum, CLONE_* flags, a
 * character. */
#define JSON_IS_INTEGER(T, m)                                                      \
	_Generic(JSON_MEMBER(T, m), char : 1, int : 1, unsigned int : 1, long : 1, \
		 unsigned long : 1, default : 0)
#define JSON_INTEGER_AT(T, m)        \
	((uint16_t)(offsetof(T, m) + \
		    JSON_CHECK(JSON_IS_INTEGER(T, m), #m " of " #T " is no integer")))
#define JSON_WORDS(T, property, m, kind_, words_, what, present_, f)                        \
	JSON_ROW(property, kind_, f, .width = sizeof(JSON_MEMBER(T, m)),                    \
		 .offset = JSON_INTEGER_AT(T, m), .present = (present_), .words = (words_), \
		 .text = (what))
#define WORD(T, property, m, words, what, f) \
	JSON_WORDS(T, property, m, KIND_WORD, words, what, 0, f)
#define WORD_IF(T, property, m, has, words, what, f) \
	JSON_WORDS(T, property, m, KIND_WORD, words, what, JSON_PRESENT(T, has), f)
#define FLAGS(T, property, m, words, what, f) \
	JSON_WORDS(T, property, m, KIND_FLAGS, words, what, 0, f)
#define BITS(T, property, m, words_, what, f)                       \
	JSON_ROW(property, KIND_BITS, f, .width = sizeof(uint64_t), \
		 .offset = JSON_AT(T, m, uint64_t), .words = (words_), .text = (what))
/* A list of words of which none is defined yet. */
#define NO_WORDS(property, words_, what) \
	JSON_ROW(property, KIND_FLAGS, 0, .words = (words_), .text = (what))

/* Arrays: the members that hold the items and their number. Those of strings end with a NULL that
 * does not count. */
#define WORDS_IN(T, property, m, n_m, words_, what, f)                         \
	JSON_ROW(property, KIND_WORDS, f, .offset = JSON_AT(T, m, uint32_t *), \
		 .count = JSON_AT(T, n_m, size_t), .words = (words_), .text = (what))
#define STRINGS_IN(T, property, m, n_m, f)                                          \
	JSON_ROW(property, KIND_STRINGS, f, .offset = JSON_AT(T, m, const char **), \
		 .count = JSON_AT(T, n_m, size_t))
#define STRINGS(T, property, m, f) STRINGS_IN(T, property, m.v, m.n, f)
#define NUMBERS_IN(T, property, m, n_m, f)                                       \
	JSON_ROW(property, KIND_NUMBERS, f, .offset = JSON_AT(T, m, uint32_t *), \
		 .count = JSON_AT(T, n_m, size_t), .max = UINT32_MAX)

/* Objects: in a member of their own, behind a pointer, or (FLAT) spread over the same struct as the
 * row. */
#define JSON_OBJECT_OF(table)      __typeof__(table##_object)
#define JSON_SAME_STRUCT(T, table) _Generic((T *)NULL, JSON_OBJECT_OF(table) * : 1, default : 0)
#define EMBEDDED(T, property, m, table_, f)                                                   \
	JSON_ROW(property, KIND_EMBEDDED, f, .offset = JSON_AT(T, m, JSON_OBJECT_OF(table_)), \
		 .table = &table_##_table)
#define EMBEDDED_IF(T, property, m, has, table_, f)                                           \
	JSON_ROW(property, KIND_EMBEDDED, f, .offset = JSON_AT(T, m, JSON_OBJECT_OF(table_)), \
		 .present = JSON_PRESENT(T, has), .table = &table_##_table)
#define FLAT(T, property, table_, f)                                            \
	JSON_ROW(property, KIND_EMBEDDED, f,                                    \
		 .offset = (uint16_t)JSON_CHECK(JSON_SAME_STRUCT(T, table_),    \
						#table_ " is no table of " #T), \
		 .table = &table_##_table)
#define OBJECT(T, property, m, table_, f)                                 \
	JSON_ROW(property, KIND_OBJECT, f,                                \
		 .offset = JSON_AT(T, m, const JSON_OBJECT_OF(table_) *), \
		 .table = &table_##_table)
#define OBJECTS_IN(T, property, m, n_m, table_, f)                                             \
	JSON_ROW(property, KIND_OBJECTS, f, .offset = JSON_AT(T, m, JSON_OBJECT_OF(table_) *), \
		 .count = JSON_AT(T, n_m, size_t), .table = &table_##_table)
#define OBJECTS(T, property, m, table, f) OBJECTS_IN(T, property, m.v, m.n, table, f)

/* Maps become arrays of {key, value} or of objects that know their key. */
#define TEXTS(T, property, m, item, f)                                       \
	JSON_ROW(property, KIND_TEXTS, f, .offset = JSON_AT(T, m.v, item *), \
		 .count = JSON_AT(T, m.n, size_t), .size = sizeof(item),     \
		 .key = JSON_AT(item, key, const char *),                    \
		 .value = JSON_AT(item, value, const char *))
#define MAP(T, property, m, key_, table_, f)                                                 \
	JSON_ROW(property, KIND_MAP, f, .offset = JSON_AT(T, m.v, JSON_OBJECT_OF(table_) *), \
		 .count = JSON_AT(T, m.n, size_t),                                           \
		 .key = JSON_AT(JSON_OBJECT_OF(table_), key_, const char *),                 \
		 .table = &table_##_table)

/* A function of the table's reads it. */
#define CUSTOM(property, function) JSON_ROW(property, KIND_CUSTOM, 0, .custom = (function))
/* Known, but without a meaning here: passed over with a warning that gives the reason. */
#define IGNORED(property, reason) JSON_ROW(property, KIND_IGNORED, 0, .text = (reason))
/* Known, and an error. */
#define REFUSED(property, reason) JSON_ROW(property, KIND_REFUSED, 0, .text = (reason))

/* NOLINTEND(bugprone-macro-parentheses) */

#endif
