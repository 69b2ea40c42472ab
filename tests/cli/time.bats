#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.timeOffsets: the clocks of a time namespace.

load ../lib/cli

setup()
{
	cli_setup
	[ -e /proc/self/ns/time ] || skip "no time namespaces in this kernel"
	edit '.linux.namespaces += [{type: "time"}]'
}

seconds_up()
{
	cut -d . -f 1 /proc/uptime
}

@test "a time namespace without offsets" {
	inside 'readlink /proc/self/ns/time; cat /proc/self/timens_offsets'
	[ "${lines[0]}" != "$(readlink /proc/self/ns/time)" ]
	has '^monotonic +0 +0$'
	has '^boottime +0 +0$'
}

@test "both clocks, seconds and nanoseconds" {
	edit '.linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 5}, monotonic: {secs: 70000, nanosecs: 999999999}}'
	inside 'cat /proc/self/timens_offsets; cut -d . -f 1 /proc/uptime; [ $(readlink /proc/self/ns/time) = $(readlink /proc/self/ns/time_for_children) ] && echo same'
	has '^monotonic +70000 +999999999$'
	has '^boottime +1000000 +5$'
	has '^same$'
	local up=$((lines[2] - $(seconds_up)))
	[ $up -ge 999990 ] && [ $up -le 1000010 ] || failed "$up seconds"
}

@test "one clock alone; a negative offset" {
	edit '.linux.timeOffsets = {boottime: {secs: -1}}'
	inside 'cat /proc/self/timens_offsets'
	has '^monotonic +0 +0$'
	has '^boottime +-1 +0$'
	edit '.linux.timeOffsets = {monotonic: {nanosecs: 7}}'
	inside 'cat /proc/self/timens_offsets'
	has '^monotonic +0 +7$'
}

@test "offsets in a user namespace with several ids" {
	needs_root
	edit '.linux.timeOffsets = {boottime: {secs: 500}}'
	in_userns
	inside 'cat /proc/self/timens_offsets'
	has '^boottime +500 +0$'
}

@test "exec and hooks inside see the same clocks" {
	edit '.linux.timeOffsets = {boottime: {secs: 3600000}}'
	detached
	needs_command exec
	run rt exec "$ID" /bin/cut -d . -f 1 /proc/uptime
	[ "$status" = 0 ] && [ "$output" -gt 3600000 ] || failed "$output"
}

@test "the container's state is not confused by the clocks" {
	edit '.linux.timeOffsets = {boottime: {secs: 3600000}}'
	detached
	status_is running
	rt kill "$ID" KILL
	eventually status_is stopped
	rt delete "$ID"
}

@test "offsets without a time namespace of its own, and out of range, are errors" {
	edit '.linux.timeOffsets = {boottime: {secs: -9000000000000000}}'
	in_container true
	refused 'clocks: set the clocks. offsets: .*out of range'
	nothing_left
	edit '.linux.namespaces |= map(select(.type != "time"))'
	in_container true
	refused '/linux/timeOffsets: needs a new time namespace'
	edit '.linux.timeOffsets = {boottime: {nanosecs: 1000000000}} | .linux.namespaces += [{type: "time"}]'
	in_container true
	refused '/linux/timeOffsets/boottime/nanosecs'
}
