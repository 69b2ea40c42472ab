/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the OOM killer ended processes of a container, and why.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "cgroup/apply.h"
#include "cgroup/stats.h"

enum { EVENTS_MAX = 512, RECHECK_MS = 1000 };

/* 0 kills where there is no memory controller. */
static int read_kills(int dir, uint64_t *ret, struct berth_error *e)
{
	struct berth_error why;
	char text[EVENTS_MAX];
	int r = tree_read(dir, "memory.events", text, sizeof(text), &why);

	*ret = 0;
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		*e = why;
		return r;
	}
	(void)tree_keyed_value(text, "oom_kill", ret);
	return 0;
}

uint64_t cgroup_memory_limit(const struct cgroup_resources *r, uint64_t otherwise)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!r || !r->memory || !r->memory->limit.set || r->memory->limit.v == 0)
		return otherwise;
	return r->memory->limit.v < 0 ? 0 : (uint64_t)r->memory->limit.v / page * page;
}

int cgroup_oom_read(const struct cgroup *c, struct cgroup_oom *ret, struct berth_error *e)
{
	struct cgroup_oom o = { 0 };
	int r = read_kills(c->dir, &o.kills, e);

	if (r == 0 && o.kills > 0)
		r = read_number(c->dir, "memory.max", CGROUP_UNLIMITED, &o.limit, e);
	if (r == 0 && o.kills > 0)
		r = read_number(c->dir, "memory.peak", 0, &o.peak, e);
	if (r < 0)
		return in_context(e, r, "OOM events of cgroup %s", c->path);
	*ret = o;
	return 0;
}

/* Whether the wait is over, one way or the other. */
static int look(int dir, uint64_t *kills, bool *ret_done, bool *ret_over, struct berth_error *e)
{
	char text[EVENTS_MAX];
	uint64_t now = 0, populated = 0;
	int r = read_kills(dir, &now, e);

	if (r == 0)
		r = tree_read(dir, "cgroup.events", text, sizeof(text), e);
	if (r == -ENODEV || r == -ENOENT) {
		*ret_done = *ret_over = true;
		return 0;
	}
	if (r < 0)
		return r;
	(void)tree_keyed_value(text, "populated", &populated);
	*ret_over = now <= *kills && !populated;
	*ret_done = now > *kills || !populated;
	if (now > *kills)
		*kills = now;
	return 0;
}

/* How long poll(2) may sleep; 0: the time is over. */
static int time_left(int64_t end)
{
	int64_t left = end < 0 ? RECHECK_MS : end - clock_ms();

	return left <= 0 ? 0 : left < RECHECK_MS ? (int)left : RECHECK_MS;
}

int cgroup_oom_wait(const struct cgroup *c, int timeout_ms, uint64_t *kills, bool *ret_over,
		    struct berth_error *e)
{
	int64_t end = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	autoclose int memory = -1, events = -1;
	struct berth_error ignored;
	bool done = false, over = false;
	int r;

	(void)!open_beneath(c->dir, "memory.events", O_RDONLY, 0, &memory, &ignored);
	r = open_beneath(c->dir, "cgroup.events", O_RDONLY, 0, &events, &ignored);
	if (r == -ENOENT || r == -ENODEV) {
		*ret_over = true;
		return 0;
	}
	for (int left = RECHECK_MS; !done && left > 0; left = time_left(end)) {
		struct pollfd p[] = { { .fd = memory, .events = POLLPRI },
				      { .fd = events, .events = POLLPRI } };
		char text[EVENTS_MAX];

		/* Reading through these fds is what arms their notification. */
		(void)!pread(memory, text, sizeof(text), 0);
		(void)!pread(events, text, sizeof(text), 0);
		r = look(c->dir, kills, &done, &over, e);
		if (r < 0)
			return in_context(e, r, "OOM events of cgroup %s", c->path);
		if (!done && poll(p, 2, time_left(end)) < 0 && errno != EINTR)
			return fail(e, errno, "wait for OOM events of cgroup %s", c->path);
	}
	*ret_over = over;
	return 0;
}
