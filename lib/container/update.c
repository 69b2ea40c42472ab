/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: new limits for a running container. Only the cgroup has the current limits: a copy could
 * become wrong, and nothing after `create` reads the resources of the configuration. Trust: what
 * the caller gives is checked by the rules of linux.resources.
 */
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/stats.h"
#include "container/life.h"

static int decode(const struct berth_runtime *rt, const char *resources, const char *name,
		  struct berth_config **ret, struct berth_error *e)
{
	struct berth_report *report = NULL;
	int r = config_decode_resources(resources, strlen(resources), name, rt->strict, ret,
					&report, e);

	if (report && rt->report)
		rt->report(report, rt->report_data);
	berth_report_free(report);
	return r;
}

static int apply(const struct entry *en, const struct cgroup_resources *resources,
		 struct berth_error *e)
{
	struct cgroup cgroup = { .dir = -1 };
	int r;

	if (!en->record.cgroup)
		return refuse(e, EOPNOTSUPP, "container %s has no cgroup, so it cannot have limits",
			      en->id);
	r = cgroup_open(en->record.cgroup, &cgroup, e);
	if (r == 0)
		r = cgroup_update(&cgroup, resources, e);
	if (r == 0 && en->record.unit)
		r = cgroup_update_scope(&cgroup, en->record.unit, en->rootless, resources, e);
	cgroup_close(&cgroup);
	return r < 0 ? in_context(e, r, "update container %s", en->id) : 0;
}

int berth_update(const struct berth_runtime *rt, const char *id, const char *resources,
		 const char *name, struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	enum berth_status status = BERTH_STOPPED;
	struct berth_config *wanted = NULL;
	int r;

	r = entry_open_locked(rt, id, &en, e);
	if (r == 0)
		r = entry_reload(&en, e);
	if (r == 0)
		r = life_status(&en, &status, NULL, e);
	if (r == 0 && (status == BERTH_STOPPED || status == BERTH_CREATING))
		r = refuse(e, EINVAL, "container not running: %s is %s", id,
			   berth_status_text(status));
	if (r == 0)
		r = decode(rt, resources, name, &wanted, e);
	if (r == 0 && wanted->lin->resources)
		r = apply(&en, wanted->lin->resources, e);
	if (r == 0 && wanted->lin->resources && en.record.unit) {
		en.record.memory_limit =
			cgroup_memory_limit(wanted->lin->resources, en.record.memory_limit);
		r = entry_save(&en, &en.record, e);
	}
	berth_config_free(wanted);
	return r;
}
