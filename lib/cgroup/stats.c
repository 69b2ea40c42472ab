/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the statistics of a cgroup. A missing file means that the controller is not enabled, or the
 * kernel is older; it is skipped. Any other failure is an error.
 */
#include "cgroup/stats.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/apply.h"

enum { STAT_MAX = 1 << 20 };

/* The whole file, or NULL in *ret_text where there is none. PSI that is switched off answers
 * EOPNOTSUPP. */
static int read_present(int dir, const char *file, char **ret_text, struct berth_error *e)
{
	struct berth_error why;
	size_t length;
	int r = read_file(dir, file, STAT_MAX, ret_text, &length, &why);

	if (r == -ENOENT || r == -EOPNOTSUPP) {
		*ret_text = NULL;
		return 0;
	}
	if (r < 0)
		*e = why;
	return r;
}

struct number_file {
	const char *file;
	uint64_t *value;
	uint64_t missing;
};

static int read_numbers(int dir, const struct number_file *files, size_t n, struct berth_error *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_number(dir, files[i].file, files[i].missing, files[i].value, e);
	return r;
}

static void pick(const char *text, const char *key, uint64_t *ret)
{
	if (!text || !tree_keyed_value(text, key, ret))
		*ret = 0;
}

static int read_memory(int dir, struct cgroup_memory_stats *m, struct berth_error *e)
{
	const struct number_file files[] = {
		{ "memory.current", &m->current, 0 },
		{ "memory.max", &m->max, CGROUP_UNLIMITED },
		{ "memory.peak", &m->peak, 0 },
		{ "memory.swap.current", &m->swap_current, 0 },
		{ "memory.swap.max", &m->swap_max, CGROUP_UNLIMITED },
		{ "memory.swap.peak", &m->swap_peak, 0 },
	};
	autofree char *stat = NULL, *events = NULL;
	int r = read_present(dir, "memory.stat", &stat, e);

	if (r < 0 || !stat)
		return r;
	r = stats_parse_keys(stat, &m->stat, &m->n_stat);
	if (r < 0)
		return fail(e, -r, "read memory.stat");
	r = read_present(dir, "memory.events", &events, e);
	if (r < 0)
		return r;
	pick(events, "low", &m->low_events);
	pick(events, "high", &m->high_events);
	pick(events, "max", &m->max_events);
	pick(events, "oom", &m->oom_events);
	pick(events, "oom_kill", &m->oom_kills);
	m->present = true;
	return read_numbers(dir, files, ARRAY_SIZE(files), e);
}

static int read_cpu(int dir, struct cgroup_cpu_stats *c, struct berth_error *e)
{
	autofree char *text = NULL;
	int r = read_present(dir, "cpu.stat", &text, e);

	if (r < 0)
		return r;
	pick(text, "usage_usec", &c->usage_us);
	pick(text, "user_usec", &c->user_us);
	pick(text, "system_usec", &c->system_us);
	pick(text, "nr_periods", &c->periods);
	pick(text, "nr_throttled", &c->throttled);
	pick(text, "throttled_usec", &c->throttled_us);
	pick(text, "nr_bursts", &c->bursts);
	pick(text, "burst_usec", &c->burst_us);
	return 0;
}

static int read_pids(int dir, struct cgroup_stats *s, struct berth_error *e)
{
	const struct number_file files[] = {
		{ "pids.current", &s->pids.current, CGROUP_UNLIMITED },
		{ "pids.max", &s->pids.max, CGROUP_UNLIMITED },
		{ "pids.peak", &s->pids.peak, 0 },
	};
	int r = read_numbers(dir, files, ARRAY_SIZE(files), e);

	s->pids.present = r == 0 && s->pids.current != CGROUP_UNLIMITED;
	if (!s->pids.present)
		s->pids.current = 0;
	return r;
}

static int read_io(int dir, struct cgroup_stats *s, struct berth_error *e)
{
	autofree char *text = NULL;
	int r = read_present(dir, "io.stat", &text, e);

	if (r < 0 || !text)
		return r;
	s->has_io = true;
	r = stats_parse_io(text, &s->io, &s->n_io);
	return r < 0 ? fail(e, -r, "read io.stat") : 0;
}

