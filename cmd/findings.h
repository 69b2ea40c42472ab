/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reporting the findings of a configuration.
 */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include <berth/config.h>

#include "print.h"

/* A runtime's `report` callback: warnings go to the log. Several errors are printed (a single one
 * is left to the error that follows). `sink` is a struct error_sink. */
void tell_findings(const struct berth_report *report, void *sink);

/* Prints all findings, for a command whose result they are. */
void print_findings(const struct berth_report *report);

/* Tells the error that a command ended with. The log gets one record, which is what engines parse;
 * people who have seen each finding get their number. */
void tell_error(const struct berth_error *e, const struct error_sink *sink);

#endif
