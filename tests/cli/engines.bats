#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What engines and scripts rely on beyond the life cycle: ownership of the standard streams, options of runc's and crun's
# command lines, exit statuses.
# shellcheck disable=SC2016 # scripts for inside

load ../lib/cli

@test "standard streams that are pipes belong to the process's user; files stay whose they are" {
	needs_root
	local before
	before=$(stat -c %u:%g /dev/null)
	edit '.process.user = {uid: 1000, gid: 1001}'
	echo input >"$T/in"
	mkfifo "$T/fifo" "$T/errors"
	cat "$T/fifo" >"$T/piped" 3>&- &
	cat "$T/errors" >"$T/err" 3>&- &
	sh_c 'cat /dev/stdin; echo out >>/dev/stdout; echo err >>/dev/stderr; exec sleep 1000'
	rt run --bundle "$BUNDLE" --detach "$ID" <"$T/in" >"$T/fifo" 2>"$T/errors"
	eventually grep -qx err "$T/err"
	eventually grep -qx out "$T/piped"
	grep -qx input "$T/piped"
	[ "$(stat -c %u:%g "$T/fifo" "$T/errors" | sort -u)" = 1000:0 ]
	[ "$(stat -c %u:%g "$T/in")" = 0:0 ]
	[ "$(stat -c %u:%g /dev/null)" = "$before" ]
}

@test "standard streams of exec, too; devices and files stay whose they are" {
	needs_root
	local before
	before=$(stat -c %u:%g /dev/null)
	detached
	rt exec --user 1000 "$ID" sh -c 'echo out >>/dev/stdout' 2>"$T/err" </dev/null | cat >"$T/second"
	grep -qx out "$T/second"
	[ "$(stat -c %u:%g /dev/null)" = "$before" ]
	rt exec --user 1000 "$ID" sh -c 'echo out' >"$T/third" </dev/null
	grep -qx out "$T/third"
	[ "$(stat -c %u:%g "$T/third")" = 0:0 ]
}

@test "a stream whose owner is not mapped stays as it is" {
	[ -z "${AS_USER[*]}" ] || needs_root
	needs_root
	needs_userns
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 2000}]
	      | .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000, gid: 1000}'
	find "$ROOTFS" -type d -exec chown 100000:100000 {} +
	sh_c 'echo out'
	rt run --bundle "$BUNDLE" "$ID" >"$T/out" </dev/null
	grep -qx out "$T/out"
	[ "$(stat -c %u "$T/out")" = 0 ]
}

@test "kill --regex, delete --regex: all whose id matches" {
	local id
	sh_c 'exec sleep 1000'
	for id in "$ID-a1" "$ID-a2" "$ID-b"; do
		edit '.linux.cgroupsPath = $p' --arg p "${ID}/$id"
		is_rootless && edit 'del(.linux.cgroupsPath)'
		rt run --bundle "$BUNDLE" --detach "$id" >/dev/null 2>&1 </dev/null
	done
	run rt delete --regex "$ID-a[0-9]"
	[ "$status" = 1 ]
	rt kill --regex "$ID-a[0-9]" KILL
	stopped() { [ "$(rt list -f json | jq -r '[.[] | select(.status == "stopped").id] | join(" ")')" = "$ID-a1 $ID-a2" ]; }
	eventually stopped
	rt delete --regex "$ID-a[0-9]"
	[ "$(rt list -q)" = "$ID-b" ]
	rt delete --regex --force 'no such'
	run rt delete --regex '['
	refused 'regular expression'
	rt delete -r -f .
	[ -z "$(rt list -q)" ]
	nothing_left
}

@test "the version, by the letters of runc and of crun" {
	[ "$(rt -v)" = "$(rt --version)" ]
	[ "$(rt -V)" = "$(rt --version)" ]
}

@test "a state directory with nothing but berth's cache in it is an empty list" {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}'
	in_container true
	[ "$status" = 0 ]
	# shellcheck disable=SC2153
	[ -z "$(ls -A "$STATE")" ]
	[ -z "$(rt list -q)" ]
	run rt list --format json
	is null
	rt kill --regex . KILL
	rt delete --regex --force .
}

@test "options of runc and crun that change nothing here are accepted" {
	sh_c 'exec sleep 1000'
	rt create --bundle "$BUNDLE" --no-subreaper "$ID" >/dev/null 2>&1 </dev/null
	rt start "$ID"
	rt exec --no-subreaper "$ID" true
	rt delete --force "$ID"
	(cd "$T" && rt spec --file other.json && jq -e .process other.json)
	run rt spec --bundle "$T" --file other.json
	refused 'other.json exists'
}

@test "--cgroup-manager disabled: no cgroup at all" {
	sh_c 'exec sleep 1000'
	rt --cgroup-manager disabled run --bundle "$BUNDLE" --detach --pid-file "$T/pid" "$ID" >/dev/null 2>&1 </dev/null
	[ "$(sed -n 's/^0:://p' "/proc/$(cat "$T/pid")/cgroup")" = "$(sed -n 's/^0:://p' /proc/self/cgroup)" ]
	rt exec "$ID" true
	run rt pause "$ID"
	refused 'no cgroup'
	run rt events --stats "$ID"
	refused 'no cgroup'
	rt kill --all "$ID" KILL
	eventually status_is stopped
	rt kill --all "$ID" KILL
	rt delete --force "$ID"
	nothing_left
}

@test "exit statuses are those of Debian's runc" {
	needs_root
	command -v runc >/dev/null || skip "no runc"
	# runc cannot set these rlimits on every machine, nor make its own cgroup path
	edit 'del(.process.rlimits) | .linux.cgroupsPath = $p' --arg p "/$ID"
	local words state=$T/runc-state
	both()
	{
		local ours=0 theirs=0
		rt "$@" >"$T/ours" 2>&1 </dev/null || ours=$?
		runc --root "$state" "$@" >"$T/theirs" 2>&1 </dev/null || theirs=$?
		[ $ours = $theirs ] || failed "$*: $ours, runc: $theirs" "$(cat "$T/ours" "$T/theirs")"
	}
	for words in nosuch /etc /etc/passwd; do
		edit '.process.args = [$a]' --arg a "$words"
		both run --bundle "$BUNDLE" "$ID"
		both create --bundle "$BUNDLE" "$ID"
		runc --root "$state" delete --force "$ID" 2>/dev/null || true
	done
	sh_c 'exit 42'
	both run --bundle "$BUNDLE" "$ID"
	both run --bundle /nonexistent "$ID"
	both run
	both exec "$ID" true
	both exec
	both kill "$ID"
	both delete "$ID"
	both delete --force "$ID"
	both state "$ID"
	both pause "$ID"
	both resume "$ID"
	both events --stats "$ID"
	both update --memory 100000000 "$ID"
	sh_c 'exec sleep 1000'
	edit '.process.terminal = true'
	both create --bundle "$BUNDLE" "$ID"
}
