/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties, from lines of text to D-Bus.
 */
#ifndef SYSTEMD_MESSAGE_H
#define SYSTEMD_MESSAGE_H

#include <systemd/sd-bus.h>

#include "base/error.h"

/* Appends an array of properties, a(sv): those of the lines, which are taken apart in place, and,
 * unless pid is 0, the process of a new scope. */
int message_append_properties(sd_bus_message *message, char *lines, unsigned int pid,
			      struct berth_error *e) must_check;

#endif
