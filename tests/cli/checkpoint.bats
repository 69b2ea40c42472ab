#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore, by means of criu: skipped where that does not work. CRIU names another one than that of $PATH.
# shellcheck disable=SC2016 # scripts for inside

load ../lib/cli

CRIU=${CRIU:-criu}

needs_criu()
{
	needs_root
	command -v "$CRIU" >/dev/null || skip "criu is not installed"
	"$CRIU" check >"$T/check" 2>&1 || skip "criu check: $(grep Error "$T/check" | head -n 1)"
}

cr()
{
	rt --criu "$CRIU" "$@"
}

# counting: a container that counts in /count, and says so on its standard output every time
counting()
{
	needs_criu
	writable
	mkdir -p "$T/outside"
	edit '.mounts += [{destination: "/outside", type: "bind", source: $s, options: ["rbind", "rw"]}]' --arg s "$T/outside"
	detached 'trap "exit 5" TERM; i=0; while :; do i=$((i + 1)); echo $i >/count; echo $i >/outside/count; sleep 0.05; done'
	eventually test -s "$ROOTFS/count"
}

count()
{
	cat "$ROOTFS/count"
}

goes_on()
{
	local before
	before=$(count)
	more() { [ "$(count)" -gt "$1" ]; }
	eventually more "$before"
}

@test "checkpoint ends and deletes the container; restore lets it go on" {
	counting
	eventually goes_on
	cr checkpoint --image-path "$T/images" "$ID"
	run rt state "$ID"
	refused 'does not exist'
	nothing_left
	local before
	before=$(count)
	cr restore --detach --image-path "$T/images" --work-path "$T/work" --bundle "$BUNDLE" --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null
	PID=$(cat "$T/pid")
	[ "$(container_status)" = running ]
	[ "$(rt state "$ID" | jq .pid)" = "$PID" ]
	goes_on
	# it goes on counting, and did not begin at 1 again
	[ "$(count)" -gt "$before" ]
	[ -s "$T/work/restore.log" ]
	# and the usual commands work with it
	run rt exec "$ID" sh -c 'cat /proc/1/cgroup; ls /outside; grep " /proc/keys " /proc/self/mountinfo; hostname'
	[ "$status" = 0 ]
	has '^0::/$'
	has '^count$'
	has ' /proc/keys ro,nosuid'
	rt kill "$ID" KILL
	eventually status_is stopped
	rt delete "$ID"
}

@test "restore in the foreground: exit status, signals, under another id" {
	counting
	cr checkpoint --image-path "$T/images" "$ID"
	"${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" --criu "$CRIU" restore --image-path "$T/images" --bundle "$BUNDLE" "$ID-2" >"$T/out" 2>&1 </dev/null &
	local berth=$!
	status_two() { [ "$(rt state "$ID-2" | jq -r .status)" = running ]; }
	eventually status_two
	goes_on
	grep -q "$ID-2" "/proc/$(rt state "$ID-2" | jq .pid)/cgroup"
	kill -TERM $berth
	status=0
	wait $berth || status=$?
	[ "$status" = 5 ] || failed "$status: $(cat "$T/out")"
	nothing_left
}

@test "standard streams: pipes and files of the caller's are the new caller's" {
	needs_criu
	sh_c 'i=0; while :; do i=$((i + 1)); echo "at $i"; sleep 0.05; done'
	mkfifo "$T/fifo"
	cat "$T/fifo" >"$T/first" 3>&- &
	rt run --detach --bundle "$BUNDLE" "$ID" >"$T/fifo" 2>"$T/err" </dev/null
	eventually grep -q 'at 3' "$T/first"
	cr checkpoint --image-path "$T/images" "$ID" || failed "$(grep Error "$T/images/dump.log")"
	cat "$T/fifo" >"$T/second" 3>&- &
	cr restore --detach --image-path "$T/images" --bundle "$BUNDLE" "$ID" >"$T/fifo" 2>>"$T/err" </dev/null
	eventually test -s "$T/second"
	# the output goes on where the first one ended: nothing is missing, nothing is there twice
	[ "$(head -n 1 "$T/second" | cut -d ' ' -f 2)" = "$(($(tail -n 1 "$T/first" | cut -d ' ' -f 2) + 1))" ]
	rt delete --force "$ID"
}

