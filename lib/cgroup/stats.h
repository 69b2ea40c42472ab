/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics of a cgroup: the numbers of `berth events --stats`, and why a container died. Units
 * are the kernel's (bytes, microseconds); a controller that the cgroup does not have leaves its
 * part with `present` false.
 */
#ifndef CGROUP_STATS_H
#define CGROUP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/cgroup.h"

#define CGROUP_UNLIMITED UINT64_MAX /* "max" */

/* One line of PSI (Documentation/accounting/psi.rst): percent of time, and microseconds in all. */
struct cgroup_pressure_line {
	double avg10, avg60, avg300;
	uint64_t total;
};

struct cgroup_pressure {
	bool present;
	struct cgroup_pressure_line some, full;
};

struct cgroup_key {
	char *name;
	uint64_t value;
};

struct cgroup_memory_stats {
	bool present;
	uint64_t current, max, peak; /* peak 0: before Linux 5.19 */
	uint64_t swap_current, swap_max, swap_peak;
	uint64_t low_events, high_events, max_events, oom_events, oom_kills;
	size_t n_stat;
	struct cgroup_key *stat; /* memory.stat, as it is */
};

struct cgroup_cpu_stats { /* usage is there without the controller, too */
	uint64_t usage_us, user_us, system_us;
	uint64_t periods, throttled, throttled_us, bursts, burst_us;
};

struct cgroup_io_stats {
	unsigned int major, minor;
	uint64_t read_bytes, write_bytes, discard_bytes, reads, writes, discards;
};

struct cgroup_hugetlb_stats {
	char page_size[16]; /* "2MB" */
	uint64_t current, max, failures, reserved, reserved_max;
};

struct cgroup_rdma_stats {
	char *device;
	uint64_t handles, objects;
};

struct cgroup_stats {
	struct cgroup_memory_stats memory;
	struct cgroup_cpu_stats cpu;
	struct {
		bool present;
		uint64_t current, max, peak;
	} pids;
	bool has_io;
	size_t n_io;
	struct cgroup_io_stats *io;
	size_t n_hugetlb;
	struct cgroup_hugetlb_stats *hugetlb;
	size_t n_rdma;
	struct cgroup_rdma_stats *rdma;
	struct cgroup_pressure cpu_pressure, memory_pressure, io_pressure;
};

int cgroup_stats_read(const struct cgroup *c, struct cgroup_stats *ret,
		      struct berth_error *e) must_check;
void cgroup_stats_free(struct cgroup_stats *s);

/* What the OOM killer did in it and below, with the limit that it enforced and the most that was
 * used. Read before the cgroup goes. All zero without the memory controller. */
struct cgroup_oom {
	uint64_t kills;
	uint64_t limit; /* CGROUP_UNLIMITED: the machine itself, or a cgroup above, ran out */
	uint64_t peak;  /* 0: not known (before Linux 5.19) */
};
int cgroup_oom_read(const struct cgroup *c, struct cgroup_oom *ret,
		    struct berth_error *e) must_check;
/* The memory limit that these set, in whole pages as the kernel has it; 0: none. `otherwise`: they
 * say nothing about it. */
uint64_t cgroup_memory_limit(const struct cgroup_resources *r, uint64_t otherwise);
/* How often systemd saw the OOM killer in a scope since then (CLOCK_REALTIME, microseconds): each
 * time one kill or more. For scopes that are gone, as they go with their last process: the journal
 * is asked, which an ordinary user may not be allowed to read. */
int cgroup_scope_oom(const char *unit, bool user, uint64_t since, uint64_t *ret_n,
		     struct berth_error *e) must_check;
/* Waits until more than *kills have been killed (then sets it), or no process is left, or the
 * cgroup is gone (*ret_over), or timeout_ms (-1: never) are over. */
int cgroup_oom_wait(const struct cgroup *c, int timeout_ms, uint64_t *kills, bool *ret_over,
		    struct berth_error *e) must_check;

/* The parsers; what they allocate is freed by cgroup_stats_free(). -EINVAL: not in the kernel's
 * form. */
int stats_parse_keys(const char *text, struct cgroup_key **ret, size_t *ret_n) must_check;
int stats_parse_io(const char *text, struct cgroup_io_stats **ret, size_t *ret_n) must_check;
int stats_parse_rdma(const char *text, struct cgroup_rdma_stats **ret, size_t *ret_n) must_check;
int stats_parse_pressure(const char *text, struct cgroup_pressure *ret) must_check;

#endif
