/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translates linux.resources, which has the words and units of cgroup v1, to the files of cgroup
 * v2. Zero counts as "not given" where it was no valid value in v1 (memory limit, shares, quota,
 * period, weight), because engines write it that way.
 */
#include "cgroup/limits.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SHARES_MIN = 2, SHARES_MAX = 262144, WEIGHT_MAX = 10000, WEIGHT_DEFAULT = 100 };
enum { BLKIO_WEIGHT_MIN = 10, BLKIO_WEIGHT_MAX = 1000, MAJOR_MAX = 4095, MINOR_MAX = 1048575 };
enum { PERIOD_DEFAULT = 100000, SCHED_IDLE_ON = 1 };

const struct limits_now limits_fresh = { .memory_max = LIMIT_MAX,
					 .swap_max = LIMIT_MAX,
					 .quota = LIMIT_MAX };

/* The formula that puts 2, 1024 and 262144 shares to weight 1, 100 and 10000 on a smooth curve, as
 * other runtimes and Kubernetes have it since 2025. */
uint64_t limits_cpu_weight(uint64_t shares)
{
	double l;

	if (shares <= SHARES_MIN)
		return 1;
	if (shares >= SHARES_MAX)
		return WEIGHT_MAX;
	l = log2((double)shares);
	return (uint64_t)ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
}

/* 10..1000 to 1..10000. */
unsigned int limits_io_weight(unsigned int weight)
{
	return 1 + (weight - BLKIO_WEIGHT_MIN) * (WEIGHT_MAX - 1) /
			   (BLKIO_WEIGHT_MAX - BLKIO_WEIGHT_MIN);
}

/* Version 1 limits memory and swap together, version 2 swap alone. */
int limits_swap_max(int64_t swap, uint64_t memory_max, uint64_t *ret, struct berth_error *e)
{
	if (swap < -1)
		return refuse(e, EINVAL, "linux.resources.memory.swap: %lld bytes",
			      (long long)swap);
	if (swap == -1) {
		*ret = LIMIT_MAX;
		return 0;
	}
	if (memory_max == LIMIT_MAX)
		return refuse(
			e, EINVAL,
			"linux.resources.memory.swap is the limit of memory and swap together "
			"and needs memory.limit");
	if ((uint64_t)swap < memory_max)
		return refuse(
			e, EINVAL,
			"linux.resources.memory.swap, %lld bytes for memory and swap together, is "
			"less than memory.limit, %llu",
			(long long)swap, (unsigned long long)memory_max);
	*ret = (uint64_t)swap - memory_max;
	return 0;
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].file);
		free(s->v[i].value);
	}
	free_pointer(&s->v);
	*s = (struct settings){ 0 };
}

const char *settings_first(const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].is_default)
			return s->v[i].property;
	}
	return NULL;
}

void setting_controller(const char *file, char controller[CONTROLLER_MAX])
{
	size_t length = strcspn(file, ".");
	const char *last = strrchr(file, '.');

	controller[0] = '\0';
	if (!last || length >= CONTROLLER_MAX || text_equal(last, ".pressure") ||
	    text_starts(file, "cgroup."))
		return;
	memcpy(controller, file, length);
	controller[length] = '\0';
}

/* Appends one; what is returned is only there to set its flags, and is never NULL. */
static struct setting *put(struct settings *s, const char *property, const char *file,
			   const char *fmt, ...) printf_like(4, 5);
static struct setting *put(struct settings *s, const char *property, const char *file,
			   const char *fmt, ...)
{
	static struct setting nowhere;
	struct setting *v = s->v;
	va_list args;
	int n;

	if (s->n == s->size) {
		v = reallocarray(s->v, s->size + 16, sizeof(*v));
		if (!v) {
			s->failed = true;
			return &nowhere;
		}
		s->v = v;
		s->size += 16;
	}
	v = &s->v[s->n];
	*v = (struct setting){ .property = property, .file = strdup(file) };
	va_start(args, fmt);
	n = vasprintf(&v->value, fmt, args);
	va_end(args);
	if (n < 0)
		v->value = NULL;
	if (!v->file || !v->value)
		s->failed = true;
	s->n++;
	return v;
}

