/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints every row of the configuration's tables for schema-rows: path, kind, "required" or "-",
 * limits, words; separated by tabs.
 */
#include <inttypes.h>
#include <stdio.h>

#include "oci/tables.h"

static const char *const kinds[] = {
	[KIND_STRING] = "string",      [KIND_BOOL] = "boolean",
	[KIND_SIGNED] = "integer",     [KIND_UNSIGNED] = "integer",
	[KIND_WORD] = "word",          [KIND_FLAGS] = "words",
	[KIND_BITS] = "words",         [KIND_WORDS] = "words",
	[KIND_STRINGS] = "strings",    [KIND_NUMBERS] = "integers",
	[KIND_EMBEDDED] = "object",    [KIND_OBJECT] = "object",
	[KIND_OBJECTS] = "objects",    [KIND_TEXTS] = "map of strings",
	[KIND_MAP] = "map of objects", [KIND_CUSTOM] = "custom",
	[KIND_IGNORED] = "ignored",    [KIND_REFUSED] = "refused",
};

static void print_row(const char *path, const struct json_row *row)
{
	enum json_kind kind = row->kind;

	printf("%s\t%s\t%s\t", path, kinds[kind], row->flags & REQUIRED ? "required" : "-");
	if (kind == KIND_SIGNED || kind == KIND_UNSIGNED || kind == KIND_NUMBERS)
		printf("%" PRId64 " %" PRIu64, row->min, row->max);
	if (kind == KIND_WORD || kind == KIND_FLAGS || kind == KIND_BITS || kind == KIND_WORDS)
		for (const struct word *w = row->words; w->word; w++)
			printf("%s%s", w == row->words ? "" : " ", w->word);
	printf("\n");
}

static void print_table(const char *above, const struct json_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct json_row *row = &table->rows[i];
		char path[256];

		(void)snprintf(path, sizeof(path), "%s/%s", above, row->name);
		print_row(path, row);
		if (row->kind == KIND_OBJECTS || row->kind == KIND_MAP)
			(void)snprintf(path, sizeof(path), "%s/%s/*", above, row->name);
		if (row->kind == KIND_OBJECTS || row->kind == KIND_MAP ||
		    row->kind == KIND_OBJECT || row->kind == KIND_EMBEDDED)
			print_table(path, row->table);
	}
}

int main(void)
{
	print_table("", &config_table);
	return 0;
}
