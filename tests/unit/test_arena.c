/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "unit.h"

static void free_arena(struct arena *a)
{
	arena_free(a);
}

#define AUTO_ARENA __attribute__((cleanup(free_arena))) struct arena

static bool holds(const unsigned char *memory, size_t size, unsigned char byte)
{
	for (size_t i = 0; i < size; i++) {
		if (memory[i] != byte)
			return false;
	}
	return true;
}

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	AUTO_ARENA a = { 0 };
	unsigned char *all[2000];

	for (size_t i = 0; i < 2000; i++) {
		size_t size = i * 7 % 301;

		all[i] = arena_alloc(&a, size);
		ck_assert_ptr_nonnull(all[i]);
		ck_assert_uint_eq((uintptr_t)all[i] % _Alignof(max_align_t), 0);
		ck_assert(holds(all[i], size, 0));
		memset(all[i], (int)(i % 255 + 1), size);
	}
	for (size_t i = 0; i < 2000; i++)
		ck_assert(holds(all[i], i * 7 % 301, (unsigned char)(i % 255 + 1)));
}
END_TEST

START_TEST(large_pieces)
{
	AUTO_ARENA a = { 0 };
	char *large = arena_alloc(&a, 1000000), *small = arena_alloc(&a, 10);

	ck_assert_ptr_nonnull(large);
	ck_assert_ptr_nonnull(small);
	memset(large, 'x', 1000000);
	ck_assert_int_eq(small[9], 0);
}
END_TEST

START_TEST(impossible_sizes)
{
	AUTO_ARENA a = { 0 };

	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - 20));
	ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(arena_copy(&a, "", SIZE_MAX));
	ck_assert_ptr_nonnull(arena_array(&a, 3, 5));
}
END_TEST

START_TEST(texts)
{
	AUTO_ARENA a = { 0 };
	char *copy = arena_copy(&a, "abcdef", 3), *text = arena_printf(&a, "%s-%d", "x", 7);

	ck_assert_str_eq(copy, "abc");
	ck_assert_str_eq(text, "x-7");
	ck_assert_str_eq(arena_copy(&a, "a\0b", 3) + 2, "b");
	ck_assert_str_eq(arena_printf(&a, "%s", ""), "");
}
END_TEST

START_TEST(free_leaves_an_empty_arena)
{
	struct arena a = { 0 };

	arena_free(&a);
	ck_assert_ptr_nonnull(arena_alloc(&a, 100));
	arena_free(&a);
	ck_assert_ptr_null(a.blocks);
	ck_assert_ptr_nonnull(arena_alloc(&a, 100));
	arena_free(&a);
}
END_TEST

UNIT_MAIN("arena", memory_is_zeroed_aligned_and_apart, large_pieces, impossible_sizes, texts,
	  free_leaves_an_empty_arena)
