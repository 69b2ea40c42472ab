#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt. Few machines have it, and no virtual one: what can be shown without is that it is an error there. The rules
# themselves are proved by tests/unit/test_rdt.c.

load ../lib/cli

# with_resctrl: skips where there is none; RESCTRL is where it is mounted
with_resctrl()
{
	needs_root
	RESCTRL=$(awk '$0 ~ / - resctrl / { print $5; exit }' /proc/self/mountinfo)
	[ -n "$RESCTRL" ] || skip "no resctrl is mounted: the processor has no RDT, or the kernel no support"
}

@test "without resctrl it is an error, whatever is asked for" {
	! grep -q ' - resctrl ' /proc/self/mountinfo || skip "resctrl is mounted"
	local rdt
	for rdt in '{}' '{"closID": "/"}' '{"closID": "x", "schemata": ["L3:0=f"]}' '{"enableMonitoring": true}' \
		'{"l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20"}'; do
		edit '.linux.intelRdt = $rdt' --argjson rdt "$rdt"
		in_container 'echo it runs'
		refused 'find-rdt: no resctrl file system is mounted'
		nothing_left
	done
}

@test "bad names and schemata are errors of the configuration" {
	local rdt
	for rdt in '{"closID": "a/b"}' '{"closID": ".."}' '{"schemata": ["L3:0=f\nMB:0=1"]}' '{"memBwSchema": "L3:0=1"}'; do
		edit '.linux.intelRdt = $rdt' --argjson rdt "$rdt"
		in_container 'echo it runs'
		refused '/linux/intelRdt/'
	done
}

@test "a class of the container's own, with a monitoring group: made, joined, removed" {
	with_resctrl
	edit '.linux.intelRdt = {enableMonitoring: true}'
	detached
	grep -qx "$PID" "$RESCTRL/$ID/tasks"
	grep -qx "$PID" "$RESCTRL/$ID/mon_groups/$ID/tasks"
	rt delete --force "$ID"
	[ ! -e "$RESCTRL/$ID" ]
}

@test "the default class, and one that is there: joined, and left as they are" {
	with_resctrl
	edit '.linux.intelRdt = {closID: "/"}'
	detached
	grep -qx "$PID" "$RESCTRL/tasks"
	rt delete --force "$ID"
	mkdir "$RESCTRL/berth-test"
	edit '.linux.intelRdt = {closID: "berth-test"}'
	detached
	grep -qx "$PID" "$RESCTRL/berth-test/tasks"
	rt delete --force "$ID"
	rmdir "$RESCTRL/berth-test"
}
