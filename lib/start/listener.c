/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp agent (config-linux.md, "listenerPath"): the host connects to its socket, init sends
 * it the filter's notification fd. Trust: the agent is the caller's.
 *
 * linux/listener.h explains why init is the one to send it, and how it can do so under the filter.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/number.h"
#include "base/socket.h"
#include "linux/listener.h"
#include "start/last_word.h"
#include "start/steps.h"

int connect_agent(struct start *s, struct berth_error *e)
{
	const char *path = s->config->lin->seccomp->listener_path;
	int r = socket_connect(AT_FDCWD, path, SOCK_STREAM, &s->outbox, e);

	return r < 0 ? in_context(e, r, "seccomp agent") : 0;
}

int learn_host_pid(struct start *s, struct berth_error *e)
{
	char text[16];
	ssize_t n = readlinkat(s->proc, "self", text, sizeof(text) - 1);
	int pid;

	if (n < 0)
		return fail(e, errno, "read the link self of the procfs");
	text[n] = '\0';
	if (parse_int(text, &pid) < 0)
		return refuse(e, EPROTO, "no pid: %s", text);
	s->pid = pid;
	return 0;
}

int keep_agent(struct start *s, struct berth_error *e)
{
	if (s->inbox < 0)
		return refuse(e, EPROTO, "no connection to the seccomp agent was sent");
	s->agent = take_fd(&s->inbox);
	return 0;
}

static char *describe_process(const struct start *s)
{
	/* A process of exec's is one more beside the container's. */
	bool one_more = s->record.pid != 0;
	autofree char *state = state_json(s->record.id, one_more ? BERTH_RUNNING : BERTH_CREATED,
					  one_more ? (pid_t)s->record.pid : s->pid,
					  s->record.bundle, &s->config->annotations, false);

	return state ? process_state_json(s->pid, s->config->lin->seccomp->listener_metadata, state)
		     : NULL;
}

static void end_process(const struct berth_error *e, void *data)
{
	struct start *s = data;
	struct berth_error told = *e;

	in_context(&told, -e->code, "%s: seccomp agent", s->plan->rows[s->at].name);
	*s->last_word = (struct last_word){ .error = told, .row = s->at };
	_exit(1);
}

int prepare_listener(struct start *s, struct berth_error *e)
{
	struct listener_request q = { .failed = end_process, .data = s };

	q.text = describe_process(s);
	if (!q.text)
		return fail(e, ENOMEM, "describe the process for the seccomp agent");
	q.length = strlen(q.text);
	q.socket = take_fd(&s->agent);
	return listener_prepare(&q, &s->sender, e);
}
