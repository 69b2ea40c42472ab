/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the commands print: errors, JSON, bold text on a terminal.
 */
#ifndef CMD_PRINT_H
#define CMD_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include <berth/error.h>
#include <berth/log.h>

/* Sets "<message>: <reason of err>", or the message alone, and returns -err. */
int cmd_fail(struct berth_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cmd_refuse(struct berth_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Bold on a terminal (not with $NO_COLOR or TERM=dumb), plain elsewhere. */
void print_bold(FILE *f, const char *text);
/* The text on one line: control characters come out as \xNN, so that no name can play with the
 * terminal. */
void print_plain(FILE *f, const char *text);
/* As a JSON string (RFC 8259), quotes included. What is not UTF-8 becomes U+FFFD. */
void print_json(FILE *f, const char *text);

/* Where errors go: to stderr as text, except that `format` JSON without a log file is a record
 * there. */
struct error_sink {
	enum berth_log_format format;
	bool has_log_file;
};
/* The record in the log, where there is one for it. */
void log_error(const struct error_sink *sink, const char *text);
/* "berth: <text>", for people. */
void say_error(const struct error_sink *sink, const char *text);

#endif