@test "checkpoint --leave-running, --pre-dump and --parent-path" {
	counting
	cr checkpoint --image-path "$T/running" --leave-running "$ID"
	[ "$(container_status)" = running ]
	[ "$(rt state "$ID" | jq .pid)" = "$PID" ]
	goes_on
	"$CRIU" check --feature mem_dirty_track >/dev/null 2>&1 || skip "no memory tracking here"
	cr checkpoint --image-path "$T/images/before" --pre-dump "$ID"
	goes_on
	cr checkpoint --image-path "$T/images/after" --parent-path ../before "$ID"
	[ -e "$T/images/after/parent" ]
	cr restore --detach --image-path "$T/images/after" --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null
	goes_on
	rt delete --force "$ID"
}

@test "a paused container" {
	counting
	rt pause "$ID"
	cr checkpoint --image-path "$T/images" --leave-running "$ID"
	rt resume "$ID"
	goes_on
}

@test "what criu cannot do is said in its own words, and the container goes on" {
	counting
	rt exec --detach "$ID" sh -c 'exec nc -lk -p 7 -e cat' >/dev/null 2>&1 </dev/null
	printf '#!/bin/sh\nfor w; do case $w in --work-dir=*) d=${w#*=} ;; esac; done\n(echo "(00.1) Info: x"; echo "(00.2) Error (criu/x.c:1): it is too odd") >$d/dump.log\nexit 1\n' >"$T/odd"
	chmod 755 "$T/odd"
	run rt --criu "$T/odd" checkpoint --image-path "$T/images" "$ID"
	refused 'exit status 1; Error \(criu/x.c:1\): it is too odd \(the whole log is .*/images/dump.log\)'
	[ "$(container_status)" = running ]
	goes_on
}

@test "a restore that fails leaves nothing" {
	counting
	cr checkpoint --image-path "$T/images" "$ID"
	rm "$T"/images/core-1.img
	run cr restore --detach --image-path "$T/images" --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'processes: .*the whole log is .*/restore.log'
	nothing_left
	run cr restore --detach --image-path "$T/none" --bundle "$BUNDLE" "$ID"
	refused 'directory .*/none: No such file'
	nothing_left
}

@test "restore makes the mount point of a file that the bundle names by a relative path" {
	needs_root
	printf '#!/bin/sh\nexit 1\n' >"$T/odd"
	chmod 755 "$T/odd"
	mkdir -p "$T/images" "$BUNDLE/rootfs"
	: >"$T/images/berth-streams"
	echo content >"$BUNDLE/hosts"
	edit '.mounts += [{destination: "/relative", type: "bind", source: "hosts", options: ["bind"]}]'
	run rt --criu "$T/odd" restore --image-path "$T/images" --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	[ -f "$ROOTFS/relative" ] || failed "$(ls -l "$ROOTFS")"
	nothing_left
}

@test "no criu" {
	needs_root
	detached
	RT_ENV+=(PATH="$T/run")
	run rt checkpoint --image-path "$T/images" "$ID"
	refused 'no program criu in \$PATH.*install CRIU'
	[ "$(container_status)" = running ]
	mkdir -p "$T/images"
	: >"$T/images/berth-streams"
	run rt restore --image-path "$T/images" --bundle "$BUNDLE" "$ID-2"
	refused 'install CRIU'
	[ "$(rt list -q)" = "$ID" ]
}

@test "refused: not running, with a terminal, a wrong page server or fd" {
	needs_root
	create_container
	run rt checkpoint "$ID"
	refused 'cannot checkpoint a container in the created state'
	rt delete --force "$ID"
	detached
	run rt checkpoint --image-path "$T/images" --page-server nowhere "$ID"
	refused 'not ADDRESS:PORT'
	run rt checkpoint --image-path "$T/images" --status-fd 77 "$ID"
	refused 'status fd 77'
	run rt checkpoint --manage-cgroups-mode some "$ID"
	refused
	rt delete --force "$ID"
	edit '.process.terminal = true'
	run rt restore --image-path "$T/images" --bundle "$BUNDLE" "$ID"
	refused 'with a terminal'
	[ -z "$(rt list -q)" ]
}