static struct setting *put_limit(struct settings *s, const char *property, const char *file,
				 uint64_t value)
{
	if (value == LIMIT_MAX)
		return put(s, property, file, "max");
	return put(s, property, file, "%llu", (unsigned long long)value);
}

/* -1 is "max"; anything else below zero is a mistake. */
static int read_limit(const char *property, int64_t v, uint64_t *ret, struct berth_error *e)
{
	if (v < -1)
		return refuse(e, EINVAL,
			      "linux.resources.%s: %lld, and only -1 of the negative numbers has a "
			      "meaning",
			      property, (long long)v);
	*ret = v < 0 ? LIMIT_MAX : (uint64_t)v;
	return 0;
}

/* Works out swap.max; *ret_given is false where it stays as it is. */
static int read_swap(const struct cgroup_memory *m, uint64_t memory_max, uint64_t *ret,
		     bool *ret_given, struct berth_error *e)
{
	*ret_given = true;
	if (m->swap.set && m->swap.v != 0)
		return limits_swap_max(m->swap.v, memory_max, ret, e);
	/* Unlimited memory takes a limit of swap with it, as version 1 had it. */
	*ret = LIMIT_MAX;
	*ret_given = m->limit.set && m->limit.v == -1;
	return 0;
}

/* A limit below what is in use has the kernel reclaim, and then kill. */
static int check_before_update(const struct limits_now *now, uint64_t memory_max, bool has_swap,
			       uint64_t swap_max, struct berth_error *e)
{
	if (memory_max < now->memory_current)
		return refuse(
			e, EBUSY, "linux.resources.memory.limit: %llu bytes, and %llu are in use",
			(unsigned long long)memory_max, (unsigned long long)now->memory_current);
	if (has_swap && swap_max < now->swap_current)
		return refuse(e, EBUSY,
			      "linux.resources.memory.swap leaves %llu bytes of swap, and %llu are "
			      "in use",
			      (unsigned long long)swap_max, (unsigned long long)now->swap_current);
	return 0;
}

static void put_swap(struct settings *s, uint64_t swap_max)
{
	struct setting *v = put_limit(s, "memory.swap", "memory.swap.max", swap_max);

	v->is_default = v->may_lack = swap_max == LIMIT_MAX;
}

static int plan_memory(const struct cgroup_memory *m, const struct limits_now *now,
		       struct settings *s, struct berth_error *e)
{
	uint64_t memory_max = now->memory_max, swap_max = 0, reservation = 0;
	bool has_limit = m->limit.set && m->limit.v != 0, has_swap = false;
	bool swap_first;
	int r = 0;

	if (has_limit)
		r = read_limit("memory.limit", m->limit.v, &memory_max, e);
	if (r == 0 && m->reservation.set)
		r = read_limit("memory.reservation", m->reservation.v, &reservation, e);
	if (r == 0)
		r = read_swap(m, memory_max, &swap_max, &has_swap, e);
	if (r == 0 && m->check_before_update.set && m->check_before_update.v)
		r = check_before_update(now, memory_max, has_swap, swap_max, e);
	if (r < 0)
		return r;
	/* Less memory and more swap: the room has to be there before it is needed. */
	swap_first = has_swap && now->existing && swap_max > now->swap_max;
	if (swap_first)
		put_swap(s, swap_max);
	if (has_limit)
		put_limit(s, "memory.limit", "memory.max", memory_max)->is_default =
			memory_max == LIMIT_MAX;
	if (has_swap && !swap_first)
		put_swap(s, swap_max);
	if (m->reservation.set && m->reservation.v != 0)
		put_limit(s, "memory.reservation", "memory.low", reservation);
	return 0;
}

static void put_weight(const struct cgroup_cpu *c, struct settings *s)
{
	uint64_t weight = limits_cpu_weight(c->shares.v);

	put(s, "cpu.shares", "cpu.weight", "%llu", (unsigned long long)weight)->is_default =
		weight == WEIGHT_DEFAULT;
}

/* A cgroup of the idle class has no weight: the kernel refuses to set one (5.15). */
static int plan_cpu_share(const struct cgroup_cpu *c, const struct limits_now *now,
			  struct settings *s, struct berth_error *e)
{
	bool shares = c->shares.set && c->shares.v != 0;
	bool idle = c->idle.set && c->idle.v == SCHED_IDLE_ON;

