#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause, resume, update, events, and what is told of an OOM kill.
# shellcheck disable=SC2016 # scripts for inside

load ../lib/cli

# needs_cgroup: $CGROUP is the container's; skips where it has none
needs_cgroup()
{
	local path
	path=$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
	CGROUP=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)$path
	[[ $path == *"$ID"* ]] || skip "the container has no cgroup of its own"
}

# needs_controller NAME...
needs_controller()
{
	local name
	for name; do
		grep -qw "$name" "$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/cgroup.controllers" || skip "no $name controller in the v2 tree"
	done
	needs_root
}

# counting: a container that writes a line to /proc/1/fd/1 every 50 ms
counting()
{
	detached 'while :; do echo x; sleep 0.05; done'
	needs_cgroup
	eventually test -s "$T/out"
}

grown()
{
	[ "$(wc -c <"$T/out")" -gt "$1" ]
}

@test "pause stops the processes, resume lets them go on" {
	counting
	rt pause "$ID"
	[ "$(container_status)" = paused ]
	[ "$(rt list --format json | jq -r '.[].status')" = paused ]
	local before
	before=$(wc -c <"$T/out")
	sleep 0.3
	[ "$(wc -c <"$T/out")" = "$before" ]
	rt resume "$ID"
	[ "$(container_status)" = running ]
	eventually grown "$before"
}

@test "pause of a paused, resume of a running, either of a stopped or no container: errors" {
	detached
	needs_cgroup
	run rt resume "$ID"
	[ "$status" = 1 ]
	has 'container not paused'
	rt pause "$ID"
	run rt pause "$ID"
	[ "$status" = 1 ]
	has 'container not running'
	rt kill "$ID" KILL
	eventually status_is stopped
	run rt pause "$ID"
	[ "$status" = 1 ]
	has 'container not running'
	run rt resume "$ID"
	[ "$status" = 1 ]
	has 'container not paused'
	rt delete "$ID"
	run rt pause "$ID"
	[ "$status" = 1 ]
	has 'does not exist'
}

@test "a created container can be paused, and is created again" {
	sh_c 'exec sleep 1000'
	create_container
	needs_cgroup
	rt pause "$ID"
	[ "$(container_status)" = paused ]
	run rt start "$ID"
	[ "$status" = 1 ]
	has 'paused'
	rt resume "$ID"
	[ "$(container_status)" = created ]
	rt start "$ID"
	[ "$(container_status)" = running ]
}

@test "exec in a paused container is refused, or waits with --ignore-paused" {
	detached
	needs_cgroup
	rt pause "$ID"
	run rt exec "$ID" true
	[ "$status" = 255 ]
	has 'cannot exec in a paused container \(use --ignore-paused to override\)'
	rt_background exec --ignore-paused "$ID" echo "came through" >"$T/waiting" 2>&1 </dev/null
	sleep 0.3
	[ ! -s "$T/waiting" ]
	rt resume "$ID"
	wait $!
	grep -q 'came through' "$T/waiting"
}

@test "a paused container can be killed, and is thawed by that" {
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	is_rootless && edit '.mounts |= map(if .type == "proc" then {destination: "/proc", type: "bind", source: "/proc", options: ["rbind"]} else . end)'
	detached 'sleep 1000 & exec sleep 1001'
	needs_cgroup
	rt pause "$ID"
	rt kill "$ID" KILL
	eventually status_is stopped
	grep -qx 'frozen 0' "$CGROUP/cgroup.events"
	rt delete "$ID"
	nothing_left
}

@test "a paused container can be killed and deleted at once" {
	detached
	needs_cgroup
	rt pause "$ID"
	rt kill "$ID" KILL
	rt delete "$ID"
	nothing_left
}

@test "a paused container gets a signal when it is resumed" {
	detached 'trap "exit 0" TERM; echo ready; while :; do sleep 0.05; done'
	needs_cgroup
	eventually grep -q ready "$T/out"
	rt pause "$ID"
	rt kill "$ID" TERM
	sleep 0.2
	[ "$(container_status)" = paused ]
	rt resume "$ID"
	eventually status_is stopped
}