static int read_rdma(int dir, struct cgroup_stats *s, struct berth_error *e)
{
	autofree char *text = NULL;
	int r = read_present(dir, "rdma.current", &text, e);

	if (r < 0 || !text)
		return r;
	r = stats_parse_rdma(text, &s->rdma, &s->n_rdma);
	return r < 0 ? fail(e, -r, "read rdma.current") : 0;
}

static int read_page_size(int dir, const char *size, struct cgroup_hugetlb_stats *h,
			  struct berth_error *e)
{
	autofree char *events = NULL;
	char current[64], max[64], reserved[64], reserved_max[64], events_file[64];
	const struct number_file files[] = {
		{ current, &h->current, 0 },
		{ max, &h->max, CGROUP_UNLIMITED },
		{ reserved, &h->reserved, 0 },
		{ reserved_max, &h->reserved_max, CGROUP_UNLIMITED },
	};
	int r;

	(void)snprintf(h->page_size, sizeof(h->page_size), "%s", size);
	(void)snprintf(current, sizeof(current), "hugetlb.%s.current", size);
	(void)snprintf(max, sizeof(max), "hugetlb.%s.max", size);
	(void)snprintf(reserved, sizeof(reserved), "hugetlb.%s.rsvd.current", size);
	(void)snprintf(reserved_max, sizeof(reserved_max), "hugetlb.%s.rsvd.max", size);
	(void)snprintf(events_file, sizeof(events_file), "hugetlb.%s.events", size);
	r = read_present(dir, events_file, &events, e);
	if (r < 0)
		return r;
	pick(events, "max", &h->failures);
	return read_numbers(dir, files, ARRAY_SIZE(files), e);
}

/* The page sizes are the machine's; the files' names tell them. */
static int read_hugetlb(int dir, struct cgroup_stats *s, struct berth_error *e)
{
	autoclosedir DIR *d = list_directory(dir);
	int r = 0;

	if (!d)
		return fail(e, errno, "list a cgroup");
	for (struct dirent *entry; r == 0 && (entry = readdir(d));) {
		struct cgroup_hugetlb_stats *v;
		char size[16];
		int end = 0;

		if (sscanf(entry->d_name, "hugetlb.%15[0-9KMGB].current%n", size, &end) != 1 ||
		    !end)
			continue;
		v = reallocarray(s->hugetlb, s->n_hugetlb + 1, sizeof(*v));
		if (!v)
			return fail(e, ENOMEM, "read hugetlb statistics");
		s->hugetlb = v;
		v[s->n_hugetlb] = (struct cgroup_hugetlb_stats){ 0 };
		r = read_page_size(dir, size, &v[s->n_hugetlb++], e);
	}
	return r;
}

static int read_pressure(int dir, const char *file, struct cgroup_pressure *ret,
			 struct berth_error *e)
{
	autofree char *text = NULL;
	int r = read_present(dir, file, &text, e);

	if (r < 0 || !text)
		return r;
	r = stats_parse_pressure(text, ret);
	return r < 0 ? fail(e, -r, "read %s", file) : 0;
}

int cgroup_stats_read(const struct cgroup *c, struct cgroup_stats *ret, struct berth_error *e)
{
	cleanup(cgroup_stats_free) struct cgroup_stats s = { 0 };
	int r = read_memory(c->dir, &s.memory, e);

	if (r == 0)
		r = read_cpu(c->dir, &s.cpu, e);
	if (r == 0)
		r = read_pids(c->dir, &s, e);
	if (r == 0)
		r = read_io(c->dir, &s, e);
	if (r == 0)
		r = read_hugetlb(c->dir, &s, e);
	if (r == 0)
		r = read_rdma(c->dir, &s, e);
	if (r == 0)
		r = read_pressure(c->dir, "cpu.pressure", &s.cpu_pressure, e);
	if (r == 0)
		r = read_pressure(c->dir, "memory.pressure", &s.memory_pressure, e);
	if (r == 0)
		r = read_pressure(c->dir, "io.pressure", &s.io_pressure, e);
	if (r < 0)
		return in_context(e, r, "statistics of cgroup %s", c->path);
	*ret = s;
	s = (struct cgroup_stats){ 0 };
	return 0;
}
