#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Seccomp: actions, arguments, architectures, flags. busybox's mkdir and uname serve as what is forbidden.

load ../lib/cli

# profile JSON: sets linux.seccomp, the architectures of this machine added
profile()
{
	edit '.linux.seccomp = ({architectures: [$arch]} + $profile)' --argjson profile "$1" --arg arch "$(architecture)"
}

architecture()
{
	case $(uname -m) in
	x86_64) echo SCMP_ARCH_X86_64 ;;
	aarch64) echo SCMP_ARCH_AARCH64 ;;
	esac
}

# mkdir_rule ACTION [MEMBERS]: a profile that allows all but mkdir
mkdir_rule()
{
	profile "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [
		{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": \"$1\" ${2:-}}]}"
}

@test "without a profile there is no filter, with one there is" {
	inside 'grep "^Seccomp:" /proc/self/status'
	is $'Seccomp:\t0'
	mkdir_rule SCMP_ACT_ERRNO
	inside 'grep "^Seccomp:" /proc/self/status'
	is $'Seccomp:\t2'
}

@test "SCMP_ACT_ERRNO is EPERM, or errnoRet" {
	mkdir_rule SCMP_ACT_ERRNO
	inside 'mkdir /dev/shm/x 2>&1 || echo refused'
	has 'Operation not permitted'
	mkdir_rule SCMP_ACT_ERRNO ', "errnoRet": 28'
	inside 'mkdir /dev/shm/x 2>&1 || echo refused'
	has 'No space left'
}

@test "SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL and SCMP_ACT_TRAP kill with SIGSYS" {
	local action
	for action in SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP; do
		mkdir_rule $action
		inside 'mkdir /dev/shm/x; echo $?; [ -e /dev/shm/x ] || echo none'
		has '^159$'
		has '^none$'
	done
}

@test "SCMP_ACT_LOG and SCMP_ACT_ALLOW let it pass" {
	mkdir_rule SCMP_ACT_LOG
	inside 'mkdir /dev/shm/x && echo made'
	is made
	mkdir_rule SCMP_ACT_ALLOW
	profile '{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ALLOW"}]}'
	inside 'mkdir /dev/shm/x && echo made'
	is made
}

@test "SCMP_ACT_TRACE without a tracer is ENOSYS" {
	mkdir_rule SCMP_ACT_TRACE
	inside 'mkdir /dev/shm/x 2>&1 || true'
	has 'not implemented'
}

@test "a default of ERRNO with a list of what is allowed" {
	edit '.linux.seccomp = ($docker[0].linux.seccomp | .defaultErrnoRet = 38 | .syscalls[].names -= ["mkdir", "mkdirat"])' \
		--slurpfile docker "$CLI_SOURCE/tests/decode/engines/docker-28-default.json"
	inside 'mkdir /dev/shm/x 2>&1 || true'
	has 'not implemented'
}

# chmod_rules JSON: a profile that allows all but what these rules, of the system call chmod, forbid
chmod_rules()
{
	[ "$(uname -m)" = x86_64 ] || skip "busybox calls fchmodat here"
	profile "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}"
	edit '.linux.seccomp.syscalls = ($rules | map({names: ["chmod"], action: "SCMP_ACT_ERRNO", args: .}))' --argjson rules "$1"
}

@test "arguments: each comparison" {
	local op value second matches other
	while read -r op value second matches other; do
		chmod_rules "[[{\"index\": 1, \"op\": \"SCMP_CMP_$op\", \"value\": $value, \"valueTwo\": $second}]]"
		inside "cd /dev/shm; touch f; for m in $matches $other; do chmod \$m f 2>/dev/null && echo passed || echo refused; done"
		[ "$output" = $'refused\npassed' ] || failed "$op: $output"
	done <<-END
		EQ 448 0 0700 0755
		NE 493 0 0700 0755
		LT 449 0 0700 0755
		LE 448 0 0700 0755
		GT 492 0 0755 0700
		GE 493 0 0755 0700
		MASKED_EQ 7 5 0755 0700
	END
}

@test "arguments: several rules are alternatives, also for one argument" {
	chmod_rules '[[{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}], [{"index": 1, "value": 449, "op": "SCMP_CMP_EQ"}]]'
	inside 'cd /dev/shm; touch f; for m in 0700 0701 0755; do chmod $m f 2>/dev/null && echo $m; done'
	is 0755
}

@test "arguments: two conditions on one argument are alternatives, as in runc" {
	chmod_rules '[[{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 449, "op": "SCMP_CMP_EQ"}]]'
	inside 'cd /dev/shm; touch f; for m in 0700 0701 0755; do chmod $m f 2>/dev/null && echo $m; done'
	is 0755
}

@test "arguments: conditions on several arguments must all be met" {
	chmod_rules '[[{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]]'
	inside 'cd /dev/shm; touch f; chmod 0700 f && echo passed'
	is passed
	chmod_rules '[[{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]]'
	inside 'cd /dev/shm; touch f; chmod 0700 f 2>/dev/null || echo refused; chmod 0755 f && echo passed'
	is $'refused\npassed'
}

@test "names that this machine does not have are passed over" {
	profile '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["no_such_system_call", "arm_sync_file_range", "mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
}

@test "the filter is in force without noNewPrivileges, for root" {
	needs_root
	mkdir_rule SCMP_ACT_ERRNO
	edit '.process.noNewPrivileges = false'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused; grep NoNewPrivs /proc/self/status'
	is $'refused\nNoNewPrivs:\t0'
}

@test "the filter is in force for another user and without capabilities" {
	needs_root
	mkdir_rule SCMP_ACT_ERRNO
	edit '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {} | .process.noNewPrivileges = true'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
	edit '.process.noNewPrivileges = false'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
}

@test "flags" {
	needs_berth "runc 1.1 does not know them"
	mkdir_rule SCMP_ACT_ERRNO
	edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
	edit '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NONSENSE"]'
	in_container true
	[ "$status" = 1 ]
}

@test "several architectures" {
	[ "$(uname -m)" = x86_64 ] || skip "for x86_64"
	mkdir_rule SCMP_ACT_ERRNO
	edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
}

@test "a compiled profile is kept in the cache, closed to others, and found again" {
	needs_berth
	mkdir_rule SCMP_ACT_ERRNO
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	[ "$(stat -c %a "$T/cache")" = 700 ]
	local file=("$T"/cache/*) inode
	[ ${#file[@]} = 1 ] && [ "$(stat -c %a "${file[0]}")" = 600 ] || failed "$(ls -la "$T/cache")"
	inode=$(stat -c %i "${file[0]}")
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
	[ "$(stat -c %i "${file[0]}")" = "$inode" ]
	chmod 755 "$T/cache"
	rm "${file[0]}"
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	[ ! -e "${file[0]}" ] || failed "a cache that is open to others was used"
}

@test "unknown system calls are passed over; --debug names them in one line, also when the program is cached" {
	local try
	needs_berth
	profile '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["berth_no_such", "mkdir"], "action": "SCMP_ACT_ERRNO"},
		{"names": ["berth_nor_this", "berth_no_such"], "action": "SCMP_ACT_ERRNO"}]}'
	inside 'mkdir /dev/shm/x 2>/dev/null || echo refused'
	is refused
	for try in 1 2; do
		run rt --debug run --bundle "$BUNDLE" "$ID"
		has '^debug: seccomp: .*: berth_no_such, berth_nor_this$'
		[ "$(grep -c 'berth_no' <<<"$output")" = 1 ] || failed "try $try: $output"
	done
}

@test "unknown actions, operators and architectures are errors" {
	mkdir_rule SCMP_ACT_NONSENSE
	in_container true
	[ "$status" = 1 ]
	mkdir_rule SCMP_ACT_ERRNO ', "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_NONSENSE"}]'
	in_container true
	[ "$status" = 1 ]
	mkdir_rule SCMP_ACT_ERRNO
	edit '.linux.seccomp.architectures = ["SCMP_ARCH_NONSENSE"]'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

in_three_seconds()
{
	ulimit -t 3
	rt "$@"
}

# From such a profile libseccomp 2.5 does not return. It is given the processor time that the caller may give, which
# is less here than berth's ten seconds. Newer versions may compile it.
@test "a profile that libseccomp never gets compiled is an error, and leaves nothing" {
	local first='{"index": 0, "op": "SCMP_CMP_NE", "value": 1}'
	profile "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [
		{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [$first, {\"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": 2}]},
		{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [$first, {\"index\": 2, \"op\": \"SCMP_CMP_EQ\", \"value\": 3}]}]}"
	sh_c 'grep "^Seccomp:" /proc/self/status'
	run in_three_seconds run --bundle "$BUNDLE" "$ID"
	if [ "$status" = 0 ]; then
		is $'Seccomp:\t2'
	else
		refused 'libseccomp [0-9.]+ was killed while it compiled the profile.*write the rules so that'
	fi
	nothing_left
}
