/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See seccomp_direct.h.
 *
 * Why: libseccomp takes 2 ms for the system calls of one architecture, because it copies and
 * compares its whole database for every rule. Of docker's 430 calls, all but some twenty need none
 * of that. Consecutive numbers with the same action form one range, and so do those that are left
 * to libseccomp; the search is over ranges.
 */
#include "linux/seccomp_direct.h"

#include <linux/filter.h>
#include <stdlib.h>

/* More would be further than a conditional jump reaches; no real profile comes near. */
enum { RANGES_MAX = 256 };

/* Up to the next one's start. */
struct range {
	uint32_t start, action;
	bool rest; /* libseccomp's */
};

struct ranges {
	size_t n;
	struct range v[RANGES_MAX];
};

int seccomp_direct_add(struct seccomp_direct *d, uint32_t number, uint32_t action, bool rest)
{
	if (d->n == d->room) {
		size_t room = d->room ? d->room * 2 : 512;
		struct seccomp_direct_call *v = reallocarray(d->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		d->v = v;
		d->room = room;
	}
	d->v[d->n++] = (struct seccomp_direct_call){ number, action, rest };
	return 0;
}

static int compare_calls(const void *a, const void *b)
{
	const struct seccomp_direct_call *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Leaves those that are decided, each once. */
static void drop_rest(struct seccomp_direct *d)
{
	size_t kept = 0;

	for (size_t i = 0, next; i < d->n; i = next) {
		struct seccomp_direct_call c = d->v[i];

		for (next = i + 1; next < d->n && d->v[next].number == c.number; next++)
			c.rest = c.rest || d->v[next].rest || d->v[next].action != c.action;
		if (!c.rest)
			d->v[kept++] = c;
	}
	d->n = kept;
}

static void begin_range(struct ranges *r, struct range new)
{
	if (r->n > 0 && r->v[r->n - 1].start == new.start) /* call 0: nothing lies before it */
		r->n--;
	r->v[r->n++] = new;
}

/* False where there are too many. */
static bool find_ranges(const struct seccomp_direct *d, struct ranges *ret)
{
	ret->n = 0;
	begin_range(ret, (struct range){ .start = 0, .rest = true });
	for (size_t i = 0; i < d->n; i++) {
		const struct seccomp_direct_call *c = &d->v[i], *next = c + 1;

		if (ret->n + 2 > RANGES_MAX)
			return false;
		if (ret->v[ret->n - 1].rest || ret->v[ret->n - 1].action != c->action)
			begin_range(ret, (struct range){ c->number, c->action, false });
		if (i + 1 == d->n || next->number != c->number + 1)
			begin_range(ret, (struct range){ .start = c->number + 1, .rest = true });
	}
	return true;
}

void seccomp_direct_settle(struct seccomp_direct *d)
{
	struct ranges ranges;

	if (d->n > 0)
		qsort(d->v, d->n, sizeof(*d->v), compare_calls);
	drop_rest(d);
	if (!find_ranges(d, &ranges))
		d->n = 0;
}

bool seccomp_direct_decides(const struct seccomp_direct *d, uint32_t number)
{
	const struct seccomp_direct_call key = { .number = number };

	return d->n > 0 && bsearch(&key, d->v, d->n, sizeof(*d->v), compare_calls);
}

static size_t search_size(size_t ranges)
{
	return 2 * ranges - 1;
}

/* The search over `n` ranges, at its place in a program of that size. */
static void put_search(struct sock_filter *program, size_t size, size_t at, const struct range *v,
		       size_t n)
{
	size_t left = n / 2;

	if (n > 1) {
		program[at] = (struct sock_filter){ BPF_JMP | BPF_JGE | BPF_K,
						    (uint8_t)search_size(left), 0, v[left].start };
		put_search(program, size, at + 1, v, left);
		put_search(program, size, at + 1 + search_size(left), v + left, n - left);
	} else if (v->rest) {
		program[at] =
			(struct sock_filter){ BPF_JMP | BPF_JA, 0, 0, (uint32_t)(size - at - 1) };
	} else {
		program[at] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, v->action };
	}
}

int seccomp_direct_program(const struct seccomp_direct *d, struct sock_filter **ret, size_t *ret_n)
{
	struct sock_filter *program;
	struct ranges ranges;

	if (d->n == 0 || !find_ranges(d, &ranges)) {
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	program = calloc(search_size(ranges.n), sizeof(*program));
	if (!program)
		return -ENOMEM;
	put_search(program, search_size(ranges.n), 0, ranges.v, ranges.n);
	*ret = program;
	*ret_n = search_size(ranges.n);
	return 0;
}

void seccomp_direct_free(struct seccomp_direct *d)
{
	free(d->v);
	*d = (struct seccomp_direct){ 0 };
}
