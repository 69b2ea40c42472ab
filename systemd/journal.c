/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OOM kills in a scope, from the journal: the cgroup of a scope goes with its last process, and so
 * does the unit. systemd looks at memory.events before that, and logs what it finds. Trust: of the
 * system's instance only what process 1 has written. A user can forge the messages of the own
 * instance, but only the same user reads them.
 */
#include "journal.h"

#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "base/cleanup.h"
#include "base/text.h"

/* SD_MESSAGE_UNIT_OUT_OF_MEMORY of sd-messages.h, since systemd 244. */
#define OUT_OF_MEMORY "MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef"

enum { COUNT_MAX = 1000 };

static void close_journal(sd_journal **j)
{
	sd_journal_close(*j);
}

static int count(sd_journal *j, uint64_t since, uint64_t *ret_n)
{
	uint64_t n = 0, at;
	int r = sd_journal_seek_realtime_usec(j, since);

	while (r >= 0 && n < COUNT_MAX && (r = sd_journal_next(j)) > 0) {
		r = sd_journal_get_realtime_usec(j, &at);
		if (r >= 0 && at >= since)
			n++;
	}
	if (r >= 0)
		*ret_n = n;
	return r;
}

int journal_count_oom(const char *unit, bool user, uint64_t since, uint64_t *ret_n,
		      struct berth_error *e)
{
	cleanup(close_journal) sd_journal *j = NULL;
	autofree char *match = text_printf("%s=%s", user ? "USER_UNIT" : "UNIT", unit);
	int r;

	if (!match)
		return fail(e, ENOMEM, "search the journal");
	r = sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY);
	if (r >= 0)
		r = sd_journal_add_match(j, OUT_OF_MEMORY, 0);
	if (r >= 0)
		r = sd_journal_add_match(j, match, 0);
	if (r >= 0 && !user)
		r = sd_journal_add_match(j, "_PID=1", 0);
	if (r >= 0)
		r = count(j, since, ret_n);
	return r < 0 ? fail(e, -r, "search the journal for OOM kills in unit %s", unit) : 0;
}
