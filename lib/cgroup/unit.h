/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a container's systemd unit: its name, its slice, its properties. Nothing here talks
 * to systemd, so all of it is tested without it. Private to lib/cgroup.
 *
 * Properties are lines of text, "NAME TYPE VALUE", the type as D-Bus has it; the helper program
 * (systemd/main.c) makes them into a message.
 */
#ifndef CGROUP_UNIT_H
#define CGROUP_UNIT_H

#include <stdio.h>

#include "cgroup/cgroup.h"
#include "cgroup/limits.h"

struct unit_place {
	char *unit, *slice; /* malloc'd */
};

/* From linux.cgroupsPath, "slice:prefix:name", or the defaults. */
int unit_place(const struct cgroup_request *r, struct unit_place *ret,
	       struct berth_error *e) must_check;
void unit_place_free(struct unit_place *p);

/* The properties that say the same as this content of a file of the cgroup. What systemd has no
 * property for is left out: the file has it. */
void unit_put_file(FILE *out, const char *file, const char *content);
/* The same of settings that have yet to be written. */
void unit_put_settings(FILE *out, const struct settings *s);
/* The annotations org.systemd.property.NAME, in GVariant's text format: those of the allow-list;
 * others are refused. */
int unit_put_annotations(FILE *out, size_t n, const struct cgroup_annotation *v,
			 struct berth_error *e) must_check;
/* What every unit of a container is given. */
void unit_put_basics(FILE *out, const char *id, const char *slice);
/* By this systemd tells whose unit it is. */
#define UNIT_DESCRIPTION "berth container %s"

#endif
