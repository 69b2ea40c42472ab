/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where warnings and debug messages go. The library never prints an error: those it returns. Set up
 * once by the program (include/berth/log.h has the installed part); the default is nowhere. Works
 * after clone(2): one write(2) a record, no allocation. Text in a record is escaped, so a hostile
 * name cannot forge a line.
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
