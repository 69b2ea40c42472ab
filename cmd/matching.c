/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --regex: a command for all containers whose id matches, as crun has it.
 */
#include <errno.h>
#include <regex.h>

#include "command.h"

static int for_all(const struct call *call, const regex_t *pattern,
		   int (*each)(const struct call *call, const char *id, struct berth_error *e),
		   struct berth_error *e)
{
	struct berth_states states = { 0 };
	int r = berth_list(call->runtime, &states, e);

	for (size_t i = 0; i < states.n; i++) {
		const char *id = states.v[i]->id;
		struct berth_error later = { 0 };

		if (regexec(pattern, id, 0, NULL, 0) == 0) {
			int result = each(call, id, r < 0 ? &later : e);

			r = r < 0 ? r : result;
		}
	}
	berth_states_free(&states);
	return r;
}

int for_matching(const struct call *call, bool regex,
		 int (*each)(const struct call *call, const char *id, struct berth_error *e),
		 struct berth_error *e)
{
	const char *text = call->args[0];
	char reason[128];
	regex_t pattern;
	int r;

	if (!regex)
		return each(call, text, e);
	r = regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB);
	if (r != 0) {
		(void)regerror(r, &pattern, reason, sizeof(reason));
		return cmd_refuse(e, EINVAL, "\"%s\" is no regular expression: %s", text, reason);
	}
	r = for_all(call, &pattern, each, e);
	regfree(&pattern);
	return r;
}
