/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where warnings and debug messages go. The library never prints errors; it returns them. The
 * program sets the log up once (include/berth/log.h is the installed part); by default there is
 * none. Works after clone(2): one write(2) per record, no allocation. Text in a record is escaped,
 * so a hostile name cannot forge a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <berth/log.h>

#include "base/error.h"

void log_warning(const char *fmt, ...) printf_like(1, 2);
void log_debug(const char *fmt, ...) printf_like(1, 2);
/* Whether log_debug() would write: for work done only to be logged. */
int log_debugs(void);
/* The fd that records go to, or -1: it has to outlive close_all_but() in the container's
 * process. */
int log_fd(void);

#endif
