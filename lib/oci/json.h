/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder: yajl's events become a document, and tables with one row per property turn the
 * document into C structures. The only file that calls yajl is json.c. The tables for config.json
 * are in tables*.c; the state file has its own small ones. Trust: the text may contain anything.
 * Every error has its line, column and JSON pointer, and decoding continues after an error, so that
 * all errors of a file are reported at once.
 */
#ifndef OCI_JSON_H
#define OCI_JSON_H

#include "oci/config.h"

struct json_table; /* see json_table.h: the rows and the macros that make them */

struct findings;

struct json_request {
	const char *text;
	size_t length;
	const char *name;  /* of the file, for findings */
	const char *above; /* see struct findings */
	const struct json_table *table;
	void *object; /* zeroed, of the table's size */
	struct arena *arena;
	bool strict;
	bool to_run;                       /* see findings_level_beyond() */
	const struct berth_config *config; /* for check */
	void (*check)(const struct berth_config *c,
		      struct findings *f); /* or NULL; not called when the syntax is wrong */
};

/* Decodes the text by the table into the object, memory from the arena. *ret_report gets everything
 * found. Returns -EINVAL if there were errors. */
int json_decode(const struct json_request *q, struct berth_report **ret_report,
		struct berth_error *e) must_check;

#endif
