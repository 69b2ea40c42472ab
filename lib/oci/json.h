/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder: yajl's events become a document, and tables of rows, one row a property, turn that into C structures. The only file that calls yajl is json.c. The tables for
 * config.json are in tables*.c; the state file has its own small ones. Trust: the text may be anything; every error has its line, column and JSON pointer, and
 * decoding goes on after one, so that a file's errors come all at once.
 */
#ifndef OCI_JSON_H
#define OCI_JSON_H

#include "oci/config.h"

struct json_table; /* see json_table.h: the rows and the macros that make them */

/* Decodes `text` by the table into `object` (zeroed, of the table's size), memory from the arena. *ret_report gets everything found. Returns -EINVAL if there were errors. */
int json_decode(const char *text, size_t length, const char *name, const struct json_table *table, void *object,
		struct arena *arena, bool strict, struct berth_report **ret_report, struct berth_error *e) must_check;

#endif
