/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of numbers, lists and signal names, held against the plainest possible reading of the
 * same text. */
#include <errno.h>
#include <limits.h>

#include "base/number.h"
#include "base/process.h"
#include "fuzz.h"

enum { BITS = 256 };

/* -EINVAL, -ERANGE or 0, as number.h says it. */
static int read_decimal(const char *text, unsigned __int128 max, unsigned __int128 *ret)
{
	unsigned __int128 v = 0;
	int r = 0;

	if (!*text)
		return -EINVAL;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9')
			return -EINVAL;
		v = v * 10 + (unsigned int)(*c - '0');
		if (v > max) {
			v = max + 1; /* and stays there */
			r = -ERANGE;
		}
	}
	*ret = v;
	return r;
}

static void try_unsigned(const char *text)
{
	unsigned __int128 v = 0;
	uint64_t u64 = 7;
	uint32_t u32 = 7;
	int i = 7, r;

	r = read_decimal(text, UINT64_MAX, &v);
	require(parse_u64(text, &u64) == r && u64 == (r ? 7 : (uint64_t)v));
	r = read_decimal(text, UINT32_MAX, &v);
	require(parse_u32(text, &u32) == r && u32 == (r ? 7 : (uint32_t)v));
	r = read_decimal(text, INT_MAX, &v);
	require(parse_int(text, &i) == r && i == (r ? 7 : (int)v));
}

static void try_signed(const char *text)
{
	bool negative = *text == '-';
	unsigned __int128 v = 0;
	int64_t i64 = 7;
	int r = read_decimal(text + negative, (unsigned __int128)INT64_MAX + negative, &v);

	require(parse_i64(text, &i64) == r);
	require(i64 == (r ? 7 : (int64_t)(negative ? 0 - (uint64_t)v : (uint64_t)v)));
}

static void try_list(const char *text)
{
	unsigned char mask[BITS / 8 + 1] = { 0 };
	int r = parse_list(text, mask, BITS / 8);

	require(r == 0 || r == -EINVAL || r == -ERANGE);
	require(mask[BITS / 8] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	int signal = 0;

	try_unsigned(text);
	try_signed(text);
	try_list(text);
	if (signal_parse(text, &signal) == 0)
		require(signal > 0 && signal < NSIG);
	free(text);
	return 0;
}