	if (c->idle.set && c->idle.v != 0 && c->idle.v != SCHED_IDLE_ON)
		return refuse(e, EINVAL, "linux.resources.cpu.idle: %lld is neither 0 nor 1",
			      (long long)c->idle.v);
	if (shares && now->idle && !c->idle.set)
		return refuse(e, EINVAL,
			      "linux.resources.cpu.shares cannot be set while cpu.idle is 1");
	if (c->idle.set && !idle)
		put(s, "cpu.idle", "cpu.idle", "0")->is_default = true;
	if (shares && !(idle && now->idle))
		put_weight(c, s);
	if (idle)
		put(s, "cpu.idle", "cpu.idle", "1");
	return 0;
}

static void put_cpu_max(const struct cgroup_cpu *c, uint64_t quota, struct settings *s)
{
	bool period = c->period.set && c->period.v != 0;
	const char *property = c->quota.set && c->quota.v != 0 ? "cpu.quota" : "cpu.period";
	unsigned long long v = period ? c->period.v : 0;
	struct setting *setting;

	/* Without a period the kernel keeps the one it has. */
	if (quota == LIMIT_MAX)
		setting = period ? put(s, property, "cpu.max", "max %llu", v)
				 : put(s, property, "cpu.max", "max");
	else if (period)
		setting = put(s, property, "cpu.max", "%llu %llu", (unsigned long long)quota, v);
	else
		setting = put(s, property, "cpu.max", "%llu", (unsigned long long)quota);
	setting->is_default = quota == LIMIT_MAX && (!period || v == PERIOD_DEFAULT);
}

/* At every moment burst <= quota has to hold, or the kernel refuses the write. */
static int plan_cpu_bandwidth(const struct cgroup_cpu *c, const struct limits_now *now,
			      struct settings *s, struct berth_error *e)
{
	bool has_quota = c->quota.set && c->quota.v != 0;
	bool has_max = has_quota || (c->period.set && c->period.v != 0);
	uint64_t quota = now->quota, burst = c->burst.set ? c->burst.v : now->burst;
	int r;

	if (has_quota) {
		r = read_limit("cpu.quota", c->quota.v, &quota, e);
		if (r < 0)
			return r;
	}
	if (quota != LIMIT_MAX && burst > quota)
		return refuse(e, EINVAL,
			      "linux.resources.cpu.%s: the burst of %llu us is more than the quota "
			      "of %llu us",
			      c->burst.set ? "burst" : "quota", (unsigned long long)burst,
			      (unsigned long long)quota);
	if (has_max && quota >= now->burst)
		put_cpu_max(c, quota, s);
	if (c->burst.set)
		put(s, "cpu.burst", "cpu.max.burst", "%llu", (unsigned long long)burst)
			->is_default = burst == 0;
	if (has_max && quota < now->burst)
		put_cpu_max(c, quota, s);
	return 0;
}

static int plan_cpu(const struct cgroup_cpu *c, const struct limits_now *now, struct settings *s,
		    struct berth_error *e)
{
	int r = plan_cpu_share(c, now, s, e);

	if (r == 0)
		r = plan_cpu_bandwidth(c, now, s, e);
	if (r < 0)
		return r;
	if (c->cpus && *c->cpus)
		put(s, "cpu.cpus", "cpuset.cpus", "%s", c->cpus);
	if (c->mems && *c->mems)
		put(s, "cpu.mems", "cpuset.mems", "%s", c->mems);
	return 0;
}

static int check_block_device(const char *property, const struct cgroup_block_device *d,
			      struct berth_error *e)
{
	if (d->major >= 0 && d->major <= MAJOR_MAX && d->minor >= 0 && d->minor <= MINOR_MAX)
		return 0;
	return refuse(e, EINVAL, "linux.resources.%s: there is no device %lld:%lld", property,
		      (long long)d->major, (long long)d->minor);
}

/* io.bfq.weight takes version 1's numbers and is there while the bfq scheduler is; io.weight
 * belongs to the kernel's own cost model. */
static int plan_block_weight(const struct cgroup_block_io *b, struct settings *s,
			     struct berth_error *e)
{
	unsigned int weight = b->weight.v;

