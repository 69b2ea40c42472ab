/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in a form that fits on the stack and can be sent to another process.
 *
 * Every function of libberth that can fail returns 0 or a negative errno value and takes a
 * `struct berth_error *` as its last parameter. On failure the struct holds the same errno
 * (positive) and one message for people: the operation and its object, the kernel's reason, and
 * what to do about it where that is known. On success it is left as it was. Nothing in it is
 * allocated, so it works without memory and after clone(2), and it may be copied or sent through a
 * socket.
 */
#ifndef BERTH_ERROR_H
#define BERTH_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum { BERTH_ERROR_TEXT = 1020 };

struct berth_error {
	int code;                    /* errno(3) value, positive; 0 while nothing has failed */
	char text[BERTH_ERROR_TEXT]; /* UTF-8, NUL-terminated, no trailing newline */
};

#ifdef __cplusplus
}
#endif

#endif
