/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: statistics and OOM kills of a container, as lines of JSON. Names and units (nanoseconds)
 * are those of `runc events`, which engines read. What cgroup v2 does not count is left out. Takes
 * no lock: it may run for as long as the container.
 */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "cgroup/stats.h"
#include "container/life.h"

enum { NS_PER_US = 1000 };

static void write_pressure_line(struct json_writer *w, const char *key,
				const struct cgroup_pressure_line *line)
{
	json_object(w, key);
	json_double(w, "avg10", line->avg10);
	json_double(w, "avg60", line->avg60);
	json_double(w, "avg300", line->avg300);
	json_u64(w, "total", line->total);
	json_end_object(w);
}

static void write_pressure(struct json_writer *w, const struct cgroup_pressure *p)
{
	if (!p->present)
		return;
	json_object(w, "psi");
	write_pressure_line(w, "some", &p->some);
	write_pressure_line(w, "full", &p->full);
	json_end_object(w);
}

static void write_cpu(struct json_writer *w, const struct cgroup_stats *s)
{
	const struct cgroup_cpu_stats *c = &s->cpu;

	json_object(w, "cpu");
	json_object(w, "usage");
	json_u64(w, "total", c->usage_us * NS_PER_US);
	json_u64(w, "kernel", c->system_us * NS_PER_US);
	json_u64(w, "user", c->user_us * NS_PER_US);
	json_end_object(w);
	json_object(w, "throttling");
	json_u64(w, "periods", c->periods);
	json_u64(w, "throttledPeriods", c->throttled);
	json_u64(w, "throttledTime", c->throttled_us * NS_PER_US);
	json_u64(w, "burstPeriods", c->bursts);
	json_u64(w, "burstTime", c->burst_us * NS_PER_US);
	json_end_object(w);
	write_pressure(w, &s->cpu_pressure);
	json_end_object(w);
}

/* What runc calls a usage: bytes now, at the most, allowed, and how often that was not enough. */
struct usage {
	uint64_t limit, usage, max, failures;
};

static void write_usage(struct json_writer *w, const char *key, const struct usage *u)
{
	json_object(w, key);
	json_u64(w, "limit", u->limit);
	json_u64(w, "usage", u->usage);
	if (u->max)
		json_u64(w, "max", u->max);
	json_u64(w, "failcnt", u->failures);
	json_end_object(w);
}

static uint64_t find_key(const struct cgroup_memory_stats *m, const char *name)
{
	for (size_t i = 0; i < m->n_stat; i++)
		if (text_equal(m->stat[i].name, name))
			return m->stat[i].value;
	return 0;
}

static void write_memory(struct json_writer *w, const struct cgroup_stats *s)
{
	const struct cgroup_memory_stats *m = &s->memory;
	const struct usage memory = { m->max, m->current, m->peak, m->max_events };
	const struct usage swap = { m->swap_max, m->swap_current, m->swap_peak, 0 };

	json_object(w, "memory");
	if (m->present) {
		json_u64(w, "cache", find_key(m, "file"));
		write_usage(w, "usage", &memory);
		write_usage(w, "swap", &swap);
		json_object(w, "raw");
		for (size_t i = 0; i < m->n_stat; i++)
			json_u64(w, m->stat[i].name, m->stat[i].value);
		json_end_object(w);
	}
	write_pressure(w, &s->memory_pressure);
	json_end_object(w);
}

static void write_io_entry(struct json_writer *w, const struct cgroup_io_stats *io, const char *op,
			   uint64_t value)
{
	json_object(w, NULL);
	json_u64(w, "major", io->major);
	json_u64(w, "minor", io->minor);
	json_string(w, "op", op);
	json_u64(w, "value", value);
	json_end_object(w);
}

static void write_io(struct json_writer *w, const struct cgroup_stats *s)
{
	json_object(w, "blkio");
	if (s->n_io) {
		json_array(w, "ioServiceBytesRecursive");
		for (size_t i = 0; i < s->n_io; i++) {
			write_io_entry(w, &s->io[i], "Read", s->io[i].read_bytes);
			write_io_entry(w, &s->io[i], "Write", s->io[i].write_bytes);
			write_io_entry(w, &s->io[i], "Discard", s->io[i].discard_bytes);
		}
		json_end_array(w);
		json_array(w, "ioServicedRecursive");
		for (size_t i = 0; i < s->n_io; i++) {
			write_io_entry(w, &s->io[i], "Read", s->io[i].reads);
			write_io_entry(w, &s->io[i], "Write", s->io[i].writes);
			write_io_entry(w, &s->io[i], "Discard", s->io[i].discards);
		}
		json_end_array(w);
	}
	write_pressure(w, &s->io_pressure);
	json_end_object(w);
}

static void write_hugetlb(struct json_writer *w, const struct cgroup_stats *s)
{
	json_object(w, "hugetlb");
	for (size_t i = 0; i < s->n_hugetlb; i++) {
		const struct cgroup_hugetlb_stats *h = &s->hugetlb[i];

		json_object(w, h->page_size);
		json_u64(w, "usage", h->current);
		json_u64(w, "limit", h->max);
		json_u64(w, "failcnt", h->failures);
		json_u64(w, "reserved", h->reserved);
		json_end_object(w);
	}
	json_end_object(w);
}

