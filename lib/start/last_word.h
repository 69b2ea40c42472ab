/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How init reports that it could not execute the program. By then the container's seccomp filter is
 * loaded, and no system call can be relied upon, not even write(2). So the error goes into a page
 * of memory that init shares with the process that started it. The channel is close-on-exec: its
 * end means "executed, or ended", and the page tells which.
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
