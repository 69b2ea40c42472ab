/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of rules (check*.c) share. A rule looks only at the decoded configuration, never
 * at the machine, and reports an error at the place where a person would fix it.
 */
#ifndef OCI_CHECK_RULES_H
#define OCI_CHECK_RULES_H

#include <stdint.h>

#include "base/text.h"
#include "oci/check.h"

#define wrong(f, pointer, ...) findings_add(f, BERTH_FINDING_ERROR, pointer, __VA_ARGS__)
#define odd(f, pointer, ...)   findings_add(f, BERTH_FINDING_WARNING, pointer, __VA_ARGS__)
/* What a document may ask for, but no container of berth's can have. */
#define beyond(f, pointer, ...) findings_add(f, findings_level_beyond(f), pointer, __VA_ARGS__)
#define at(f, ...)              findings_pointer(f, __VA_ARGS__)

/* What fits into the kernel's dev_t: 12 bits and 20 bits. */
enum { MAJOR_MAX = 0xfff, MINOR_MAX = 0xfffff };

/* The kernel's (uid_t)-1 and (gid_t)-1 mean "leave as it is". */
#define NO_ID UINT32_MAX

/* The groups of rules, by the part of the document they belong to. */
void check_namespaces(const struct berth_config *c, struct findings *f);
void check_process(const struct berth_config *c, struct findings *f);
void check_mounts(const struct berth_config *c, struct findings *f);
void check_linux(const struct berth_config *c, struct findings *f);
/* `whole`: nothing else is known of the cgroup. An update keeps what it does not name. */
void check_resources(const struct cgroup_resources *r, bool whole, struct findings *f);
void check_seccomp(const struct seccomp_profile *p, struct findings *f);

/* Extents of one map: none empty, none beyond the last id, none overlapping, no more than the
 * kernel takes. */
void check_id_maps(const char *pointer, const struct id_maps *m, struct findings *f);
/* Ids in the kernel's list form, "0-3,7"; `pointer` names the property. NULL is fine. */
void check_id_list(const char *pointer, const char *list, struct findings *f);

/* Whether the container gets no namespace of that type, neither new nor joined; or no new one.
 * False where the list of namespaces did not decode. */
bool check_lacks_namespace(const struct berth_config *c, int type, struct findings *f);
bool check_lacks_new_namespace(const struct berth_config *c, int type, struct findings *f);

/* Whether entry i of the array at `pointer` did not decode whole, so that rules about it would be
 * misled. */
bool check_damaged(const char *pointer, size_t i, struct findings *f);

/*
 * Calls `same` for each key that stands in the array a second time. Keys are read by `key` (NULL:
 * passed over), so that a hostile file with a million entries costs a sort, not a million squared.
 */
struct duplicates {
	const void *array;
	size_t n;
	const char *(*key)(const void *array, size_t i);
	void (*same)(struct findings *f, const void *array, size_t first, size_t again);
};
void check_duplicates(const struct duplicates *d, struct findings *f);

#endif