@test "a paused container can be deleted by force, fork bomb and all" {
	detached 'i=0; while [ $i -lt 50 ]; do i=$((i + 1)); sleep 1000 & done; echo ready; wait'
	needs_cgroup
	eventually grep -q ready "$T/out"
	rt pause "$ID"
	run rt delete "$ID"
	[ "$status" = 1 ]
	rt delete --force "$ID"
	nothing_left
}

emptied()
{
	[ -z "$(cat "$CGROUP/cgroup.procs")" ]
}

@test "kill --all reaches every process; of a stopped container it is no error" {
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	is_rootless && edit '.mounts |= map(if .type == "proc" then {destination: "/proc", type: "bind", source: "/proc", options: ["rbind"]} else . end)'
	detached 'sleep 1000 & sleep 1000 & exec sleep 1000'
	needs_cgroup
	rt kill --all "$ID" KILL
	eventually status_is stopped
	eventually emptied
	rt kill --all "$ID" KILL
	run rt kill "$ID" KILL
	[ "$status" = 1 ]
	has 'container not running'
}

@test "events --stats: one line of JSON as runc's" {
	detached 'i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; exec sleep 1000'
	needs_cgroup
	run rt events --stats "$ID"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1 ]
	jq -e --arg id "$ID" '.type == "stats" and .id == $id and .data.cpu.usage.total > 0
	      and (.data | has("memory") and has("pids") and has("blkio") and has("hugetlb"))' <<<"$output"
	needs_controller memory pids
	eventually counts_memory
}

# the kernel adds up what the processors have counted every two seconds
counts_memory()
{
	rt events --stats "$ID" | jq -e '.data.memory.usage.usage > 0 and .data.memory.raw.anon > 0 and .data.pids.current >= 1' >"$T/jq"
}

has_lines()
{
	[ "$(wc -l <"$T/events")" -ge "$1" ]
}

@test "events: a line at each interval, until the container ends" {
	detached
	needs_cgroup
	rt_background events --interval 0m0.1s "$ID" >"$T/events" 2>&1 </dev/null
	eventually has_lines 2
	rt kill "$ID" KILL
	wait $!
	jq -es 'all(.[]; .type == "stats")' "$T/events"
}

@test "events and update of a container that does not run, and wrong words" {
	detached
	needs_cgroup
	local words
	for words in 0s -1s x 1x 1.2.3s . 9999999h; do
		run rt events --interval "$words" "$ID"
		refused 'interval'
	done
	for words in "--memory foo" "--memory 1X" "--memory 1.5X" "--memory 1." "--memory .5G" "--memory -1.5G" "--memory 1.2.3G" "--memory 9999999.9T" "--memory 99999999999G" "--cpu-share 1.5" "--pids-limit x" "--cpuset-cpus 0-a" "--cpu-quota 5"; do
		# shellcheck disable=SC2086
		run rt update $words "$ID"
		[ "$status" = 1 ] || failed "$words: $status $output"
	done
	rt kill "$ID" KILL
	eventually status_is stopped
	run rt events --stats "$ID"
	[ "$status" = 1 ]
	has 'not running'
	run rt update --memory 100M "$ID"
	[ "$status" = 1 ]
	has 'not running'
}

@test "update: what cannot be done is refused by name, what is nothing is nothing" {
	detached
	needs_cgroup
	rt update "$ID"
	echo '{}' | rt update --resources - "$ID"
	run rt update --cpu-rt-period 1000 "$ID"
	[ "$status" = 1 ]
	has 'realtimePeriod'
	run rt update --l3-cache-schema 'L3:0=f' "$ID"
	refused 'RDT'
	run rt update --resources "$T/none" "$ID"
	refused 'none'
	echo '{"memory": {"limit": "x"}}' >"$T/resources"
	run rt update --resources "$T/resources" "$ID"
	[ "$status" = 1 ]
	has 'resources:1:22: /memory/limit: expected an integer'
	run rt update --resources - "$ID" </dev/null
	refused 'empty'
}

# the kernel keeps whole pages
@test "update: sizes as runc takes them" {
	local size limit
	detached
	needs_cgroup
	while read -r size limit; do
		run rt update --memory "${size/_/ }" "$ID"
		has_not 'not a number|too large'
		! grep -qw memory "$CGROUP/cgroup.controllers" || [ "$(cat "$CGROUP/memory.max")" = "$limit" ]
	done <<-'SIZES'
		1.5G 1610612736
		0.25gb 268435456
		100_MiB 104857600
		64.5m 67633152
		-1 max
		200000.7k 204800000
	SIZES
}

