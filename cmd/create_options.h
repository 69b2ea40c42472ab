/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that create and run have in common. `c` is the static struct berth_create they go
 * into.
 */
#ifndef CMD_CREATE_OPTIONS_H
#define CMD_CREATE_OPTIONS_H

#include "command.h"

/* clang-format off */
#define CREATE_OPTIONS(c) \
	TEXT("bundle", 'b', "DIR", &(c).bundle, "the bundle; otherwise the working directory"), \
	TEXT("config", 'f', "FILE", &(c).config_file, "the configuration, instead of the bundle's config.json"), \
	TEXT("console-socket", 0, "SOCKET", &(c).console_socket, "AF_UNIX socket that receives the master end of the terminal"), \
	TEXT("pid-file", 0, "FILE", &(c).pid_file, "write the process id of the container's first process to a file"), \
	NUMBER("preserve-fds", 0, "N", &(c).preserve_fds, "pass on N more file descriptors, from 3 or after those of $LISTEN_FDS"), \
	FLAG("no-pivot", 0, &(c).no_pivot, "move the root file system onto / instead of pivot_root, for hosts whose root is a ramfs"), \
	FLAG("no-new-keyring", 0, &(c).no_new_keyring, "keep the caller's session keyring")
/* clang-format on */

#endif
