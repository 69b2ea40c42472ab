/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once. A decoded configuration and everything it points to live in one
 * arena, so no string of it has an owner of its own. Blocks come from malloc and grow; what is
 * handed out is zeroed and aligned for any type. Running out of memory returns NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/error.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first; all zero is an empty arena */
};

void *arena_alloc(struct arena *a, size_t size) must_check;
/* n * size, checked for overflow. */
void *arena_array(struct arena *a, size_t n, size_t size) must_check;
char *arena_copy(struct arena *a, const char *text, size_t length) must_check; /* adds the NUL */
char *arena_printf(struct arena *a, const char *fmt, ...) printf_like(2, 3) must_check;
void arena_free(struct arena *a);

#endif
