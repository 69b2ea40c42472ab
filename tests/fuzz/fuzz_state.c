/* SPDX-License-Identifier: Apache-2.0 */
/* state.json: what can be read is written and read again, and is the same. */
#include "base/arena.h"
#include "json_mutator.h"
#include "oci/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 }, b = { 0 };
	struct state_record first = { 0 }, second = { 0 };
	struct berth_error e = { 0 };
	char *text = fuzz_text(data, size);

	if (state_record_parse(text, size, &a, &first, &e) == 0) {
		char *written = state_record_json(&first), *again;

		require(written);
		require(state_record_parse(written, strlen(written), &b, &second, &e) == 0);
		again = state_record_json(&second);
		require(again && !strcmp(written, again));
		free(written);
		free(again);
	} else {
		require(e.code > 0 && memchr(e.text, '\0', sizeof(e.text)));
	}
	arena_free(&a);
	arena_free(&b);
	free(text);
	return 0;
}
