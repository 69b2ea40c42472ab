/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How functions fail. There is one idiom:
 *
 *	if (mkdirat(dir, name, 0700) < 0)
 *		return fail(e, errno, "make directory %s", name);
 *
 * gives the error "make directory x: Permission denied" and returns -EACCES. A caller that knows
 * more adds it in front with in_context(). Code that knows the remedy adds it behind with advise().
 *
 * None of these allocates, so they work in a freshly cloned process. `e` is never null.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <errno.h>

#include <berth/error.h>

#define must_check        __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))

/* Sets "<message>: <reason of err>" and returns -err. err is positive; 0 counts as EIO. */
int fail(struct berth_error *e, int err, const char *fmt, ...) printf_like(3, 4);

/* The same without the kernel's reason: for what berth itself finds wrong. */
int refuse(struct berth_error *e, int err, const char *fmt, ...) printf_like(3, 4);

/* Puts "<message>: " in front of what e says and returns r. A too long text loses its end, never
 * its beginning. */
int in_context(struct berth_error *e, int r, const char *fmt, ...) printf_like(3, 4);

/* Appends " (<message>)": what to do about it, or what is probably the cause. */
void advise(struct berth_error *e, const char *fmt, ...) printf_like(2, 3);

#endif
