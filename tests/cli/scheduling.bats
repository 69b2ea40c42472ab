#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.scheduler, ioPriority, execCPUAffinity and linux.memoryPolicy, as the kernel tells them inside.

load ../lib/cli

# policy, real-time priority and nice value of the shell
told='set -- $(cut -d ")" -f 2 /proc/self/stat); echo "policy ${39} priority ${38} nice ${17}"'

scheduler()
{
	edit '.process.scheduler = $scheduler' --argjson scheduler "$1"
}

# may_nice: skips where the machine does not let this user have real-time classes
may_nice()
{
	needs_root
	chrt -f 1 true 2>/dev/null || skip "no real-time scheduling here"
}

@test "without a scheduler it is the caller's" {
	inside "$told"
	is "policy 0 priority 0 nice $(nice)"
}

@test "scheduler: SCHED_OTHER, SCHED_BATCH and SCHED_IDLE, with nice values" {
	scheduler '{"policy": "SCHED_OTHER", "nice": 7}'
	inside "$told"
	is 'policy 0 priority 0 nice 7'
	scheduler '{"policy": "SCHED_BATCH", "nice": 19}'
	inside "$told"
	is 'policy 3 priority 0 nice 19'
	scheduler '{"policy": "SCHED_IDLE"}'
	inside "$told"
	has '^policy 5 priority 0'
}

@test "scheduler: SCHED_FIFO and SCHED_RR with their priorities" {
	may_nice
	scheduler '{"policy": "SCHED_FIFO", "priority": 7}'
	inside "$told"
	has '^policy 1 priority 7'
	scheduler '{"policy": "SCHED_RR", "priority": 99}'
	inside "$told"
	has '^policy 2 priority 99'
	scheduler '{"policy": "SCHED_OTHER", "nice": -5}'
	inside "$told"
	has 'nice -5$'
}

@test "scheduler: a real-time policy within a user namespace" {
	may_nice
	in_userns
	scheduler '{"policy": "SCHED_FIFO", "priority": 3}'
	inside "$told; id -u"
	is $'policy 1 priority 3 nice 0\n0'
}

@test "scheduler: SCHED_DEADLINE with runtime, deadline, period" {
	may_nice
	chrt -d -T 1000000 -D 10000000 -P 20000000 0 true 2>/dev/null || skip "no deadline scheduling here"
	scheduler '{"policy": "SCHED_DEADLINE", "runtime": 2000000, "deadline": 10000000, "period": 20000000}'
	edit '.process.args = ["/bin/cat", "/proc/self/stat", "/proc/self/sched"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ] || failed "$output"
	[ "$(head -n 1 <<<"$output" | cut -d ' ' -f 41)" = 6 ] || failed "$output"
	if grep -q '^dl\.' <<<"$output"; then
		has '^dl\.runtime +: +'
		has '^dl\.deadline +: +'
	fi
}

@test "scheduler: flags" {
	may_nice
	# what is forked loses it
	scheduler '{"policy": "SCHED_FIFO", "priority": 7, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}'
	inside 'cut -d " " -f 40,41 /proc/$$/stat; cat /proc/self/stat | cut -d " " -f 40,41'
	is $'7 1\n0 0'
}

@test "scheduler: what the kernel refuses is an error, and nothing is left" {
	scheduler '{"policy": "SCHED_ISO"}'
	in_container true
	refused 'SCHED_ISO'
	scheduler '{"policy": "SCHED_FIFO", "priority": 100}'
	in_container true
	refused 'priority'
	scheduler '{"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_UTIL_CLAMP_MIN"]}'
	in_container true
	[ "$status" = 0 ] || refused 'scheduling: set the scheduler|outer-scheduling: set the scheduler'
	nothing_left
}

@test "scheduler: SCHED_FIFO is refused to an ordinary user by name" {
	is_rootless || skip "root may"
	scheduler '{"policy": "SCHED_FIFO", "priority": 1}'
	in_container true
	refused 'outer-scheduling: set the scheduler to SCHED_FIFO: Operation not permitted .*CAP_SYS_NICE'
	nothing_left
}

@test "scheduler: hooks in the container run without it" {
	scheduler '{"policy": "SCHED_IDLE"}'
	writable
	edit '.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "cut -d \" \" -f 41 /proc/self/stat >/hook"], env: ["PATH=/bin"]}]'
	inside 'cat /hook; cut -d " " -f 41 /proc/self/stat'
	is $'0\n5'
}

