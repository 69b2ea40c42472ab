/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which ids the caller may use, for `berth spec --rootless`. Declared here for the tests.
 */
#ifndef OCI_SPEC_H
#define OCI_SPEC_H

#include <stdio.h>

#include "linux/idmap.h"

/* What one map of a user namespace holds at most (user_namespaces(7)). */
enum { SPEC_MAPS_MAX = 340 };

/*
 * Appends the ranges that a file in the form of subuid(5) grants to the user, known by name (may be
 * NULL) and by number, each placed behind the last id of the container. `maps` has room for
 * SPEC_MAPS_MAX and begins with the user's own id. Ranges that overlap earlier ones, or that do not
 * fit any more, and lines that are no ranges are passed over.
 */
void spec_add_ranges(FILE *file, const char *name, uint32_t id, struct id_maps *maps);

#endif
