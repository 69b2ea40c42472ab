/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership. A variable declared with one of these releases what it holds when it goes out of
 * scope. take_fd() and TAKE() pass the ownership on. This is why berth has no goto.
 *
 *	autoclose int fd = open(...);
 *	autofree char *text = NULL;
 *	...
 *	*ret_fd = take_fd(&fd);
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(f) __attribute__((cleanup(f)))

/* Closes *fd if it is not negative, sets it to -1, keeps errno. Never retries: on Linux the fd is
 * gone even after EINTR. */
static inline void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void free_pointer(void *pointer)
{
	int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

static inline void close_directory(DIR **d)
{
	int saved = errno;

	if (*d)
		(void)closedir(*d);
	errno = saved;
}

#define autoclose    cleanup(close_fd)
#define autofree     cleanup(free_pointer)
#define autoclosedir cleanup(close_directory)

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* The pointer's value, leaving NULL behind. */
#define TAKE(p)                                \
	({                                     \
		__typeof__(p) *from_ = &(p);   \
		__typeof__(p) taken_ = *from_; \
		*from_ = NULL;                 \
		taken_;                        \
	})

#endif
