#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's podman with berth as its runtime: a first proof. For the virtual machine, where it can harm nothing and there
# is a whole cgroup v2 tree. The image is busybox, imported; there is no network.

load ../lib/cli

setup_file()
{
	[ "${VM:-}" = 1 ] || skip "meant for the virtual machine"
	cli_setup_file
	tar -C "$CLI_DIR/rootfs" -c . | podman_ import --change 'CMD ["/bin/sh"]' - busybox >&2
}

setup()
{
	NAME=c$BATS_TEST_NUMBER
}

teardown()
{
	podman_ rm --force --time 0 "$NAME" >/dev/null 2>&1 || true
	! find /sys/fs/cgroup -name 'libpod-[0-9a-f]*' ! -name '*conmon*' | grep . || failed "a cgroup is left"
	[ -z "$(find /run/berth "$CLI_DIR/state" -mindepth 1 2>/dev/null)" ] || failed "state is left"
}

# storage is on the ext4 disk: overlay does not work upon the overlay that is the virtual machine's root
podman_()
{
	timeout 300 podman --root "$CLI_DIR/storage" --runroot "$CLI_DIR/runroot" --tmpdir "$CLI_DIR/tmp" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend file --runtime "$CLI_RUNTIME" "$@"
}

podman_run()
{
	podman_ run --network none --name "$NAME" "$@"
}

@test "run: output and exit status" {
	run podman_run --rm busybox sh -c 'echo hello from $(hostname | wc -c); exit 42'
	[ "$status" = 42 ] || failed "$status: $output"
	has '^hello from 13$'
}

@test "run: a command that is not there is 127, one that cannot be executed 126" {
	run podman_run --rm busybox /no/such/command
	[ "$status" = 127 ] || failed "$status: $output"
	run podman_run --rm busybox /etc
	[ "$status" = 126 ] || failed "$status: $output"
}

@test "run -t: a terminal" {
	run podman_run --rm -t busybox sh -c 'tty'
	[ "$status" = 0 ] || failed "$status: $output"
	has '/dev/pts/0'
}

@test "run -i: standard input" {
	run podman_run --rm -i busybox cat <<<"through podman"
	[ "$status" = 0 ] || failed "$status: $output"
	has '^through podman$'
}

@test "run -d, ps, logs, stop, rm" {
	podman_run -d busybox sh -c 'trap "echo stopping; exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	eventually podman_says logs ready
	run podman_ ps --format '{{.Names}} {{.Status}}'
	has "^$NAME Up "
	podman_ stop --time 60 "$NAME"
	podman_says logs stopping
	[ "$(podman_ inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$NAME")" = "exited 3" ]
	podman_ rm "$NAME"
	run podman_ ps --all --quiet
	is ''
}

podman_says()
{
	podman_ "$1" "$NAME" 2>&1 | grep -q "$2"
}

@test "kill, and rm --force of a running container" {
	podman_run -d busybox sleep 1000
	podman_ kill "$NAME"
	eventually podman_inspects 'exited 137'
	podman_ start "$NAME"
	podman_inspects 'running 0' || podman_inspects 'running 137'
	podman_ rm --force --time 0 "$NAME"
}

podman_inspects()
{
	[ "$(podman_ inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$NAME")" = "$1" ]
}

@test "volumes, users, read-only root, tmpfs, environment, working directory" {
	mkdir -p "$CLI_DIR/volume"
	echo volume >"$CLI_DIR/volume/file"
	chmod 777 "$CLI_DIR/volume"
	run podman_run --rm --read-only --tmpfs /scratch:size=1m --user 1000:2000 --env KEY=value --workdir /tmp \
		-v "$CLI_DIR/volume:/mnt:rw" busybox sh -c 'cat /mnt/file; id -u; id -g; echo $KEY; pwd; touch /file 2>/dev/null || echo refused; echo new > /mnt/new'
	[ "$status" = 0 ] || failed "$status: $output"
	is $'volume\n1000\n2000\nvalue\n/tmp\nrefused'
	[ "$(cat "$CLI_DIR/volume/new")" = new ]
}

@test "capabilities and seccomp are podman's" {
	run podman_run --rm --cap-drop all --cap-add kill busybox grep -E '^(CapEff|Seccomp):' /proc/self/status
	has '^CapEff:.0000000000000020$'
	has '^Seccomp:.2$'
	run podman_run --rm --privileged busybox grep -E '^(CapEff|Seccomp):' /proc/self/status
	has '^CapEff:.000001ffffffffff$'
	has '^Seccomp:.0$'
}
