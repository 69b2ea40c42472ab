#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources: each limit as the container's own cgroup tells it inside. Where the host has not given the controller to its cgroup v2 tree there is
# nothing to be seen, and berth says so (cgroup.bats).

load ../lib/cli

setup()
{
	cli_setup
	needs_root
	TREE=$(awk '$0 ~ / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
}

# controller NAME: skips where the v2 tree does not have it
controller()
{
	grep -qw "$1" "$TREE/cgroup.controllers" || skip "the $1 controller is not in the cgroup v2 tree here"
}

# own_file NAME: skips where this kernel has no such file; the limit is set already, so that its controller is there
own_file()
{
	sh_c "[ -e /sys/fs/cgroup/$1 ]"
	rt run --bundle "$BUNDLE" "$ID-probe" 2>/dev/null || skip "this kernel has no $1"
}

resources()
{
	edit '.linux.resources = (.linux.resources // {}) + $resources' --argjson resources "$1"
}

# tells FILE WANTED: the file of the container's cgroup, read inside
tells()
{
	inside "cat /sys/fs/cgroup/$1"
	is "$2"
}

@test "memory: limit, reservation, swap" {
	controller memory
	resources '{"memory": {"limit": 67108864, "reservation": 33554432}}'
	tells memory.max 67108864
	tells memory.low 33554432
	resources '{"memory": {"limit": 67108864, "swap": 100663296}}'
	own_file memory.swap.max
	tells memory.swap.max 33554432
}

@test "memory: the limit takes effect" {
	controller memory
	resources '{"memory": {"limit": 16777216, "swap": 16777216}}'
	in_container 'dd if=/dev/zero of=/dev/shm/x bs=1M count=40 2>/dev/null || echo "dd ended with $?"'
	# the kernel kills dd or the shell
	[ "$status" = 137 ] || has '^dd ended with 137$'
}

@test "memory: -1 is no limit, and what engines write for none is none" {
	controller memory
	resources '{"memory": {"limit": -1, "kernel": -1, "kernelTCP": 0, "disableOOMKiller": false, "useHierarchy": true, "checkBeforeUpdate": true}}'
	tells memory.max max
}

@test "cpu: shares, quota, period, burst, idle" {
	controller cpu
	resources '{"cpu": {"shares": 1024, "quota": 50000, "period": 20000}}'
	tells cpu.weight 100
	tells cpu.max '50000 20000'
	resources '{"cpu": {"quota": 50000, "period": 20000, "burst": 10000}}'
	own_file cpu.max.burst
	tells cpu.max.burst 10000
	resources '{"cpu": {"idle": 1}}'
	own_file cpu.idle
	tells cpu.idle 1
}

@test "cpu: cpus and mems" {
	controller cpuset
	resources '{"cpu": {"cpus": "0", "mems": "0"}}'
	tells cpuset.cpus 0
	tells cpuset.mems 0
	inside 'grep ^Cpus_allowed_list /proc/self/status'
	is $'Cpus_allowed_list:\t0'
}

@test "pids: the limit is there, and bites" {
	controller pids
	resources '{"pids": {"limit": 12}}'
	tells pids.max 12
	in_container 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 1 & done; wait; echo all'
	has 'fork|Resource temporarily unavailable'
	resources '{"pids": {"limit": 0}}'
	inside 'exec cat /sys/fs/cgroup/pids.max'
	is 1
	in_container 'true & wait; echo all'
	has 'fork|Resource temporarily unavailable'
	resources '{"pids": {"limit": -1}}'
	tells pids.max max
}

@test "blockIO: weight" {
	controller io
	resources '{"blockIO": {"weight": 500}}'
	inside 'cat /sys/fs/cgroup/io.bfq.weight 2>/dev/null || cat /sys/fs/cgroup/io.weight'
	has '^default (500|4950)$'
}

# disk: the numbers of a disk that can be throttled
disk()
{
	DISK=$(lsblk -dnro MAJ:MIN,TYPE 2>/dev/null | awk '$2 == "disk" { print $1; exit }')
	[ -n "$DISK" ] || skip "no disk here"
	MAJOR=${DISK%:*} MINOR=${DISK#*:}
}

@test "blockIO: bytes and operations a second, read and written" {
	controller io
	disk
	local at="\"major\": $MAJOR, \"minor\": $MINOR"
	resources "{\"blockIO\": {\"throttleReadBpsDevice\": [{$at, \"rate\": 1048576}], \"throttleWriteBpsDevice\": [{$at, \"rate\": 2097152}],
		\"throttleReadIOPSDevice\": [{$at, \"rate\": 300}], \"throttleWriteIOPSDevice\": [{$at, \"rate\": 400}]}}"
	tells io.max "$DISK rbps=1048576 wbps=2097152 riops=300 wiops=400"
}

@test "blockIO: a weight for a device" {
	controller io
	disk
	resources "{\"blockIO\": {\"weightDevice\": [{\"major\": $MAJOR, \"minor\": $MINOR, \"weight\": 300}]}}"
	own_file io.bfq.weight
	inside 'cat /sys/fs/cgroup/io.bfq.weight'
	has "^$DISK 300$"
}

@test "hugepageLimits" {
	controller hugetlb
	resources '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
	own_file hugetlb.2MB.max
	tells hugetlb.2MB.max 4194304
	resources '{"hugepageLimits": [{"pageSize": "3MB", "limit": 4194304}]}'
	in_container true
	[ "$status" = 1 ]
	has '3MB'
}

@test "unified: any file of the cgroup" {
	controller hugetlb
	resources '{"unified": {"hugetlb.2MB.max": "2097152", "cgroup.max.depth": "7"}}'
	own_file hugetlb.2MB.max
	tells hugetlb.2MB.max 2097152
	tells cgroup.max.depth 7
	resources '{"unified": {"no.such": "1"}}'
	in_container true
	[ "$status" = 1 ]
	has 'needs the no controller'
}

@test "what cgroup v1 alone has is refused by name" {
	local part
	for part in '"memory": {"kernel": 10000000}' '"memory": {"kernelTCP": 10000000}' '"memory": {"swappiness": 3}' \
		'"memory": {"disableOOMKiller": true}' '"memory": {"useHierarchy": false}' '"cpu": {"realtimeRuntime": 1000}' \
		'"cpu": {"realtimePeriod": 1000}' '"blockIO": {"leafWeight": 100}' \
		'"blockIO": {"weightDevice": [{"major": 7, "minor": 0, "leafWeight": 100}]}' '"network": {"classID": 3}' \
		'"network": {"priorities": [{"name": "lo", "priority": 3}]}'; do
		edit '.linux.resources = $resources' --argjson resources "{$part}"
		in_container 'echo it runs'
		refused 'config\.json:[0-9]+:[0-9]+: /linux/resources/[a-zA-Z0-9/]+: cgroup v2 '
	done
	nothing_left
}

@test "rdma: a device that is not there is an error" {
	resources '{"rdma": {"berth_no_such0": {"hcaHandles": 2, "hcaObjects": 2000}}}'
	in_container true
	[ "$status" = 1 ]
	has 'rdma'
	nothing_left
}

@test "each row of the table in docs/cgroups.md has its test" {
	local property file name n=0 docs=$CLI_SOURCE/docs/cgroups.md vm=$CLI_SOURCE/tests/vm/resources.bats
	while IFS='|' read -r _ property file _ _; do
		n=$((n + 1))
		for name in $(grep -o '`[^`]*`' <<<"$file" | tr -d '`'); do
			# read on the host and inside
			grep -q "file_is ${name/SIZE/2MB} " "$vm" || [ "$name" = KEY ] || failed "nothing reads $name"
		done
		[[ $file != *[a-zA-Z]* ]] || continue
		for name in $(grep -o '`[^`]*`' <<<"$property" | tr -d '`'); do
			grep -q "\"${name##*.}\": " "$BATS_TEST_FILENAME" || failed "nothing tests $name"
		done
	done < <(sed -n '/^| property /,/^$/p' "$docs" | sed '1,2d;/^$/d')
	[ "$n" -gt 20 ]
}
