#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# berth in a chroot, as in a build or rescue system: "/" is not the root of the mount namespace, and may be no mount point either.

load ../lib/cli

setup()
{
	cli_setup
	needs_root
	needs_berth
	file -L "$CLI_RUNTIME" | grep -q 'static' || skip "needs a static berth"
	JAIL=$T/jail
	mkdir -p "$JAIL"/{proc,sys,dev,run,tmp}
	cp "$CLI_RUNTIME" "$JAIL/berth"
	cp -a "$BUNDLE" "$JAIL/bundle"
	BUNDLE=$JAIL/bundle
	# shellcheck disable=SC2034
	ROOTFS=$JAIL/bundle/rootfs
}

# jail SCRIPT: runs it in the chroot, in a mount namespace of the test's own; $JAIL is no mount point
jail()
{
	run unshare --mount sh -c '
		mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/run" &&
		exec chroot "$1" /bundle/rootfs/bin/busybox sh -c "$2"' sh "$JAIL" "$1"
}

@test "a container's root in a chroot" {
	sh_c 'ls /; cat /proc/self/mountinfo | wc -l'
	jail "/berth run --bundle /bundle $ID"
	[ "$status" = 0 ] || failed "$output"
	has '^proc$'
	has_not '^(bundle|berth|boot|jail)$'
}

@test "exec of a chroot's berth is in the container, not on the host" {
	sh_c 'echo inside >/tmp/mark; exec sleep 1000'
	edit '.root.readonly = false'
	jail "/berth run --detach --bundle /bundle $ID && /berth exec $ID sh -c 'cat /tmp/mark; ls /; stat -c %i / /proc/1/root/'; /berth delete --force $ID"
	[ "$status" = 0 ] || failed "$output"
	has '^inside$'
	has_not '^(bundle|berth|boot|jail)$'
}

@test "exec in a container without pivot_root, in a chroot" {
	sh_c 'exec sleep 1000'
	jail "/berth run --no-pivot --detach --bundle /bundle $ID && /berth exec $ID ls /; /berth delete --force $ID"
	[ "$status" = 0 ] || failed "$output"
	has '^proc$'
	has_not '^(bundle|berth|boot|jail)$'
}
