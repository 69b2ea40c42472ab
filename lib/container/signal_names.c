/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal names for the caller of libberth.
 */
#include <berth/container.h>

#include "base/process.h"
#include "base/text.h"

int berth_signal_parse(const char *text, int *ret_signal, struct berth_error *e)
{
	int signal = 0, r = 0;

	/* kill(2) takes 0: it only looks whether the process is there. */
	if (!text_equal(text, "0"))
		r = signal_parse(text, &signal);
	if (r < 0)
		return refuse(e, -r, "unknown signal \"%s\"", text);
	*ret_signal = signal;
	return 0;
}
