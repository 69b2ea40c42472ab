/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting, calling, and waiting for jobs. Everything has one deadline: nothing here can hang.
 */
#include "bus.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cgroup/systemd_call.h"

#define SERVICE "org.freedesktop.systemd1"

enum { USEC = 1000000 };

static uint64_t left_us(const struct manager *m)
{
	uint64_t now = clock_us();

	return now < m->deadline ? m->deadline - now : 0;
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *ignored)
{
	struct manager *m = data;
	const char *path, *unit, *result;
	char *jobs;
	uint32_t id;

	(void)ignored;
	if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	jobs = text_printf("%s%s %s\n", m->jobs ? m->jobs : "", path, result);
	if (!jobs)
		return -ENOMEM;
	free(m->jobs);
	m->jobs = jobs;
	return 0;
}

/* The bus as everybody uses it; without one, systemd's own socket, as systemctl does (a minimal
 * system has no D-Bus daemon). */
static int open_private(struct manager *m)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	autofree char *address = NULL;
	int r;

	if (m->user && !runtime)
		return -ENOENT;
	address = m->user ? text_printf("unix:path=%s/systemd/private", runtime)
			  : strdup("unix:path=/run/systemd/private");
	if (!address)
		return -ENOMEM;
	r = sd_bus_new(&m->bus);
	if (r >= 0)
		r = sd_bus_set_address(m->bus, address);
	if (r >= 0)
		r = sd_bus_start(m->bus);
	if (r < 0)
		m->bus = sd_bus_unref(m->bus);
	return r;
}

static int connect_bus(struct manager *m, struct berth_error *e)
{
	int r = m->user ? sd_bus_open_user(&m->bus) : sd_bus_open_system(&m->bus);

	if (r >= 0) {
		m->service = SERVICE;
		return 0;
	}
	m->bus = NULL;
	if (open_private(m) >= 0)
		return 0;
	r = fail(e, -r, "reach %s over D-Bus", m->user ? "your systemd instance" : "systemd");
	if (m->user)
		advise(e, "it needs a session: XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS in the "
			  "environment; "
			  "\"loginctl enable-linger\" keeps one without a login");
	else
		advise(e, "is systemd process 1 here? --cgroup-manager cgroupfs does without");
	return r;
}

int manager_open(struct manager *m, struct berth_error *e)
{
	sd_bus_error ignored = SD_BUS_ERROR_NULL;
	int r;

	m->deadline = clock_us() + (uint64_t)SYSTEMD_PATIENCE_S * USEC;
	r = connect_bus(m, e);
	if (r < 0)
		return r;
	(void)sd_bus_set_method_call_timeout(m->bus, left_us(m));
	r = sd_bus_match_signal(m->bus, NULL, m->service, MANAGER, "JobRemoved", on_job_removed, m);
	if (r < 0)
		return fail(e, -r, "listen to systemd");
	/* Signals are only sent to who has asked; on systemd's own socket they come unasked. */
	if (m->service)
		r = sd_bus_call_method(m->bus, m->service, MANAGER, "Subscribe", &ignored, NULL,
				       NULL);
	sd_bus_error_free(&ignored);
	return r < 0 ? fail(e, -r, "listen to systemd") : 0;
}

void manager_close(struct manager *m)
{
	sd_bus_flush_close_unref(m->bus);
	free(m->jobs);
}

int manager_new_call(const struct manager *m, const char *method, sd_bus_message **ret,
		     struct berth_error *e)
{
	int r = sd_bus_message_new_method_call(m->bus, ret, m->service, MANAGER, method);

	return r < 0 ? fail(e, -r, "message to systemd") : 0;
}

static int explain_existing(const struct manager *m, struct berth_error *e)
{
	int r = refuse(e, EEXIST, "systemd has a unit %s already", m->unit);

	advise(e, "if nothing runs in it: systemctl%s reset-failed %s", m->user ? " --user" : "",
	       m->unit);
	return r;
}

/* -ENOENT where systemd knows no such unit. */
static int explain(const struct manager *m, int r, const sd_bus_error *error, struct berth_error *e)
{
	if (sd_bus_error_has_name(error, "org.freedesktop.systemd1.NoSuchUnit"))
		return refuse(e, ENOENT, "systemd has no unit %s", m->unit);
	if (sd_bus_error_has_name(error, "org.freedesktop.systemd1.UnitExists"))
		return explain_existing(m, e);
	if (r == -ETIMEDOUT)
		return refuse(e, ETIMEDOUT, "systemd does not answer about unit %s within %d s",
			      m->unit, SYSTEMD_PATIENCE_S);
	return refuse(e, -r, "systemd, unit %s: %s", m->unit,
		      error->message ? error->message : strerror(-r));
}

int manager_call(const struct manager *m, sd_bus_message *call, sd_bus_message **ret_reply,
		 struct berth_error *e)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call(m->bus, call, left_us(m), &error, ret_reply);

	r = r < 0 ? explain(m, r, &error, e) : 0;
	sd_bus_error_free(&error);
	return r;
}

/* The result of the job, if it has one yet: "done", "failed", "canceled", "timeout", ... */
static char *find_result(const struct manager *m, const char *job)
{
	size_t length = strlen(job);

	for (const char *line = m->jobs; line && *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, job, length) == 0 && line[length] == ' ')
			return strndup(line + length + 1, strcspn(line + length + 1, "\n"));
	}
	return NULL;
}

static int await_job(struct manager *m, const char *job, struct berth_error *e)
{
	for (;;) {
		autofree char *result = find_result(m, job);
		uint64_t left = left_us(m);
		int r;

		if (result && text_equal(result, "done"))
			return 0;
		if (result) {
			r = refuse(e, EIO, "systemd's job for unit %s has ended as \"%s\"", m->unit,
				   result);
			advise(e, "journalctl%s -u %s", m->user ? " --user" : "", m->unit);
			return r;
		}
		if (left == 0)
			return refuse(e, ETIMEDOUT,
				      "systemd's job for unit %s is not done within %d s", m->unit,
				      SYSTEMD_PATIENCE_S);
		r = sd_bus_process(m->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(m->bus, left);
		if (r < 0 && r != -EINTR)
			return fail(e, -r, "wait for systemd's job for unit %s", m->unit);
	}
}

int manager_run_job(struct manager *m, sd_bus_message *call, struct berth_error *e)
{
	automessage sd_bus_message *reply = NULL;
	const char *job;
	int r = manager_call(m, call, &reply, e);

	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "o", &job);
	return r < 0 ? fail(e, -r, "systemd's answer about unit %s", m->unit)
		     : await_job(m, job, e);
}

int manager_unit_text(const struct manager *m, const char *interface, const char *property,
		      char **ret_text, struct berth_error *e)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	automessage sd_bus_message *call = NULL, *reply = NULL;
	const char *path;
	int r = manager_new_call(m, "GetUnit", &call, e);

	if (r == 0 && sd_bus_message_append(call, "s", m->unit) < 0)
		r = fail(e, ENOMEM, "message to systemd");
	if (r == 0)
		r = manager_call(m, call, &reply, e);
	if (r < 0)
		return r;
	r = sd_bus_message_read(reply, "o", &path);
	if (r >= 0)
		r = sd_bus_get_property_string(m->bus, m->service, path, interface, property,
					       &error, ret_text);
	r = r < 0 ? explain(m, r, &error, e) : 0;
	sd_bus_error_free(&error);
	return r;
}
