#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # jq's variables, and those that bats reads
# SPDX-License-Identifier: Apache-2.0
#
# Cgroups as far as any machine has them: where they are made, whose they are, and that none is left. What limits do is for
# tests/vm/resources.bats, as it takes a tree with controllers.
load ../lib/cli

setup()
{
	cli_setup
	needs_root
	TREE=/sys/fs/cgroup
	[ "$(stat -fc %T $TREE)" = cgroup2fs ] || TREE=/sys/fs/cgroup/unified
	[ "$(stat -fc %T $TREE 2>/dev/null)" = cgroup2fs ] || skip "no cgroup v2 tree"
	[ -w $TREE/cgroup.procs ] || skip "the cgroup v2 tree is read-only"
	TOP=test-$ID
	STRANGER=''
}

teardown()
{
	if [ -n "${STRANGER:-}" ]; then
		kill -KILL "$STRANGER" 2>/dev/null || true
		wait "$STRANGER" 2>/dev/null || true # until then its cgroup is busy
	fi
	[ -z "${TOP:-}" ] || find "$TREE/$TOP" -depth -type d -exec rmdir {} + 2>/dev/null || true
	cli_teardown
}

# stranger PATH: a process that berth did not start, in a cgroup that berth did not make
stranger()
{
	mkdir -p "$TREE$1"
	sleep 1000 3>&- &
	STRANGER=$!
	echo "$STRANGER" >"$TREE$1/cgroup.procs"
}

at()
{
	edit '.linux.cgroupsPath = $path' --arg path "$1"
}

@test "directories that were made on the way go with the last cgroup in them" {
	at "/$TOP/a/b/one"
	detached
	grep -qx "0::/$TOP/a/b/one" "/proc/$PID/cgroup"
	at "/$TOP/a/two"
	ID=$ID-2 detached
	rt delete --force "$ID"
	[ -d "$TREE/$TOP/a/two" ] && [ ! -e "$TREE/$TOP/a/b" ]
	rt delete --force "$ID-2"
	[ ! -e "$TREE/$TOP" ]
}

@test "a directory that somebody else made stays, and so does one that is in use" {
	mkdir "$TREE/$TOP"
	at "/$TOP/a/b"
	inside exit
	[ -d "$TREE/$TOP" ] && [ ! -e "$TREE/$TOP/a" ]
	detached
	mkdir "$TREE/$TOP/a/other"
	rt delete --force "$ID"
	[ -d "$TREE/$TOP/a/other" ] && [ ! -e "$TREE/$TOP/a/b" ]
}

@test "a failed create leaves no cgroup, nor one on the way" {
	at "/$TOP/a/b"
	edit '.process.args = ["/missing"]'
	run rt create --bundle "$BUNDLE" "$ID"
	refused missing
	[ ! -e "$TREE/$TOP" ]
}

@test "many at once in one parent, which comes and goes" {
	local n pids=() failures=0
	sh_c exit
	for n in {1..24}; do
		mkdir -p "$T/$n"
		jq --arg path "/$TOP/p/$n" '.linux.cgroupsPath = $path' "$BUNDLE/config.json" >"$T/$n/config.json"
		jq --arg root "$ROOTFS" '.root.path = $root' "$T/$n/config.json" >"$T/$n/c" && mv "$T/$n/c" "$T/$n/config.json"
	done
	for n in {1..24}; do
		rt run --bundle "$T/$n" "$ID-$n" >>"$T/out" 2>&1 &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failures=$((failures + 1))
	done
	[ $failures = 0 ] || failed "$(cat "$T/out")"
	[ ! -e "$TREE/$TOP" ]
}

# ROUNDS=20 passes, too, but takes too long to be done each time
@test "fifty containers made and deleted at once, round after round" {
	local round n pids=() errors=0 rounds=${ROUNDS:-4} at_once=50
	[ -z "${IN_VM:-}" ] || rounds=1 at_once=20
	sh_c exit
	for ((round = 0; round < rounds; round++)); do
		pids=()
		for ((n = 0; n < at_once; n++)); do
			{ rt create --bundle "$BUNDLE" "$ID-$n" && rt delete --force "$ID-$n"; } >>"$T/out" 2>&1 </dev/null &
			pids+=($!)
		done
		for n in "${pids[@]}"; do
			wait "$n" || errors=$((errors + 1))
		done
	done
	[ $errors = 0 ] || failed "$(cat "$T/out")"
	nothing_left
}

has_processes()
{
	[ "$(wc -l <"$CGROUP/cgroup.procs")" -ge "$1" ]
}

