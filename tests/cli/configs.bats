#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Configurations that real engines wrote (tests/decode/engines). Adapted are the root file system, the cgroup's path, the
# sources of bind mounts that the engine had made, and limits.

load ../lib/cli

# engine_config FILE [FILTER]: the bundle's configuration becomes that file, adapted
engine_config()
{
	local hard processes
	hard=$(ulimit -Hn) processes=$(ulimit -Hu)
	mkdir -p "$T/engine/shm"
	printf 'made by the engine\n' >"$T/engine/file"
	# the limit of processes is not root's, but it must not be above what this machine allows
	jq --arg t "$T" --arg id "$ID" --argjson hard "${hard/unlimited/1048576}" \
		--argjson processes "${processes/unlimited/1048576}" '
		.root.path = "rootfs" | .process.args = ["/bin/sh", "/.script"] | .process.env += ["CLI_TEST=\($t)"]
		| .linux.cgroupsPath = "/\($id)"
		| .linux.resources |= {devices}
		| .mounts |= map(if .type == "bind" then .source = (if .destination == "/dev/shm" then $t + "/engine/shm" else $t + "/engine/file" end) else . end)
		| if .process.rlimits then .process.rlimits |= map(
			(if .type == "RLIMIT_NOFILE" then $hard else $processes end) as $most
			| .hard = ([.hard, $most] | min) | .soft = ([.soft, $most] | min)) else . end' \
		"$CLI_SOURCE/tests/decode/engines/$1" >"$BUNDLE/config.json"
}

# runs FILE: a shell command runs in it
runs()
{
	needs_root
	engine_config "$1"
	sh_c 'echo "hello from $(id -u)"; mount | wc -l; [ ! -e /etc/hosts ] || cat /etc/hosts'
	# warnings are allowed: of device rules, and annotations
	run --separate-stderr rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ] || failed "$status: $output $stderr"
	has '^hello from 0$'
	jq -e '[.mounts[].destination] | index("/etc/hosts")' "$BUNDLE/config.json" || return 0
	has '^made by the engine$'
}

@test "containerd 2.1" {
	runs containerd-2.1-default.json
}

@test "docker 28" {
	runs docker-28-default.json
	inside 'grep -E "^(CapEff|Seccomp):" /proc/self/status'
	has '^CapEff:.00000000a80425fb$'
	has '^Seccomp:.2$'
}

@test "podman 5.8" {
	runs podman-5.8-default.json
}

@test "podman 5.8, privileged" {
	runs podman-5.8-privileged.json
	inside '[ -w /proc/sys/kernel ] && echo writable'
	has '^writable$'
}

@test "berth spec, as it is written" {
	cd "$BUNDLE"
	rm -f config.json
	if is_rootless; then
		rt spec --rootless
	else
		rt spec
	fi
	run /usr/bin/python3 "$CLI_SOURCE/tests/lib/pty.py" --after '#' --type 'echo in the shell; exit 3\n' \
		"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" run "$ID"
	[ "$status" = 3 ]
	has 'in the shell'
}

@test "check accepts them, unchanged" {
	needs_berth "runc has no such command"
	local file
	for file in "$CLI_SOURCE"/tests/decode/engines/*.json; do
		run --separate-stderr rt check "$file"
		[ "$status" = 0 ] || failed "$file: $output"
	done
}
