/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How init tells that it could not execute the program. By then the container's seccomp filter is
 * loaded, under which no system call of ours may be counted upon: not even write(2). So the error
 * goes into a page of memory that init shares with the process that started it. Init leaves the
 * channel open across execve(2) with close-on-exec: its end says "executed, or ended"; the page
 * says which.
 */
#ifndef START_LAST_WORD_H
#define START_LAST_WORD_H

#include <stddef.h>

#include "base/error.h"

struct last_word {
	struct berth_error error; /* code 0: nothing was said */
	size_t row;               /* of the plan: the one that init is in */
};

/* Host: makes it, as a memfd to be sent to init, and maps it. */
int last_word_make(int *ret_fd, struct last_word **ret, struct berth_error *e) must_check;
/* Init: maps what was sent. */
int last_word_map(int fd, struct last_word **ret, struct berth_error *e) must_check;
void last_word_unmap(struct last_word **w);

#endif
