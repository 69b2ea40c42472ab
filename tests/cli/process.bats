#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process: arguments, environment, working directory, user, capabilities, limits, and what it must not inherit.

load ../lib/cli

# status_of NAME: prints, in the container, a line of /proc/self/status
status_line='status_line() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; };'

@test "arguments reach the process as they are" {
	edit '.process.args = ["/bin/sh", "-c", "for a; do echo \"[$a]\"; done", "sh", "", "a b", "\"quoted\"", "ü\n", "$HOME", "*"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ]
	is $'[]\n[a b]\n["quoted"]\n[ü\n]\n[$HOME]\n[*]'
}

@test "the environment is the configured one, and none of the caller's" {
	edit '.process.env = ["PATH=/bin", "A=1", "EMPTY=", "SPACES=a  b", "HOME=/somewhere", "CLI_TEST=\($mark)"]' --arg mark "$T"
	RT_ENV+=(LEAK=leaked LD_PRELOAD_X=leaked)
	edit '.process.args = ["/bin/env"]'
	run rt run --bundle "$BUNDLE" "$ID"
	has '^A=1$'
	has '^EMPTY=$'
	has '^SPACES=a  b$'
	has '^HOME=/somewhere$'
	has_not 'LEAK|XDG_RUNTIME_DIR|SUDO|LD_PRELOAD'
}

@test "HOME comes from the container's passwd file where it is not configured" {
	printf 'root:x:0:0:root:/the/root:/bin/sh\n' >"$ROOTFS/etc/passwd"
	inside 'echo $HOME'
	is /the/root
	rm "$ROOTFS/etc/passwd"
	inside 'echo $HOME'
	is /
}

@test "a program without a slash is looked up in the container's PATH" {
	mkdir -p "$ROOTFS/opt/bin"
	printf '#!/bin/sh\necho found "$0"\n' >"$ROOTFS/opt/bin/tool"
	chmod 755 "$ROOTFS/opt/bin/tool"
	edit '.process.args = ["tool"] | .process.env += ["PATH=/no/such:/opt/bin:/bin"]'
	run rt run --bundle "$BUNDLE" "$ID"
	is 'found /opt/bin/tool'
}

@test "a relative program is relative to the working directory" {
	mkdir -p "$ROOTFS/opt/sub"
	printf '#!/bin/sh\necho found in "$PWD"\n' >"$ROOTFS/opt/sub/tool"
	chmod 755 "$ROOTFS/opt/sub/tool"
	edit '.process.args = ["./sub/tool"] | .process.cwd = "/opt"'
	run rt run --bundle "$BUNDLE" "$ID"
	is 'found in /opt'
}

@test "the working directory" {
	mkdir -p "$ROOTFS/some/where"
	edit '.process.cwd = "/some/where"'
	inside 'pwd; readlink /proc/self/cwd'
	is $'/some/where\n/some/where'
}

@test "a working directory that does not exist is made in a writable root, as runc does" {
	writable
	edit '.process.cwd = "/not/yet/there"'
	inside 'pwd'
	is /not/yet/there
}

@test "a relative working directory, or one that is a file, is an error" {
	edit '.process.cwd = "etc"'
	in_container pwd
	[ "$status" = 1 ]
	edit '.process.cwd = "/etc/passwd"'
	in_container pwd
	[ "$status" = 1 ]
	nothing_left
}

@test "user: uid, gid and additional groups" {
	needs_root
	edit '.process.user = {uid: 1234, gid: 2345, additionalGids: [10, 20, 4000000]}'
	inside "$status_line"' for l in Uid Gid Groups; do status_line $l; done; id -u; id -g'
	is $'1234\t1234\t1234\t1234\n2345\t2345\t2345\t2345\n10 20 2345 4000000 \n1234\n2345' ||
		is $'1234\t1234\t1234\t1234\n2345\t2345\t2345\t2345\n10 20 4000000 \n1234\n2345'
}

