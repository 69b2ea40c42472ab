/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AppArmor profiles and SELinux labels for the process about to be executed. A label that was asked
 * for and cannot be set is an error, never passed over.
 */
#ifndef LINUX_LSM_H
#define LINUX_LSM_H

#include <stdbool.h>

#include "base/error.h"

bool selinux_enabled(void);
/* Both write /proc/thread-self/attr/... through `proc`, for the next execve(2). */
int apparmor_apply(int proc, const char *profile, struct berth_error *e) must_check;
int selinux_apply(int proc, const char *label, struct berth_error *e) must_check;

#endif
