/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of the plan. Trust: the host treats messages from inside as data. A wrong kind, size
 * or row is an error, and the text of an error is terminated before it is read. Until the
 * container's own program runs, the peer is berth's code, but it may have been killed or starved of
 * memory.
 */
#include <poll.h>
#include <stddef.h>
#include <string.h>

#include "base/fd.h"
#include "base/process.h"
#include "base/socket.h"
#include "start/channel.h"
#include "start/last_word.h"

enum kind { DONE = 0x62657274, FAILED };

struct message {
	uint32_t kind, step;
	int32_t pid;
	struct berth_error error; /* only FAILED carries it on the wire */
};

void channel_complain(struct start *s, const struct berth_error *e)
{
	struct message m = { .kind = FAILED, .step = (uint32_t)s->at, .error = *e };
	struct berth_error ignored = { 0 };
	int r;

	r = socket_send(s->channel, &m, sizeof(m), -1, &ignored);
	(void)r;
}

/* The error that init left in the shared page, if any. */
static int read_last_word(struct start *s, struct berth_error *e)
{
	struct berth_error *said = s->last_word ? &s->last_word->error : NULL;

	if (!said || said->code <= 0)
		return 0;
	*e = *said;
	e->text[sizeof(e->text) - 1] = '\0';
	s->foreign_error = true;
	s->failed = s->last_word->row < s->plan->n ? s->last_word->row : s->at;
	return -e->code;
}

/* The peer ended without a word. How it ended is often the whole story: the OOM killer leaves no
 * other trace. */
int channel_explain_silence(struct start *s, struct berth_error *e)
{
	int status = 0;

	if (s->me != HOST)
		return refuse(e, EPIPE, "berth has ended");
	if (s->pidfd < 0 || process_wait(s->pidfd, 1000, &status, e) < 0)
		return refuse(e, EPIPE, "the container's process has ended");
	close_fd(&s->pidfd);
	s->pid = 0;
	if (status == 128 + SIGKILL)
		return refuse(e, EPIPE,
			      "the container's process was killed (by the OOM killer, if its "
			      "memory limit is very low)");
	if (status < 0) /* start is not its parent */
		return refuse(e, EPIPE, "the container's process has ended");
	if (status > 128)
		return refuse(e, EPIPE, "the container's process was ended by signal %d",
			      status - 128);
	return refuse(e, EPIPE, "the container's process ended with status %d", status);
}

/* The next message. A peer that ended without having read all of ours resets the connection, but
 * what it had said before is still there. */
static int receive(struct start *s, struct message *m, size_t *ret_length, struct berth_error *e)
{
	int r;

	close_fd(&s->inbox);
	r = socket_receive(s->channel, m, sizeof(*m), ret_length, &s->inbox, e);
	if (r == -ECONNRESET)
		r = socket_receive(s->channel, m, sizeof(*m), ret_length, &s->inbox, e);
	return r;
}

static int adopt_error(struct start *s, struct message *m, struct berth_error *e)
{
	m->error.text[sizeof(m->error.text) - 1] = '\0';
	*e = m->error;
	s->foreign_error = true;
	s->failed = m->step < s->plan->n ? m->step : s->at;
	return -e->code;
}

/* What the peer said before it ended: the error, if it could tell one. */
static int hear_end(struct start *s, struct message *m, size_t length, struct berth_error *e)
{
	int r = s->me == HOST ? read_last_word(s, e) : 0;

	if (r < 0)
		return r;
	if (length == sizeof(*m) && m->kind == FAILED && m->error.code > 0)
		return adopt_error(s, m, e);
	return length ? refuse(e, EPROTO, "unexpected message of %zu bytes", length)
		      : channel_explain_silence(s, e);
}

int channel_hear_failure(struct start *s, struct berth_error *e)
{
	struct pollfd p = { .fd = s->channel, .events = POLLIN };
	struct message m = { 0 };
	struct berth_error ignored;
	size_t length = 0;
	int r = read_last_word(s, e);

	if (r < 0 || poll(&p, 1, 0) <= 0 || receive(s, &m, &length, &ignored) < 0)
		return r;
	return length == sizeof(m) && m.kind == FAILED && m.error.code > 0 ? adopt_error(s, &m, e)
									   : 0;
}

int channel_tell(struct start *s, size_t step, pid_t pid, struct berth_error *e)
{
	struct message m = { .kind = DONE, .step = (uint32_t)step, .pid = pid };
	size_t length = 0;
	int r;

	r = socket_send(s->channel, &m, offsetof(struct message, error), s->outbox, e);
	close_fd(&s->outbox);
	if (r != -EPIPE && r != -ECONNRESET)
		return r;
	r = receive(s, &m, &length, e);
	return r < 0 ? r : hear_end(s, &m, length, e);
}

int channel_await(struct start *s, size_t step, pid_t *ret_pid, struct berth_error *e)
{
	struct message m = { 0 };
	size_t length = 0;
	int r;

	r = s->me == HOST ? interrupt_wait(&s->interrupt, s->channel, e) : 0;
	if (r == 0)
		r = receive(s, &m, &length, e);
	if (r < 0)
		return r;
	if (length != offsetof(struct message, error) || m.kind != DONE || m.step != step)
		return hear_end(s, &m, length, e);
	if (ret_pid)
		*ret_pid = m.pid;
	return 0;
}

int channel_await_end(struct start *s, struct berth_error *e)
{
	struct message m = { 0 };
	size_t length = 0;
	int r = interrupt_wait(&s->interrupt, s->channel, e);

	if (r == 0)
		r = receive(s, &m, &length, e);
	if (r < 0 && r != -ECONNRESET)
		return r;
	return length ? hear_end(s, &m, length, e) : read_last_word(s, e);
}
