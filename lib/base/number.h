/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one parser for numbers in text: command lines, pid files, /proc.
 * Decimal digits and nothing else (a leading '-' where the type is signed): no spaces, no '+', no
 * hex, no empty string, no wrapping. Leading zeros are accepted ("007" is 7). Returns 0, -EINVAL
 * (not a number) or -ERANGE (does not fit); *ret is untouched on failure.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

int parse_u64(const char *text, uint64_t *ret) must_check;
int parse_i64(const char *text, int64_t *ret) must_check;
int parse_u32(const char *text, uint32_t *ret) must_check;
/* 0..INT_MAX: fds, pids, signals. */
int parse_int(const char *text, int *ret) must_check;

/*
 * A list in the kernel's form, "0-3,7" (cpuset(7), "List format"), into a bit mask of `bytes`
 * bytes. Spaces may stand around items, as the kernel allows it. Empty items are refused; returns
 * -ERANGE where a bit does not fit.
 */
int parse_list(const char *text, unsigned char *ret_mask, size_t bytes) must_check;

#endif
