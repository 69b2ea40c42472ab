/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth-systemd: does for berth what takes libsystemd, one call of lib/cgroup/systemd_call.h each
 * time it is started. Trust: berth started it with a socket as fd 3; whoever starts it otherwise
 * can do no more with it than with systemctl.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/socket.h"
#include "base/text.h"
#include "bus.h"
#include "cgroup/systemd_call.h"
#include "journal.h"
#include "message.h"

struct request {
	const char *verb, *instance, *unit, *argument;
	char *properties;
};

static int read_request(char *text, struct request *ret, struct berth_error *e)
{
	struct request q = { 0 };
	char *rest = text;

	q.verb = strsep(&rest, "\n");
	q.instance = strsep(&rest, "\n");
	q.unit = strsep(&rest, "\n");
	q.argument = strsep(&rest, "\n");
	q.properties = rest;
	if (!rest)
		return refuse(e, EPROTO, "berth-systemd: a request that is cut off");
	*ret = q;
	return 0;
}

static int read_cgroup(const struct manager *m, char **ret_text, struct berth_error *e)
{
	int r = manager_unit_text(m, "org.freedesktop.systemd1.Scope", "ControlGroup", ret_text, e);

	if (r == 0 && **ret_text != '/')
		return refuse(e, EIO, "systemd's unit %s has no cgroup", m->unit);
	return r;
}

static int start_unit(struct manager *m, const struct request *q, char **ret_text,
		      struct berth_error *e)
{
	automessage sd_bus_message *call = NULL;
	int pid, r = manager_new_call(m, "StartTransientUnit", &call, e);

	if (r < 0)
		return r;
	if (parse_int(q->argument, &pid) < 0 || pid == 0)
		return refuse(e, EPROTO, "berth-systemd: no pid: %s", q->argument);
	if (sd_bus_message_append(call, "ss", m->unit, "fail") < 0)
		return fail(e, ENOMEM, "message to systemd");
	r = message_append_properties(call, q->properties, (unsigned int)pid, e);
	/* Auxiliary units: none. */
	if (r == 0 && sd_bus_message_append(call, "a(sa(sv))", 0) < 0)
		r = fail(e, ENOMEM, "message to systemd");
	if (r == 0)
		r = manager_run_job(m, call, e);
	return r < 0 ? r : read_cgroup(m, ret_text, e);
}

static int set_properties(struct manager *m, const struct request *q, char **ret_text,
			  struct berth_error *e)
{
	automessage sd_bus_message *call = NULL;
	int r = manager_new_call(m, "SetUnitProperties", &call, e);

	if (r == 0 && sd_bus_message_append(call, "sb", m->unit, 1) < 0)
		r = fail(e, ENOMEM, "message to systemd");
	if (r == 0)
		r = message_append_properties(call, q->properties, 0, e);
	if (r == 0)
		r = manager_call(m, call, NULL, e);
	/* systemd writes to the cgroup after its answer, but before it looks at the next
	 * message. */
	return r < 0 ? r : read_cgroup(m, ret_text, e);
}

static int kill_unit(struct manager *m, struct berth_error *e)
{
	automessage sd_bus_message *call = NULL;
	int r = manager_new_call(m, "KillUnit", &call, e);

	if (r == 0 && sd_bus_message_append(call, "ssi", m->unit, "all", SIGKILL) < 0)
		r = fail(e, ENOMEM, "message to systemd");
	return r == 0 ? manager_call(m, call, NULL, e) : r;
}

static int call_with_unit(struct manager *m, const char *method, const char *mode,
			  struct berth_error *e)
{
	automessage sd_bus_message *call = NULL;
	int r = manager_new_call(m, method, &call, e);

	if (r < 0)
		return r;
	if (sd_bus_message_append(call, "s", m->unit) < 0 ||
	    (mode && sd_bus_message_append(call, "s", mode) < 0))
		return fail(e, ENOMEM, "message to systemd");
	return mode ? manager_run_job(m, call, e) : manager_call(m, call, NULL, e);
}

/* An argument is the description that the unit must have: another one is not ours. */
static int stop_unit(struct manager *m, const struct request *q, struct berth_error *e)
{
	autofree char *description = NULL;
	struct berth_error ignored;
	int r = 0;

	if (*q->argument) {
		r = manager_unit_text(m, "org.freedesktop.systemd1.Unit", "Description",
				      &description, e);
		if (r == 0 && !text_equal(description, q->argument))
			return 0;
		/* Only a placeholder and init before its program can be in there; systemd would ask
		 * them to end, and wait. */
		if (r == 0)
			(void)!kill_unit(m, &ignored);
	}
	if (r == 0)
		r = call_with_unit(m, "StopUnit", "replace", e);
	if (r == -ENOENT)
		return 0;
	(void)!call_with_unit(m, "ResetFailedUnit", NULL, &ignored);
	return r;
}

static int count_oom(const struct request *q, char **ret_text, struct berth_error *e)
{
	uint64_t since, n = 0;
	int r;

	if (parse_u64(q->argument, &since) < 0)
		return refuse(e, EPROTO, "berth-systemd: no time: %s", q->argument);
	r = journal_count_oom(q->unit, text_equal(q->instance, "user"), since, &n, e);
	if (r < 0)
		return r;
	*ret_text = text_printf("%" PRIu64, n);
	return *ret_text ? 0 : fail(e, ENOMEM, "OOM kills in unit %s", q->unit);
}

static int serve(char *text, char **ret_text, struct berth_error *e)
{
	cleanup(manager_close) struct manager m = { 0 };
	struct request q = { 0 };
	int r = read_request(text, &q, e);

	if (r < 0)
		return r;
	if (text_equal(q.verb, "oom"))
		return count_oom(&q, ret_text, e);
	m.unit = q.unit;
	m.user = text_equal(q.instance, "user");
	r = manager_open(&m, e);
	if (r < 0)
		return r;
	if (text_equal(q.verb, "start"))
		return start_unit(&m, &q, ret_text, e);
	if (text_equal(q.verb, "set"))
		return set_properties(&m, &q, ret_text, e);
	if (text_equal(q.verb, "stop"))
		return stop_unit(&m, &q, e);
	return refuse(e, EPROTO, "berth-systemd: unknown request %s", q.verb);
}

int main(void)
{
	static char text[SYSTEMD_CALL_MAX + 1];
	struct berth_error e = { 0 }, reply = { 0 };
	autofree char *path = NULL;
	size_t length = 0;

	if (socket_receive(SYSTEMD_HELPER_FD, text, SYSTEMD_CALL_MAX, &length, NULL, &e) < 0) {
		(void)fprintf(stderr,
			      "berth-systemd: %s (a part of berth: it is not started by hand)\n",
			      e.text);
		return 1;
	}
	text[length] = '\0';
	if (serve(text, &path, &e) < 0)
		reply = e;
	else
		(void)snprintf(reply.text, sizeof(reply.text), "%s", path ? path : "");
	return socket_send(SYSTEMD_HELPER_FD, &reply, sizeof(reply), -1, &e) < 0;
}