@test "500 forking processes are killed and deleted in one call, paused or not" {
	local paused
	[ -z "${IN_VM:-}" ] || skip "too much for an emulated processor"
	for paused in no yes; do
		detached 'n=0; while [ $n -lt 500 ]; do while :; do (:); done & n=$((n + 1)); done 2>/dev/null; wait'
		CGROUP=$TREE$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
		eventually has_processes 500
		if [ $paused = yes ]; then
			rt pause "$ID"
			status_is paused
		fi
		rt delete --force "$ID"
		nothing_left
	done
}

@test "a cgroup with a stranger in it is refused before it is recorded" {
	stranger "/$TOP/full"
	at "/$TOP/full"
	run rt create --bundle "$BUNDLE" "$ID"
	refused "cgroup-place: cgroup /$TOP/full is not empty: process $STRANGER \(sleep\)"
	kill -0 "$STRANGER"
}

@test "delete of what a killed create left kills no stranger" {
	needs_berth
	create_container
	stranger "/$TOP/full"
	rt kill "$ID" KILL
	eventually status_is stopped
	cp "$STATE/$ID/state.json" "$T/state.json"
	jq -c --arg path "/$TOP/full" '.creating = true | .cgroup = $path' "$T/state.json" >"$STATE/$ID/state.json"
	run rt delete --force "$ID"
	[ "$status" = 0 ]
	has "not of container $ID: it stays"
	kill -0 "$STRANGER"
	[ ! -e "$STATE/$ID" ]
	rmdir "$TREE/berth-$ID"
}

@test "delete of what a killed create left kills what berth put there" {
	needs_berth
	at "/$TOP/own"
	detached 'sleep 1000 & sleep 1000'
	cp "$STATE/$ID/state.json" "$T/state.json"
	jq -c '.creating = true | .pid = 0' "$T/state.json" >"$STATE/$ID/state.json"
	rt delete --force "$ID"
	[ ! -e "$TREE/$TOP" ]
}

@test "without controllers a limit is refused with the controller's name, and no limit is needed" {
	grep -qw memory "$TREE"/cgroup.controllers && skip "this machine has the controller"
	at "/$TOP/a"
	inside exit
	edit '.linux.resources.memory.limit = 67108864'
	run rt run --bundle "$BUNDLE" "$ID"
	refused "linux.resources.memory.limit needs the memory controller, which the cgroup tree at $TREE does not have .*cgroup_no_v1=memory"
	[ ! -e "$TREE/$TOP" ]
}

@test "the systemd driver: what cannot be is told, and nothing is left" {
	needs_berth
	[ "$(rt features | jq .linux.cgroup.systemd)" = true ] || skip "built without the systemd driver"
	edit '.linux.cgroupsPath = "/a/b"'
	run rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	refused 'linux.cgroupsPath /a/b names no systemd unit .*system.slice:prefix:name'
	edit '.linux.cgroupsPath = "a.slice:b:c" | .annotations["org.systemd.property.Wants"] = "[\u0027poweroff.target\u0027]"'
	run rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	refused 'org.systemd.property.Wants: this property of systemd units cannot be set by a configuration'
	edit 'del(.annotations)'
	RT_ENV+=(BERTH_LIBEXECDIR=/missing)
	run rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	refused 'execute /missing/berth-systemd: No such file or directory'
}

@test "the systemd driver without systemd" {
	needs_berth
	[ "$(rt features | jq .linux.cgroup.systemd)" = true ] || skip "built without the systemd driver"
	[ ! -d /run/systemd/system ] || skip "systemd runs here"
	edit '.linux.cgroupsPath = "a.slice:b:c"'
	run rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	refused 'cgroup: reach systemd over D-Bus: .*is systemd process 1 here'
	RT_ENV+=(XDG_RUNTIME_DIR="$T/run")
	run rt --systemd-cgroup --rootless true create --bundle "$BUNDLE" "$ID"
	refused 'cgroup: reach your systemd instance over D-Bus: .*XDG_RUNTIME_DIR'
}

@test "no cgroup tree: the error names both ways out" {
	needs_root
	needs_berth
	mountpoint -q /sys/fs/cgroup || skip "nothing to unmount"
	in_bare() { unshare -m --propagation private sh -c 'umount -l /sys/fs/cgroup && exec "$@"' sh "$@"; }
	run in_bare "$CLI_RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	refused 'no cgroup v2 tree is mounted \(mount -t cgroup2 none /sys/fs/cgroup, or .*--cgroup-manager disabled'
	sh_c 'echo inside'
	run in_bare "$CLI_RUNTIME" --root "$STATE" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	is inside
	nothing_left
}