@test "scheduler and ioPriority: exec has them, too" {
	scheduler '{"policy": "SCHED_BATCH", "nice": 3}'
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	detached
	needs_command exec
	run rt exec "$ID" /bin/sh -c "$told; ionice"
	has '^policy 3 priority 0 nice 3$'
	has '^idle'
}

@test "ioPriority: each class" {
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	inside 'ionice'
	has '^best-effort: prio 6'
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 7}'
	inside 'ionice'
	has '^idle'
	needs_root
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 2}'
	inside 'ionice'
	has '^realtime: prio 2'
}

@test "ioPriority: a real-time class within a user namespace" {
	needs_root
	in_userns
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 2}'
	inside 'ionice'
	has '^realtime: prio 2'
}

@test "ioPriority: the class and a priority of 0 to 7 are required" {
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}'
	in_container true
	refused '/process/ioPriority/priority'
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE"}'
	in_container true
	refused '"priority" is missing'
}

@test "execCPUAffinity: final is what exec's process has, init has all" {
	[ "$(nproc)" -gt 1 ] || skip "one processor"
	edit '.process.execCPUAffinity = {initial: "0", final: "1"}'
	detached 'grep ^Cpus_allowed_list /proc/self/status; exec sleep 1000'
	eventually grep -q Cpus_allowed "$T/out"
	[ "$(tr -dc '0-9,-' <"$T/out")" = "$(grep ^Cpus_allowed_list /proc/self/status | tr -dc '0-9,-')" ] || failed "$(cat "$T/out")"
	needs_command exec
	run rt exec "$ID" /bin/grep ^Cpus_allowed_list /proc/self/status
	is $'Cpus_allowed_list:\t1'
}

@test "execCPUAffinity: spaces may stand in a list, as the schema has them" {
	[ "$(nproc)" -gt 1 ] || skip "one processor"
	needs_command exec
	edit '.process.execCPUAffinity = {final: "0, 1"}'
	detached
	run rt exec "$ID" /bin/grep ^Cpus_allowed_list /proc/self/status
	is $'Cpus_allowed_list:\t0-1'
}

@test "execCPUAffinity: without final, initial stays" {
	[ "$(nproc)" -gt 1 ] || skip "one processor"
	edit '.process.execCPUAffinity = {initial: "1"}'
	detached
	needs_command exec
	run rt exec "$ID" /bin/grep ^Cpus_allowed_list /proc/self/status
	if [ -f /sys/fs/cgroup/cpuset.cpus.effective ] || grep -q cpuset /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
		[ "$status" = 0 ] # the cpuset decides
	else
		is $'Cpus_allowed_list:\t1'
	fi
}

@test "execCPUAffinity: a processor that is not there is an error" {
	edit '.process.execCPUAffinity = {initial: "0", final: "8000"}'
	detached
	needs_command exec
	run rt exec "$ID" /bin/true
	exec_refused 'affinity: set the CPU affinity to 8000'
	edit '.process.execCPUAffinity = {initial: "x"}'
	in_container true
	refused '/process/execCPUAffinity/initial'
}

@test "memoryPolicy: modes and nodes, for exec, too" {
	[ -e /proc/self/numa_maps ] || skip "no NUMA in this kernel"
	edit '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	inside 'head -n 1 /proc/self/numa_maps'
	has ' bind:0 '
	edit '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	inside 'head -n 1 /proc/self/numa_maps'
	has ' interleave=static:0 '
	edit '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"]}'
	inside 'head -n 1 /proc/self/numa_maps'
	has ' prefer=relative:0 '
	edit '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
	inside 'head -n 1 /proc/self/numa_maps'
	has ' local '
	edit '.linux.memoryPolicy = {mode: "MPOL_PREFERRED_MANY", nodes: "0"}'
	detached
	needs_command exec
	run rt exec "$ID" /bin/head -n 1 /proc/self/numa_maps
	has ' prefer \(many\):0 '
}

@test "memoryPolicy: nodes that are not there are an error" {
	[ -e /proc/self/numa_maps ] || skip "no NUMA in this kernel"
	edit '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "900"}'
	in_container true
	refused 'attributes: set the memory policy MPOL_BIND'
	nothing_left
}