static void write_rdma(struct json_writer *w, const struct cgroup_stats *s)
{
	if (s->n_rdma == 0)
		return;
	json_object(w, "rdma");
	for (size_t i = 0; i < s->n_rdma; i++) {
		json_object(w, s->rdma[i].device);
		json_u64(w, "hcaHandles", s->rdma[i].handles);
		json_u64(w, "hcaObjects", s->rdma[i].objects);
		json_end_object(w);
	}
	json_end_object(w);
}

static void write_pids(struct json_writer *w, const struct cgroup_stats *s)
{
	json_object(w, "pids");
	if (s->pids.present) {
		json_u64(w, "current", s->pids.current);
		/* As with runc: no limit is no member. */
		if (s->pids.max != CGROUP_UNLIMITED)
			json_u64(w, "limit", s->pids.max);
	}
	json_end_object(w);
}

static char *stats_json(const char *id, const struct cgroup_stats *s)
{
	struct json_writer w = { 0 };

	json_object(&w, NULL);
	json_string(&w, "type", "stats");
	json_string(&w, "id", id);
	json_object(&w, "data");
	write_cpu(&w, s);
	write_memory(&w, s);
	write_pids(&w, s);
	write_io(&w, s);
	write_hugetlb(&w, s);
	write_rdma(&w, s);
	json_end_object(&w);
	json_end_object(&w);
	return json_finish(&w);
}

static char *oom_json(const char *id)
{
	struct json_writer w = { 0 };

	json_object(&w, NULL);
	json_string(&w, "type", "oom");
	json_string(&w, "id", id);
	json_end_object(&w);
	return json_finish(&w);
}

static int open_running(const struct berth_runtime *rt, const char *id, struct cgroup *ret,
			struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	enum berth_status status = BERTH_STOPPED;
	int r;

	r = entry_open(rt, id, &en, e);
	if (r == 0)
		r = life_status(&en, &status, NULL, e);
	if (r < 0)
		return r;
	if (status == BERTH_STOPPED || status == BERTH_CREATING)
		return refuse(e, EINVAL, "container not running: %s is %s", id,
			      berth_status_text(status));
	if (!en.record.cgroup)
		return refuse(e, EOPNOTSUPP,
			      "container %s has no cgroup, so nobody counts what it uses", id);
	return cgroup_open(en.record.cgroup, ret, e);
}

static int read_stats(const struct cgroup *c, const char *id, char **ret_json,
		      struct berth_error *e)
{
	struct cgroup_stats stats = { 0 };
	char *json = NULL;
	int r = cgroup_stats_read(c, &stats, e);

	if (r == 0) {
		json = stats_json(id, &stats);
		if (!json)
			r = fail(e, ENOMEM, "statistics of %s", id);
	}
	cgroup_stats_free(&stats);
	if (r == 0)
		*ret_json = json;
	return r;
}

int berth_stats(const struct berth_runtime *rt, const char *id, char **ret_json,
		struct berth_error *e)
{
	struct cgroup cgroup = { .dir = -1 };
	int r = open_running(rt, id, &cgroup, e);

	if (r == 0)
		r = read_stats(&cgroup, id, ret_json, e);
	cgroup_close(&cgroup);
	return r;
}

static int tell_oom(const char *id, const struct berth_events *v, struct berth_error *e)
{
	autofree char *json = oom_json(id);

	return json ? v->each(json, v->data) : fail(e, ENOMEM, "event of %s", id);
}

static int tell_stats(const struct cgroup *c, const char *id, const struct berth_events *v,
		      struct berth_error *e)
{
	autofree char *json = NULL;
	int r = read_stats(c, id, &json, e);

	return r < 0 ? r : v->each(json, v->data);
}

/* *ret_told: of an OOM kill. */
static int follow(const struct cgroup *c, const char *id, const struct berth_events *v,
		  bool *ret_told, struct berth_error *e)
{
	struct cgroup_oom oom = { 0 };
	uint64_t kills;
	bool over = false;
	int64_t due = v->interval_ms ? clock_ms() + v->interval_ms : -1;
	int r = cgroup_oom_read(c, &oom, e);

	for (kills = oom.kills; r == 0 && !over;) {
		uint64_t before = kills;
		int64_t left = due < 0 ? -1 : due - clock_ms();

		if (due >= 0 && left <= 0) {
			r = tell_stats(c, id, v, e);
			due += v->interval_ms;
			continue;
		}
		r = cgroup_oom_wait(c, left < INT_MAX ? (int)left : INT_MAX, &kills, &over, e);
		if (r == 0 && kills > before)
			r = tell_oom(id, v, e);
	}
	*ret_told = kills > oom.kills;
	return r;
}

/* The cgroup of a scope may have gone before we could look. */
static int tell_missed_oom(const struct berth_runtime *rt, const char *id, uint64_t since_us,
			   const struct berth_events *v, struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct berth_error ignored = { 0 };
	struct berth_oom oom = { 0 };

	if (entry_open(rt, id, &en, &ignored) == 0)
		life_ask_for_oom(&en, since_us, &oom);
	return oom.kills ? tell_oom(id, v, e) : 0;
}

int berth_events(const struct berth_runtime *rt, const char *id, const struct berth_events *v,
		 struct berth_error *e)
{
	struct cgroup cgroup = { .dir = -1 };
	struct timespec now;
	bool told = false;
	int r = open_running(rt, id, &cgroup, e);

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (r == 0)
		r = follow(&cgroup, id, v, &told, e);
	cgroup_close(&cgroup);
	if (r == 0 && !told)
		r = tell_missed_oom(rt, id,
				    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
				    v, e);
	return r;
}
