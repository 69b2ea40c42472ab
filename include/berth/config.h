/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and checking a bundle's configuration (OCI runtime-spec 1.3.0, config.md and
 * config-linux.md). Nothing on the system is changed. These functions are
 * thread-safe, except berth_spec_json().
 */
#ifndef BERTH_CONFIG_H
#define BERTH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <berth/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* A decoded configuration: immutable, in one allocation. */
struct berth_config;

enum berth_finding_level { BERTH_FINDING_ERROR, BERTH_FINDING_WARNING };

/* One thing found in the file. */
struct berth_finding {
	enum berth_finding_level level;
	unsigned int line, column; /* from 1, column in bytes; 0: the file as a whole */
	const char *pointer;       /* JSON pointer (RFC 6901); "": the whole document */
	const char *text;          /* "expected an integer, got a string" */
};

/* Everything found in one file, sorted by place. The strings belong to the report. */
struct berth_report {
	const char *file; /* as named by the caller */
	size_t n;         /* findings */
	size_t n_errors;
	const struct berth_finding *findings;
};

/*
 * Reads `path` (a config.json, or a bundle directory that holds one; at most 16 MiB), decodes it
 * and checks the rules between its properties. With `strict`, an unknown property is an error,
 * otherwise a warning.
 *
 * Returns 0 and *ret_config; -EINVAL if the file has errors, which are in the report (the first one
 * is in `e`, too); another -errno if it cannot be read. *ret_report is set in the first two cases,
 * unless ret_report is NULL. Free both with the functions below, which accept NULL.
 */
int berth_config_load(const char *path, bool strict, struct berth_config **ret_config,
		      struct berth_report **ret_report, struct berth_error *e);
void berth_config_free(struct berth_config *config);
void berth_report_free(struct berth_report *report);

/* Finding number `i` as "file:line:column: /pointer: text" (or "file: text"), malloc'd, without a
 * newline. NULL: out of memory. */
char *berth_finding_text(const struct berth_report *report, size_t i);

/* The configuration that `berth spec` writes, as JSON text, malloc'd: a shell in new namespaces.
 * With `rootless`, one that the calling user can run: it has a user namespace that maps the user,
 * and the user's ranges in /etc/subuid and /etc/subgid if there are any. */
int berth_spec_json(bool rootless, char **ret_json, struct berth_error *e);

/* What this berth implements (features.md, features-linux.md), as JSON text, malloc'd. */
int berth_features_json(char **ret_json, struct berth_error *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
