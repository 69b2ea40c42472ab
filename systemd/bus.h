/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's manager on D-Bus (org.freedesktop.systemd1(5)).
 */
#ifndef SYSTEMD_BUS_H
#define SYSTEMD_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "base/error.h"

#define MANAGER "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

/* A connection, and the job that is waited for. */
struct manager {
	sd_bus *bus;
	const char *unit;
	const char *service; /* the peer's name; NULL: systemd itself is the peer */
	bool user;
	uint64_t deadline; /* CLOCK_MONOTONIC, microseconds */
	char *jobs;        /* "PATH RESULT\n" of every job that has ended since we listen */
};

int manager_open(struct manager *m, struct berth_error *e) must_check;
void manager_close(struct manager *m);
int manager_new_call(const struct manager *m, const char *method, sd_bus_message **ret,
		     struct berth_error *e) must_check;
/* Calls; *ret_reply may be NULL. */
int manager_call(const struct manager *m, sd_bus_message *call, sd_bus_message **ret_reply,
		 struct berth_error *e) must_check;
/* Calls what answers with a job, and waits until that is done. */
int manager_run_job(struct manager *m, sd_bus_message *call, struct berth_error *e) must_check;
/* A property of the unit, malloc'd; -ENOENT where there is no such unit. */
int manager_unit_text(const struct manager *m, const char *interface, const char *property,
		      char **ret_text, struct berth_error *e) must_check;

static inline void unref_message(sd_bus_message **message)
{
	sd_bus_message_unref(*message);
}
#define automessage cleanup(unref_message)

#endif
