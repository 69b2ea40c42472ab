/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found wrong or odd in a document, collected while it is decoded and checked, and turned
 * into the report in the end. A finding names its place by JSON pointer; line and column are looked
 * up in the document here. Running out of memory is remembered, and reported at the end by the code
 * that made the collector.
 */
#ifndef OCI_FINDINGS_H
#define OCI_FINDINGS_H

#include <stdbool.h>

#include <berth/config.h>

#include "base/error.h"

struct findings;

/*
 * Adds a finding. `pointer` is a JSON pointer from the top of config.json ("/linux/namespaces/2"),
 * also while a process or a resources object alone is checked; the report has it from the top of
 * the file. "" is the whole document. Where it names something that is not there, the place is the
 * nearest object around it. NULL (what findings_pointer() returns without memory) is allowed.
 */
void findings_add(struct findings *f, enum berth_finding_level level, const char *pointer,
		  const char *fmt, ...) printf_like(4, 5);

/* What berth cannot do, although the document is valid: a warning where a document is only looked
 * at, an error where it is to be carried out. */
enum berth_finding_level findings_level_beyond(const struct findings *f) must_check;

/* Whether an error was found there or below already. Checks run even after errors, to tell all in
 * one go; what was decoded there is incomplete then, so that a rule that looks at two places (a
 * mapping here, its namespace there) asks for the other one first. An error for a place that has
 * one already is dropped by findings_add(). */
bool findings_has_error(const struct findings *f, const char *pointer) must_check;

/* A pointer put together, for findings_add(): findings_pointer(f, "/mounts/%zu/destination", i).
 * Lives as long as f. */
const char *findings_pointer(struct findings *f, const char *fmt, ...) printf_like(2, 3) must_check;
/* `parent` and below it the member `key`, escaped as RFC 6901 has it ("~" is "~0", "/" is "~1"):
 * for the keys of maps. */
const char *findings_member(struct findings *f, const char *parent, const char *key) must_check;

#endif
