/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pseudoterminals (pty(7)). The container's comes from its own devpts, by fd: ptmx is opened in the
 * root, its file system must be devpts, and the other end comes from TIOCGPTPEER, never from a name
 * (CVE-2025-52565).
 */
#ifndef LINUX_TTY_H
#define LINUX_TTY_H

#include <stdint.h>

#include "base/error.h"

/* *ret_master and *ret_slave, both O_CLOEXEC and O_NOCTTY. */
int tty_open(int root, int *ret_master, int *ret_slave, struct berth_error *e) must_check;
int tty_set_size(int fd, uint16_t rows, uint16_t columns, struct berth_error *e) must_check;
/* As large as the caller's, if `caller` is a terminal that knows its size. */
int tty_copy_size(int master, int caller, struct berth_error *e) must_check;
/*
 * For a terminal that berth carries itself, before the program runs and may ask: as large as the
 * caller's, and newlines left as they are, so that output is the same whether
 * it goes on to a terminal or to a file.
 */
int tty_fit(int master, int caller, struct berth_error *e) must_check;
/* Bind-mounts the terminal on /dev/console of the root. */
int tty_mount_console(int root, int slave, struct berth_error *e) must_check;
/* setsid is done already: makes it the controlling terminal and the standard streams 0, 1, 2. */
int tty_take(int slave, struct berth_error *e) must_check;

#endif
