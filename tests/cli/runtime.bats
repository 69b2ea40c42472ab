#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What runtime.md says of states and operations, where no other file does.

load ../lib/cli

@test "a configuration without a process: create makes the container, start refuses, delete removes" {
	edit 'del(.process)'
	rt create --bundle "$BUNDLE" "$ID"
	[ "$(container_status)" = created ]
	run rt start "$ID"
	refused 'has no process'
	[ "$(container_status)" = created ]
	run rt run --bundle "$BUNDLE" "$ID-2"
	refused 'no process'
	rt delete --force "$ID"
	nothing_left
}

@test "state: creating, as a createRuntime hook finds it; the hook's own state says the same" {
	needs_berth "runc has no state to show then"
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script], env: ["PATH=\($path)"]}]' --arg path "$PATH" \
		--arg script "cat >$T/run/hook; env -i HOME=$T XDG_RUNTIME_DIR=$T/run $CLI_RUNTIME --root $STATE state $ID >$T/run/state 2>&1"
	inside true
	[ "$(jq -r .status "$T/run/state")" = creating ] || failed "$(cat "$T/run/state")"
	[ "$(jq -r .status "$T/run/hook")" = creating ]
	[ "$(jq -r .id "$T/run/state")" = "$ID" ]
	[ "$(jq -r .bundle "$T/run/state")" = "$BUNDLE" ]
}

@test "state: creating containers can be neither started, killed nor executed in" {
	needs_berth "runc has no state to show then"
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script], env: ["PATH=\($path)"]}]' --arg path "$PATH" \
		--arg script "env -i HOME=$T XDG_RUNTIME_DIR=$T/run $CLI_RUNTIME --root $STATE kill $ID KILL >$T/run/kill 2>&1; exit 0"
	inside 'echo it runs'
	is 'it runs'
	grep -q 'not running' "$T/run/kill"
}

@test "root.path: relative to the bundle, wherever berth is called from" {
	edit '.root.path = "./rootfs/../rootfs"'
	sh_c 'ls /bin/busybox'
	cd /
	run rt run --bundle "$BUNDLE" "$ID"
	is /bin/busybox
}

@test "root: without it there is no container" {
	edit 'del(.root)'
	in_container true
	refused '/root: '
	edit '.root = {}'
	in_container true
	refused '"path" is missing'
}

@test "commandLine is for Windows, and refused by name" {
	edit '.process.commandLine = "cmd.exe"'
	in_container true
	refused '/process/commandLine: '
}

@test "consoleSize without a terminal is ignored" {
	edit '.process.consoleSize = {height: 70000, width: 4}'
	inside 'echo it runs'
	is 'it runs'
}

@test "annotations: in the state, untouched; an empty key is an error" {
	edit '.annotations = {"com.example.a": "", "com.example.b/c~d": "x \"y\" \u00e9"}'
	create_container
	[ "$(rt state "$ID" | jq -r '.annotations["com.example.b/c~d"]')" = 'x "y" é' ]
	[ "$(rt state "$ID" | jq -r '.annotations["com.example.a"]')" = '' ]
	rt delete --force "$ID"
	edit '.annotations = {"": "x"}'
	in_container true
	refused '/annotations/'
}

@test "the state is as the schema wants it, at each point" {
	command -v python3 >/dev/null || skip "needs python3"
	create_container
	rt state "$ID" >"$T/created.json"
	rt start "$ID"
	eventually status_is stopped
	rt state "$ID" >"$T/stopped.json"
	local file
	for file in created stopped; do
		python3 "$CLI_SOURCE/tests/lib/schema.py" validate "$CLI_SOURCE/tests/decode/schema/state-schema.json" "$T/$file.json"
	done
}

@test "features are as the schema wants them" {
	command -v python3 >/dev/null || skip "needs python3"
	rt features >"$T/features.json"
	python3 "$CLI_SOURCE/tests/lib/schema.py" validate "$CLI_SOURCE/tests/decode/schema/features-schema.json" "$T/features.json"
}

@test "the default file systems are there" {
	inside 'for i in /proc /sys /dev/pts /dev/shm; do awk -v at=$i "\$5 == at { for (i = 7; \$i != \"-\"; i++); print at, \$(i + 1) }" /proc/self/mountinfo; done'
	has '^/proc proc$'
	has '^/sys (sysfs|none)$|^/sys '
	has '^/dev/pts devpts$'
	has '^/dev/shm tmpfs$'
}