@test "user: without additional groups there are none of the caller's" {
	needs_root
	sh_c "$status_line"' status_line Groups'
	RT_ENV=(setpriv --groups "7,8,9" "${RT_ENV[@]}")
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ]
	[[ ${output// /} =~ ^0?$ ]]
}

@test "user: a mapped id in a user namespace" {
	[ ${#AS_USER[@]} -gt 0 ] || skip "for an ordinary user with ranges"
	needs_berth "runc's spec --rootless maps one id"
	edit '.process.user = {uid: 5, gid: 6, additionalGids: [7]}'
	inside 'id -u; id -g; id -G'
	is $'5\n6\n6 7'
}

@test "umask" {
	edit '.process.user.umask = 63'
	inside 'umask; touch /dev/shm/f; stat -c %a /dev/shm/f'
	is $'0077\n600'
	edit 'del(.process.user.umask)'
	needs_berth "the specification leaves the caller's; runc sets 0022"
	umask 027
	inside 'umask'
	is 0027
}

@test "capabilities: the five sets of root" {
	edit '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN", "CAP_NET_BIND_SERVICE"], effective: ["CAP_KILL"],
	      permitted: ["CAP_KILL", "CAP_CHOWN"], inheritable: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"]}
	      | .process.noNewPrivileges = false | .process.args = ["/bin/grep", "^Cap", "/proc/self/status"]'
	run rt run --bundle "$BUNDLE" "$ID"
	has '^CapBnd:.0000000000000421$'
	has '^CapInh:.0000000000000001$'
	has '^CapAmb:.0000000000000001$'
	# execve(2) gives root what is in the bounding or the inheritable set
	has '^CapPrm:.0000000000000421$'
	has '^CapEff:.0000000000000421$'
	# but with no_new_privs it gains nothing
	edit '.process.noNewPrivileges = true'
	run rt run --bundle "$BUNDLE" "$ID"
	has '^CapPrm:.0000000000000021$'
	has '^CapEff:.0000000000000021$'
}

@test "capabilities: those of an ordinary user are lost without ambient ones" {
	[ ${#AS_USER[@]} -gt 0 ] || [ "$(id -u)" = 0 ] || skip "needs a second id"
	! is_rootless || needs_berth "runc's spec --rootless maps one id"
	edit '.process.user = {uid: 5, gid: 5} | .process.args = ["/bin/grep", "^Cap", "/proc/self/status"]
	      | .process.capabilities = (["CAP_KILL"] | {bounding: ., effective: ., permitted: ., inheritable: .})'
	run rt run --bundle "$BUNDLE" "$ID"
	has '^CapBnd:.0000000000000020$'
	has '^CapInh:.0000000000000020$'
	has '^CapPrm:.0000000000000000$'
	has '^CapEff:.0000000000000000$'
	has '^CapAmb:.0000000000000000$'
	edit '.process.capabilities.ambient = ["CAP_KILL"]'
	run rt run --bundle "$BUNDLE" "$ID"
	has '^CapPrm:.0000000000000020$'
	has '^CapEff:.0000000000000020$'
	has '^CapAmb:.0000000000000020$'
}

@test "capabilities: none at all" {
	edit '.process.capabilities = {} | .process.args = ["/bin/grep", "^Cap", "/proc/self/status"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$(grep -c '0000000000000000$' <<<"$output")" = 5 ]
	edit 'del(.process.capabilities)'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$(grep -c '0000000000000000$' <<<"$output")" = 5 ]
}

@test "rlimits" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
	      {type: "RLIMIT_STACK", soft: 4194304, hard: 8388608}]'
	inside 'grep -E "open files|core file|Max stack" /proc/self/limits'
	has 'open files +100 +200 '
	has 'core file size +0 +0 '
	has 'Max stack size +4194304 +8388608 '
}

@test "rlimits: twice the same, unknown, or soft over hard is an error" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_NOFILE", soft: 100, hard: 200}]'
	in_container true
	[ "$status" = 1 ]
	edit '.process.rlimits = [{type: "RLIMIT_NONSENSE", soft: 100, hard: 200}]'
	in_container true
	[ "$status" = 1 ]
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 300, hard: 200}]'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "oomScoreAdj" {
	edit '.process.oomScoreAdj = 500'
	inside 'cat /proc/self/oom_score_adj'
	is 500
	edit '.process.oomScoreAdj = 1001'
	in_container true
	[ "$status" = 1 ]
}

@test "noNewPrivileges" {
	edit '.process.noNewPrivileges = true'
	inside 'grep NoNewPrivs /proc/self/status'
	is $'NoNewPrivs:\t1'
	edit '.process.noNewPrivileges = false'
	inside 'grep NoNewPrivs /proc/self/status'
	is $'NoNewPrivs:\t0'
}

@test "a program that is not there: exit status 1, and its name" {
	edit '.process.args = ["/no/such/program"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has '/no/such/program'
	has 'o such file or directory'
	edit '.process.args = ["no-such-program"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'no-such-program'
	has 'executable file not found in \$PATH'
	nothing_left
}

@test "a program that cannot be executed: exit status 1, and why" {
	echo text >"$ROOTFS/etc/text"
	edit '.process.args = ["/etc/text"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'ermission denied'
	edit '.process.args = ["/etc"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has '/etc'
	chmod 755 "$ROOTFS/etc/text"
	printf '#!/no/such/interpreter\n' >"$ROOTFS/etc/text"
	edit '.process.args = ["/etc/text"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has '/etc/text'
	printf '\177ELF nonsense' >"$ROOTFS/etc/text"
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'xec format error'
	nothing_left
}

@test "standard descriptors are the caller's" {
	sh_c 'cat; echo out; echo err >&2'
	echo in >"$T/stdin"
	rt run --bundle "$BUNDLE" "$ID" <"$T/stdin" >"$T/stdout" 2>"$T/stderr"
	[ "$(cat "$T/stdout")" = $'in\nout' ]
	[ "$(cat "$T/stderr")" = err ]
}

@test "closed standard descriptors are no leak and no failure" {
	edit '.process.args = ["/bin/true"]'
	rt run --bundle "$BUNDLE" "$ID" <&- >&- 2>&-
}

@test "signals that the caller ignores or blocks are as by default inside" {
	edit '.process.args = ["/bin/grep", "^Sig[BI]", "/proc/self/status"]'
	trap '' TERM USR1 HUP
	run rt run --bundle "$BUNDLE" "$ID"
	trap - TERM USR1 HUP
	[ "$status" = 0 ]
	has '^SigBlk:.0000000000000000$'
	has '^SigIgn:.0000000000000000$'
}

@test "the process leads a session of its own, or belongs to the caller's, and is nobody's debuggee" {
	inside 'grep -E "^TracerPid" /proc/self/status'
	is $'TracerPid:\t0'
}

@test "the runtime's own program is not seen by the process" {
	inside 'readlink /proc/1/exe; tr "\0" " " < /proc/1/cmdline'
	has '^/bin/'
	has_not "$CLI_RUNTIME"
}