	if (!b->weight.set || weight == 0)
		return 0;
	if (weight < BLKIO_WEIGHT_MIN || weight > BLKIO_WEIGHT_MAX)
		return refuse(e, EINVAL, "linux.resources.blockIO.weight: %u is not in %d..%d",
			      weight, BLKIO_WEIGHT_MIN, BLKIO_WEIGHT_MAX);
	put(s, "blockIO.weight", "io.bfq.weight", "%u", weight)->or_next = true;
	put(s, "blockIO.weight", "io.weight", "default %u", limits_io_weight(weight));
	return 0;
}

static int plan_device_weight(const struct cgroup_block_device *d, struct settings *s,
			      struct berth_error *e)
{
	static const char property[] = "blockIO.weightDevice";
	unsigned int weight = d->weight.v;
	int r = check_block_device(property, d, e);

	if (r < 0)
		return r;
	if (!d->weight.set || weight == 0)
		return 0;
	if (weight < BLKIO_WEIGHT_MIN || weight > BLKIO_WEIGHT_MAX)
		return refuse(e, EINVAL, "linux.resources.%s: weight %u is not in %d..%d", property,
			      weight, BLKIO_WEIGHT_MIN, BLKIO_WEIGHT_MAX);
	put(s, property, "io.bfq.weight", "%lld:%lld %u", (long long)d->major, (long long)d->minor,
	    weight)
		->or_next = true;
	put(s, property, "io.weight", "%lld:%lld %u", (long long)d->major, (long long)d->minor,
	    limits_io_weight(weight));
	return 0;
}

/* A rate of 0 takes the limit away, as in version 1. */
static int plan_throttle(const char *property, const char *key,
			 const struct cgroup_block_devices *devices, struct settings *s,
			 struct berth_error *e)
{
	for (size_t i = 0; i < devices->n; i++) {
		const struct cgroup_block_device *d = &devices->v[i];
		int r = check_block_device(property, d, e);

		if (r < 0)
			return r;
		if (d->rate.v == 0)
			put(s, property, "io.max", "%lld:%lld %s=max", (long long)d->major,
			    (long long)d->minor, key)
				->is_default = true;
		else
			put(s, property, "io.max", "%lld:%lld %s=%llu", (long long)d->major,
			    (long long)d->minor, key, (unsigned long long)d->rate.v);
	}
	return 0;
}

static int plan_block_io(const struct cgroup_block_io *b, struct settings *s, struct berth_error *e)
{
	int r = plan_block_weight(b, s, e);

	for (size_t i = 0; r == 0 && i < b->weight_devices.n; i++)
		r = plan_device_weight(&b->weight_devices.v[i], s, e);
	if (r == 0)
		r = plan_throttle("blockIO.throttleReadBpsDevice", "rbps", &b->throttle_read_bps, s,
				  e);
	if (r == 0)
		r = plan_throttle("blockIO.throttleWriteBpsDevice", "wbps", &b->throttle_write_bps,
				  s, e);
	if (r == 0)
		r = plan_throttle("blockIO.throttleReadIOPSDevice", "riops", &b->throttle_read_iops,
				  s, e);
	if (r == 0)
		r = plan_throttle("blockIO.throttleWriteIOPSDevice", "wiops",
				  &b->throttle_write_iops, s, e);
	return r;
}

/* "64KB", "2MB", "1GB" */
static bool is_page_size(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 8 && *text != '0' && text[digits] &&
	       strchr("KMG", text[digits]) && text_equal(text + digits + 1, "B");
}

/* Both limits, on faults and on reservations: the second is the better one, and older than our
 * oldest kernel but where it was not built in. */
static int plan_hugepage(const struct cgroup_hugepage_limit *h, struct settings *s,
			 struct berth_error *e)
{
	char file[64];

	if (!h->page_size || !is_page_size(h->page_size))
		return refuse(e, EINVAL,
			      "linux.resources.hugepageLimits: page size \"%s\" is not like 64KB, "
			      "2MB, 1GB",
			      h->page_size ? h->page_size : "");
	(void)snprintf(file, sizeof(file), "hugetlb.%s.max", h->page_size);
	put(s, "hugepageLimits", file, "%llu", (unsigned long long)h->limit);
	(void)snprintf(file, sizeof(file), "hugetlb.%s.rsvd.max", h->page_size);
	put(s, "hugepageLimits", file, "%llu", (unsigned long long)h->limit)->may_lack = true;
	return 0;
}