@test "update: without the controller the error names it" {
	detached
	needs_cgroup
	! grep -qw memory "$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/cgroup.controllers" || skip "there is a memory controller"
	run rt update --memory 100M "$ID"
	[ "$status" = 1 ]
	has 'memory controller'
}

@test "update: each option, and what is not given stays" {
	needs_controller memory cpu pids cpuset
	edit '.linux.resources = {pids: {limit: 77}, memory: {limit: 200000000}}'
	detached
	needs_cgroup
	rt update --memory 100M --memory-reservation 50m --memory-swap 150MiB "$ID"
	[ "$(cat "$CGROUP/memory.max")" = 104857600 ]
	[ "$(cat "$CGROUP/memory.low")" = 52428800 ]
	[ ! -e "$CGROUP/memory.swap.max" ] || [ "$(cat "$CGROUP/memory.swap.max")" = 52428800 ]
	[ "$(cat "$CGROUP/pids.max")" = 77 ]
	rt update --cpu-quota 30000 --cpu-period 60000 --cpu-share 2048 "$ID"
	[ "$(cat "$CGROUP/cpu.max")" = '30000 60000' ]
	[ "$(cat "$CGROUP/cpu.weight")" != 100 ]
	rt update --cpu-quota 45000 "$ID"
	[ "$(cat "$CGROUP/cpu.max")" = '45000 60000' ]
	rt update --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 33 "$ID"
	[ "$(cat "$CGROUP/cpuset.cpus")" = 0 ]
	[ "$(cat "$CGROUP/pids.max")" = 33 ]
	echo '{"memory": {"limit": -1}, "pids": {"limit": -1}, "unified": {"memory.high": "90000000"}}' | rt update -r - "$ID"
	[ "$(cat "$CGROUP/memory.max")" = max ]
	[ "$(cat "$CGROUP/pids.max")" = max ]
	[ "$(cat "$CGROUP/memory.high")" -gt 80000000 ]
	[ "$(cat "$CGROUP/cpu.max")" = '45000 60000' ]
	rt exec "$ID" true
}

@test "an OOM kill: state, the log and events tell" {
	needs_controller memory
	edit '.linux.resources = {memory: {limit: 20000000, swap: 20000000}}'
	writable
	detached 'while [ ! -e /go ]; do sleep 0.05; done; exec tail /dev/zero'
	needs_cgroup
	rt_background events --interval 1m30s "$ID" >"$T/events" 2>&1 </dev/null
	sleep 0.3
	rt exec "$ID" touch /go
	eventually status_is stopped
	wait $!
	jq -e '.type == "oom"' "$T/events"
	rt state "$ID" | jq -e '.oom.kills >= 1 and .oom.limit == 19996672'
	run rt delete "$ID"
	[ "$status" = 0 ]
	has "warning: container $ID: the OOM killer ended [1-9][0-9]* of its processes \(memory limit 19996672 bytes"
	nothing_left
}

@test "no OOM kill: state says nothing of one" {
	detached
	rt kill "$ID" KILL
	eventually status_is stopped
	rt state "$ID" | jq -e 'has("oom") | not'
}

# The kill thaws what it has killed: not before the pause, which is slowed down here, has seen that it has succeeded.
@test "a container is killed while it is being paused: the pause does not wait for ever" {
	needs_berth
	command -v strace >/dev/null || skip "needs strace"
	detached
	needs_cgroup
	strace -o "$T/strace" -e trace=pread64 -e inject=pread64:delay_enter=1000000:when=1 "${AS_USER[@]}" "${RT_ENV[@]}" \
		"$CLI_RUNTIME" --root "$STATE" pause "$ID" >"$T/said" 2>&1 </dev/null 3>&- &
	local pause=$!
	eventually grep -q "frozen 1" "$CGROUP/cgroup.events"
	rt kill "$ID" KILL
	wait "$pause" || failed "$(cat "$T/said")"
	eventually status_is stopped
	[ ! -e "$CGROUP/cgroup.freeze" ] || grep -qx 0 "$CGROUP/cgroup.freeze" # systemd removes an empty scope
	rt delete "$ID"
}
