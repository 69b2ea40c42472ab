/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pause and resume: write cgroup.freeze, and wait until cgroup.events confirms it.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/tree.h"

enum { FREEZE_MS = 10000, THAW_MS = 2000, EVENTS_MAX = 256 };

static int freeze(const struct cgroup *c, struct berth_error *e)
{
	struct berth_error ignored;
	int r;

	r = write_file(c->dir, "cgroup.freeze", "1", 1, e);
	if (r < 0)
		return in_context(e, r, "freeze cgroup %s", c->path);
	r = tree_wait_event(c->dir, "frozen", 1, FREEZE_MS, e);
	if (r == 0)
		return 0;
	/* Half frozen is worse than not frozen. */
	(void)!write_file(c->dir, "cgroup.freeze", "0", 1, &ignored);
	r = in_context(e, r, "freeze cgroup %s", c->path);
	if (r == -ETIMEDOUT)
		advise(e, "a process in it waits in the kernel and cannot be stopped now; it was "
			  "thawed again");
	return r;
}

static int thaw(const struct cgroup *c, struct berth_error *e)
{
	int r;

	r = write_file(c->dir, "cgroup.freeze", "0", 1, e);
	if (r == 0)
		r = tree_wait_event(c->dir, "frozen", 0, THAW_MS, e);
	if (r < 0)
		r = in_context(e, r, "thaw cgroup %s", c->path);
	if (r == -ETIMEDOUT)
		advise(e, "a cgroup above it is frozen, too: see cgroup.freeze there");
	return r;
}

int cgroup_freeze(const struct cgroup *c, bool frozen, struct berth_error *e)
{
	return frozen ? freeze(c, e) : thaw(c, e);
}

int cgroup_is_frozen(int tree, const char *path, bool *ret, struct berth_error *e)
{
	char events[PATH_MAX], text[EVENTS_MAX];
	uint64_t value;
	int r;

	path += strspn(path, "/");
	if (snprintf(events, sizeof(events), "%s%scgroup.events", path, *path ? "/" : "") >=
	    (int)sizeof(events))
		return fail(e, ENAMETOOLONG, "cgroup %s", path);
	r = tree_read(tree, events, text, sizeof(text), e);
	if (r < 0)
		return in_context(e, r, "cgroup %s", path);
	if (!tree_keyed_value(text, "frozen", &value))
		return refuse(e, EIO,
			      "cgroup.events of cgroup %s does not say whether it is frozen", path);
	*ret = value != 0;
	return 0;
}
