/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces: names, opening, joining. A path to join comes from the configuration and is trusted to be what the caller may open, not to be
 * a namespace of the right type: that is proved on the fd.
 */
#include "linux/namespaces.h"

#include <sched.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const struct word namespace_words[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mount", CLONE_NEWNS },
	{ "network", CLONE_NEWNET },   { "pid", CLONE_NEWPID }, { "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },     { "uts", CLONE_NEWUTS }, { NULL, 0 },
};
