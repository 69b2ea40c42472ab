/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker: one loop for all processes of a start. After the row that clones, two processes run
 * it; `me` tells which one this is.
 */
#include <inttypes.h>
#include <string.h>
#include <sched.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "start/channel.h"
#include "start/hooks.h"
#include "start/last_word.h"
#include "start/steps.h"

const char *actor_name(enum actor a)
{
	static const char *const names[] = { "nobody", "host", "joiner", "init" };

	return names[a];
}

bool step_wanted(const struct step *row, const struct start *s)
{
	return !row->when || row->when(s);
}

unsigned int passed_fds(const struct start *s)
{
	return s->n_listen_fds + s->request->create->preserve_fds;
}

/* A row's time is the next record's minus its own: tests/bench/phases makes a table of them. */
static void log_row(const struct start *s, const char *verb, const struct step *row)
{
	if (log_debugs())
		log_debug("%s: %s%s, at %" PRIu64 " us", actor_name(s->me), verb, row->name,
			  clock_us() - s->began);
}

static int walk_row(struct start *s, const struct step *row, struct berth_error *e)
{
	size_t at = s->at;
	int r = 0;

	if (s->me == INIT && s->last_word)
		s->last_word->row = at;
	if (row->actor == s->me) {
		log_row(s, "", row);
		if (row->run)
			r = row->run(s, e);
		/* What we cannot do to init any more says less than why init has ended. */
		if (r < 0 && s->me == HOST && !s->foreign_error) {
			int said = channel_hear_failure(s, e);

			r = said < 0 ? said : r;
		}
		/* A row that clones ends in two processes: only the one whose row it is goes on to
		 * tell. */
		if (r == 0 && row->signal != NOBODY && row->actor == s->me)
			r = channel_tell(s, at, 0, e);
	} else if (row->signal == s->me) {
		log_row(s, "waiting for ", row);
		r = channel_await(s, at, NULL, e);
	}
	return r;
}

/* Whether the walk has come as far as the first hook, or has made the container: runtime.md wants
 * the poststop hooks to run then, even after a failure. */
static bool hooks_have_begun(const struct start *s, size_t from)
{
	for (size_t i = from; i < s->plan->n && i <= s->failed; i++) {
		const struct step *row = &s->plan->rows[i];

		if ((row->run == run_runtime_hooks || row->run == run_container_hooks ||
		     row->run == save_created) &&
		    step_wanted(row, s))
			return true;
	}
	return false;
}

/* The way back: only the host's rows have undos, because what init did ends with it. */
static void undo_rows(struct start *s, size_t from, size_t failed)
{
	for (size_t i = failed; i-- > from;) {
		const struct step *row = &s->plan->rows[i];

		if (row->actor != HOST || !row->undo || !step_wanted(row, s))
			continue;
		log_debug("host: undo %s", row->name);
		row->undo(s);
	}
	if (hooks_have_begun(s, from))
		hooks_run_poststop(s->config, &s->record);
}

static _Noreturn void end_child(struct start *s, const struct berth_error *e)
{
	/* Under the container's filter the page is all there is: see last_word.h. */
	if (s->last_word)
		*s->last_word = (struct last_word){ .error = *e, .row = s->at };
	else
		channel_complain(s, e);
	_exit(1);
}

int plan_walk(struct start *s, size_t from, size_t to, struct berth_error *e)
{
	int r = 0;

	s->began = clock_us();
	interrupt_hold(&s->interrupt);
	for (s->at = from; s->at < (s->me == HOST ? to : s->plan->n); s->at++) {
		const struct step *row = &s->plan->rows[s->at];

		if (!step_wanted(row, s))
			continue;
		r = walk_row(s, row, e);
		if (r < 0)
			break;
	}
	if (r < 0 && !s->foreign_error) {
		s->failed = s->at;
		r = in_context(e, r, "%s", s->plan->rows[s->at].name);
	}
	if (s->me != HOST)
		end_child(s, e); /* the last row of init does not return, unless it fails */
	if (r < 0)
		undo_rows(s, from, s->at);
	interrupt_release(&s->interrupt);
	return r;
}

void start_init(struct start *s, const struct start_request *r, const struct plan *plan)
{
	*s = (struct start){
		.me = HOST,
		.plan = plan,
		.request = r,
		.config = r ? r->config : NULL,
		.proc = -1,
		.state_dir = -1,
		.root = -1,
		.home = -1,
		.null_device = -1,
		.nodes = -1,
		.channel = -1,
		.container_end = -1,
		.listener = -1,
		.console_socket = -1,
		.terminal = -1,
		.filter = -1,
		.agent = -1,
		.resctrl = -1,
		.outbox = -1,
		.inbox = -1,
		.cgroup = { .dir = -1 },
		.id_helpers = { -1, -1 },
		.pidfd = -1,
		.notify_mount = -1,
		.notify_in = -1,
		.notify_out = -1,
		.deferred_readonly = -1,
	};
}

static void close_list(int **fds, size_t n)
{
	for (size_t i = 0; *fds && i < n; i++)
		close_fd(&(*fds)[i]);
	free(*fds);
	*fds = NULL;
}

void start_release(struct start *s)
{
	int *fds[] = { &s->proc,
		       &s->root,
		       &s->home,
		       &s->null_device,
		       &s->nodes,
		       &s->channel,
		       &s->container_end,
		       &s->listener,
		       &s->console_socket,
		       &s->terminal,
		       &s->filter,
		       &s->agent,
		       &s->resctrl,
		       &s->outbox,
		       &s->inbox,
		       &s->pidfd,
		       &s->notify_mount,
		       &s->notify_in,
		       &s->notify_out,
		       &s->id_helpers.newuidmap,
		       &s->id_helpers.newgidmap };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
	close_list(&s->joined, s->config ? s->config->lin->namespaces.n : 0);
	close_list(&s->sources, s->config ? s->config->mounts.n : 0);
	cgroup_settle(&s->cgroup);
	cgroup_close(&s->cgroup);
	free_pointer(&s->unit);
	free_pointer(&s->notify_path);
	release_network(s);
	free(s->rdt_monitor);
	s->rdt_monitor = NULL;
	last_word_unmap(&s->last_word);
}
