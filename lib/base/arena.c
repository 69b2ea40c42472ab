/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once. How much is asked for may depend on untrusted input, so sizes
 * are checked for overflow.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 65536 };

struct arena_block {
	struct arena_block *older;
	size_t size, used; /* of data */
	_Alignas(max_align_t) char data[];
};

static struct arena_block *add_block(struct arena *a, size_t wanted)
{
	size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK - sizeof(struct arena_block);
	struct arena_block *block = NULL;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < wanted)
		size = wanted;
	if (__builtin_add_overflow(size, sizeof(struct arena_block), &wanted))
		return NULL;
	block = malloc(wanted);
	if (!block)
		return NULL;
	block->size = size;
	block->used = 0;
	block->older = a->blocks;
	a->blocks = block;
	return block;
}

/* A block is cleared as it is handed out: much of the last one may never be touched. */
static void *take_room(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *block = a->blocks;

	if (__builtin_add_overflow(size, align - 1, &size))
		return NULL;
	size -= size % align;
	if (!block || block->size - block->used < size)
		block = add_block(a, size);
	if (!block)
		return NULL;
	void *memory = block->data + block->used;
	block->used += size;
	return memory;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *memory = take_room(a, size);

	return memory ? memset(memory, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes = 0;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : arena_alloc(a, bytes);
}

char *arena_copy(struct arena *a, const char *text, size_t length)
{
	size_t size = 0;
	char *copy = __builtin_add_overflow(length, 1, &size) ? NULL : take_room(a, size);

	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return NULL;
	char *text = take_room(a, (size_t)n + 1);
	if (!text)
		return NULL;
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

void arena_free(struct arena *a)
{
	struct arena_block *older = NULL;

	for (struct arena_block *block = a->blocks; block; block = older) {
		older = block->older;
		free(block);
	}
	a->blocks = NULL;
}
