/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and checking a bundle's configuration (OCI runtime-spec 1.3.0, config.md and
 * config-linux.md) without doing anything.
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

/* A decoded configuration: immutable, in one piece. */
struct berth_config;

enum berth_finding_level { BERTH_FINDING_ERROR, BERTH_FINDING_WARNING };

/* One thing found in the file. */
struct berth_finding {
	enum berth_finding_level level;
	unsigned int line, column; /* from 1, column in bytes; 0: the file as a whole */
	const char *pointer;       /* JSON pointer (RFC 6901), "" for the whole document */
	const char *text;          /* "expected an integer, got a string" */
};

/* Everything found in one file, sorted by place. */
struct berth_report {
	const char *file; /* as named by the caller */
	size_t n;         /* findings */
	size_t n_errors;
	const struct berth_finding *findings;
};

/*
 * Reads `path` (a config.json, or a bundle directory that holds one), decodes it and checks the
 * rules between its properties. With `strict` an unknown property is an error, otherwise a warning.
 *
 * Returns 0 and *ret_config; -EINVAL if the file has errors, which are in the report (its first one
 * is in `e`, too); another errno if it cannot be read. *ret_report is set in the first two cases,
 * unless ret_report is NULL. Free both.
 */
int berth_config_load(const char *path, bool strict, struct berth_config **ret_config,
		      struct berth_report **ret_report, struct berth_error *e);
void berth_config_free(struct berth_config *config);
void berth_report_free(struct berth_report *report);

/* "file:line:column: /pointer: text" (or "file: text"), malloc'd, without a newline. NULL without
 * memory. */
char *berth_finding_text(const struct berth_report *report, size_t i);

/* The configuration that `berth spec` writes, as JSON text (malloc'd): a shell in all new
 * namespaces. With `rootless`, one that the calling user can run: with a user namespace mapping it,
 * and its ranges in /etc/subuid and /etc/subgid where it has some. */
int berth_spec_json(bool rootless, char **ret_json, struct berth_error *e);
/* What this berth implements (features.md, features-linux.md), as JSON text, malloc'd. */
int berth_features_json(char **ret_json, struct berth_error *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
