/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where libberth's warnings and debug messages go. Errors are never logged by the library: they are
 * returned.
 */
#ifndef BERTH_LOG_H
#define BERTH_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

enum berth_log_level { BERTH_LOG_ERROR, BERTH_LOG_WARNING, BERTH_LOG_DEBUG };
/* JSON records are what container engines parse:
 * {"level":"error","msg":"...","time":"2026-01-02T03:04:05Z"}, a line each. */
enum berth_log_format { BERTH_LOG_TEXT, BERTH_LOG_JSON };

/* Sends records up to `level` to `fd`, which stays the caller's and must stay open; -1: nowhere.
 * Not thread-safe: call it at start-up. */
void berth_log_setup(int fd, enum berth_log_format format, enum berth_log_level level);

/* Writes one record, in one write(2). `text` may hold anything; control characters are escaped.
 * Failure is ignored. Thread-safe. */
void berth_log(enum berth_log_level level, const char *text);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
