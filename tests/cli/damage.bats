#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A state directory that is not as berth left it.

load ../lib/cli.bash

# damaged COMMAND...: a running container whose state.json the command has changed; $KEPT is a copy of the good one
damaged()
{
	needs_root
	needs_berth "each runtime has its own files"
	detached
	KEPT=$T/state.json
	cp "$STATE/$ID/state.json" "$KEPT"
	"$@" "$STATE/$ID/state.json"
}

is_dead()
{
	[ ! -e "/proc/$PID/exe" ] || ! readlink "/proc/$PID/exe"
}

@test "a state.json that is cut off: delete --force ends the container by its cgroup" {
	damaged truncate -s 40
	run rt delete "$ID"
	refused 'is damaged: only --force'
	run rt delete --force "$ID"
	[ "$status" = 0 ] || failed "$output"
	has 'is damaged: state.json:1:[0-9]+: '
	eventually is_dead
	nothing_left
}

@test "an empty state.json: the same" {
	damaged truncate -s 0
	run rt delete --force "$ID"
	[ "$status" = 0 ] || failed "$output"
	has 'is damaged: state.json: the file is empty'
	eventually is_dead
	nothing_left
}

@test "a damaged state.json and no way to the cgroup: delete --force says so, and removes nothing" {
	damaged truncate -s 40
	mv "$STATE/$ID/config.json" "$T/kept"
	run rt delete --force "$ID"
	refused 'is damaged: state.json:1:[0-9]+: .*config.json: No such file or directory .*end its processes'
	[ -e "$STATE/$ID/state.json" ]
	run ! is_dead
	cp "$KEPT" "$STATE/$ID/state.json"
	mv "$T/kept" "$STATE/$ID/config.json"
}

@test "a cgroup that is another's is left alone, though the damaged container's is meant to be there" {
	damaged truncate -s 0
	local cgroup
	cgroup=$(cgroups_left)
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.berth.container", b"other")' "$cgroup"
	run rt delete --force "$ID"
	refused 'is not marked as its own'
	run ! is_dead
	cp "$KEPT" "$STATE/$ID/state.json"
}

@test "a state.json that cannot be read at all is named" {
	damaged rm
	mkdir "$STATE/$ID/state.json"
	run rt delete --force "$ID"
	refused "read state.json: Is a directory"
	rmdir "$STATE/$ID/state.json"
	cp "$KEPT" "$STATE/$ID/state.json"
}
