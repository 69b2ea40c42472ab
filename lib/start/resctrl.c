/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt: the host puts the container's processes into a class of resctrl (config-linux.md,
 * "IntelRdt"). Trust: the configuration's names and schemata, the host's resctrl.
 *
 * A group that is to be removed with the container is recorded before it is made, like the cgroup.
 */
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "linux/rdt.h"
#include "start/steps.h"

static const struct rdt_spec *spec_of(const struct start *s)
{
	return s->config->lin->intel_rdt;
}

static const char *group_of(const struct start *s)
{
	return rdt_group_name(spec_of(s), s->record.id);
}

int find_rdt_group(struct start *s, struct berth_error *e)
{
	const struct rdt_spec *spec = spec_of(s);
	int r = rdt_open(&s->resctrl, e);

	if (r == 0)
		r = rdt_plan(s->resctrl, spec, s->record.id, &s->makes_rdt_group, e);
	if (r < 0)
		return r;
	if (spec->enable_monitoring) {
		s->rdt_monitor = text_printf("%s/mon_groups/%s", group_of(s), s->record.id);
		if (!s->rdt_monitor)
			return fail(e, ENOMEM, "monitoring group");
	}
	s->record.rdt_monitor = s->rdt_monitor;
	/* Only a class that is made for the container is removed with it. */
	s->record.rdt_group = spec->clos_id ? NULL : s->record.id;
	return 0;
}

int make_rdt_group(struct start *s, struct berth_error *e)
{
	int r = s->makes_rdt_group ? rdt_make(s->resctrl, spec_of(s), group_of(s), e) : 0;

	if (r == 0 && s->rdt_monitor) {
		r = rdt_make_monitor(s->resctrl, s->rdt_monitor, e);
		if (r < 0) {
			free(s->rdt_monitor);
			s->rdt_monitor = NULL;
			remove_rdt_group(s);
		}
	}
	return r;
}

static void remove_group(const struct start *s, const char *path)
{
	struct berth_error e = { 0 };

	if (rdt_remove(s->resctrl, path, &e) < 0)
		log_warning("%s", e.text);
}

void remove_rdt_group(struct start *s)
{
	if (s->rdt_monitor)
		remove_group(s, s->rdt_monitor);
	if (s->makes_rdt_group)
		remove_group(s, group_of(s));
}

int join_rdt_group(struct start *s, struct berth_error *e)
{
	return rdt_join(s->resctrl, group_of(s), s->record.rdt_monitor, s->pid, e);
}

int open_rdt_group(struct start *s, struct berth_error *e)
{
	return rdt_open(&s->resctrl, e);
}
