/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel parameters (sysctl(8)) that belong to a namespace.
 */
#ifndef LINUX_SYSCTL_H
#define LINUX_SYSCTL_H

#include <stdbool.h>

#include "base/error.h"

/* The namespace (CLONE_NEW*) that the key belongs to; 0: no namespace has it, so it would change
 * the host. Keys are "net.ipv4.ip_forward" or with slashes; the first of either is the separator,
 * and "/" within a dotted key stands for a dot (sysctl(8)). "." or ".." or nothing as a component,
 * spaces, "=" and control characters are refused (-1). */
int sysctl_namespace(const char *key);
/* Writes it below proc/sys. Advice on ENOENT (module, namespace) and EINVAL. */
int sysctl_write(int proc, const char *key, const char *value, struct berth_error *e) must_check;

#endif
