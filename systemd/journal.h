/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What systemd has told the journal about a unit that is gone.
 */
#ifndef SYSTEMD_JOURNAL_H
#define SYSTEMD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* How often systemd found that the OOM killer had been in the unit since then (CLOCK_REALTIME,
 * microseconds). */
int journal_count_oom(const char *unit, bool user, uint64_t since, uint64_t *ret_n,
		      struct berth_error *e) must_check;

#endif
