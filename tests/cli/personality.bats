#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.personality.

load ../lib/cli

@test "LINUX32 shows a 32 bit machine, to exec, too" {
	[ "$(uname -m)" = x86_64 ] || skip "x86_64"
	edit '.linux.personality = {domain: "LINUX32"}'
	inside 'uname -m; cat /proc/self/personality'
	has '^i686$'
	has '^0*8$'
	detached
	needs_command exec
	run rt exec "$ID" /bin/uname -m
	is i686
}

@test "LINUX is the default, and undoes what the caller has" {
	edit '.linux.personality = {domain: "LINUX", flags: []}'
	inside 'uname -m; cat /proc/self/personality'
	has "^$(uname -m)\$"
	has '^0*$'
}

@test "no flags are known, and no other domains" {
	edit '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'
	in_container true
	refused '/linux/personality/flags'
	edit '.linux.personality = {domain: "BSD"}'
	in_container true
	refused '/linux/personality/domain'
	edit '.linux.personality = {}'
	in_container true
	refused '"domain" is missing'
}