static int plan_rdma(const struct cgroup_rdma *d, struct settings *s, struct berth_error *e)
{
	char handles[32] = "", objects[32] = "";

	if (!d->device || !*d->device || !text_printable(d->device) || strpbrk(d->device, " "))
		return refuse(e, EINVAL, "linux.resources.rdma: \"%s\" is no name of a device",
			      d->device ? d->device : "");
	if (!d->handles.set && !d->objects.set)
		return refuse(e, EINVAL,
			      "linux.resources.rdma.%s has neither hcaHandles nor hcaObjects",
			      d->device);
	if (d->handles.set)
		(void)snprintf(handles, sizeof(handles), " hca_handle=%u", d->handles.v);
	if (d->objects.set)
		(void)snprintf(objects, sizeof(objects), " hca_object=%u", d->objects.v);
	put(s, "rdma", "rdma.max", "%s%s%s", d->device, handles, objects);
	return 0;
}

/* Files by which berth itself drives the cgroup, or that would make it unfit to start processes
 * in. */
static bool is_reserved(const char *key)
{
	static const char *const reserved[] = { "cgroup.procs",           "cgroup.threads",
						"cgroup.subtree_control", "cgroup.type",
						"cgroup.freeze",          "cgroup.kill" };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (text_equal(key, reserved[i]))
			return true;
	}
	return false;
}

/* A name of a file in the cgroup, "controller.rest", and nothing that could lead elsewhere. */
static bool is_key(const char *key)
{
	size_t controller = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (controller == 0 || controller >= CONTROLLER_MAX || key[controller] != '.' ||
	    !key[controller + 1])
		return false;
	for (const char *c = key; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return false;
	}
	return strlen(key) <= NAME_MAX && !strstr(key, "..");
}

static int plan_unified(const struct cgroup_unified *u, struct settings *s, struct berth_error *e)
{
	if (!u->key || !is_key(u->key))
		return refuse(e, EINVAL,
			      "linux.resources.unified: \"%s\" is no name of a cgroup file",
			      u->key ? u->key : "");
	if (is_reserved(u->key))
		return refuse(e, EINVAL,
			      "linux.resources.unified: %s is the runtime's own business", u->key);
	put(s, "unified", u->key, "%s", u->value ? u->value : "");
	return 0;
}

static int plan_rest(const struct cgroup_resources *r, struct settings *s, struct berth_error *e)
{
	uint64_t pids = 0;
	int n = 0;

	if (r->pids_limit.set) {
		n = read_limit("pids.limit", r->pids_limit.v, &pids, e);
		if (n < 0)
			return n;
		/* Nobody could be born into a cgroup with 0. What it means, that the one process
		 * there is gets no other, is 1 as well; and systemd takes no 0. */
		pids = pids ? pids : 1;
		put_limit(s, "pids.limit", "pids.max", pids)->is_default = pids == LIMIT_MAX;
	}
	for (size_t i = 0; n == 0 && i < r->hugepages.n; i++)
		n = plan_hugepage(&r->hugepages.v[i], s, e);
	for (size_t i = 0; n == 0 && i < r->rdma.n; i++)
		n = plan_rdma(&r->rdma.v[i], s, e);
	/* Last, so that they win. */
	for (size_t i = 0; n == 0 && i < r->unified.n; i++)
		n = plan_unified(&r->unified.v[i], s, e);
	return n;
}

int limits_settings(const struct cgroup_resources *r, const struct limits_now *now,
		    struct settings *ret, struct berth_error *e)
{
	autosettings struct settings s = { 0 };
	int n = 0;

	if (r && r->memory)
		n = plan_memory(r->memory, now, &s, e);
	if (n == 0 && r && r->cpu)
		n = plan_cpu(r->cpu, now, &s, e);
	if (n == 0 && r && r->block_io)
		n = plan_block_io(r->block_io, &s, e);
	if (n == 0 && r)
		n = plan_rest(r, &s, e);
	if (n < 0)
		return n;
	if (s.failed)
		return fail(e, ENOMEM, "linux.resources");
	*ret = s;
	s = (struct settings){ 0 };
	return 0;
}
