/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pause and resume: freeze and thaw the container's cgroup. Only the kernel keeps the status, so
 * thawing the cgroup by hand resumes the container.
 */
#include "base/cleanup.h"
#include "container/life.h"

static int open_cgroup(const struct entry *en, struct cgroup *ret, struct berth_error *e)
{
	if (!en->record.cgroup)
		return refuse(e, EOPNOTSUPP,
			      "container %s has no cgroup, so it cannot be paused or resumed",
			      en->id);
	return cgroup_open(en->record.cgroup, ret, e);
}

static int set_frozen(const struct entry *en, bool frozen, struct berth_error *e)
{
	struct cgroup cgroup = { .dir = -1 };
	int r = open_cgroup(en, &cgroup, e);

	if (r == 0)
		r = cgroup_freeze(&cgroup, frozen, e);
	cgroup_close(&cgroup);
	return r;
}

static int change(const struct berth_runtime *rt, const char *id, bool freeze,
		  struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	enum berth_status status = BERTH_STOPPED;
	int r;

	r = entry_open_locked(rt, id, &en, e);
	if (r == 0)
		r = entry_reload(&en, e);
	if (r == 0)
		r = life_status(&en, &status, NULL, e);
	if (r < 0)
		return r;
	if (freeze && status != BERTH_RUNNING && status != BERTH_CREATED)
		return refuse(e, EINVAL, "container not running: %s is %s", id,
			      berth_status_text(status));
	if (!freeze && status != BERTH_PAUSED)
		return refuse(e, EINVAL, "container not paused: %s is %s", id,
			      berth_status_text(status));
	return set_frozen(&en, freeze, e);
}

int berth_pause(const struct berth_runtime *rt, const char *id, struct berth_error *e)
{
	return change(rt, id, true, e);
}

int berth_resume(const struct berth_runtime *rt, const char *id, struct berth_error *e)
{
	return change(rt, id, false, e);
}
