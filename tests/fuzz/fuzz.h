/* SPDX-License-Identifier: Apache-2.0 */
/* What the libFuzzer targets share. Build and run: see tests/fuzz/run. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
#define require(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* The bytes as a text of their exact size, so that reading on is found out; to be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	require(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Takes the input apart from its beginning; 0 behind its end. */
struct fuzz_bytes {
	const uint8_t *v;
	size_t n;
};

static inline uint8_t fuzz_byte(struct fuzz_bytes *b)
{
	if (b->n == 0)
		return 0;
	b->n--;
	return *b->v++;
}

static inline uint32_t fuzz_u32(struct fuzz_bytes *b)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | fuzz_byte(b);
	return v;
}

static inline uint64_t fuzz_u64(struct fuzz_bytes *b)
{
	uint64_t high = fuzz_u32(b);

	return high << 32 | fuzz_u32(b);
}

#endif
