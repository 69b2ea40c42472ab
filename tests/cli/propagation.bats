#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.rootfsPropagation: what mounts made outside and inside later reach. The root is a mount that is shared on the host.

load ../lib/cli

setup()
{
	cli_setup
	needs_root
	mount --bind "$ROOTFS" "$ROOTFS"
	mount --make-shared "$ROOTFS"
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"] | unique)'
}

teardown()
{
	local status=0
	[ ! -d "$STATE" ] || rt list -q | while read -r id; do rt delete --force "$id"; done
	umount -R "$ROOTFS" 2>/dev/null || true
	cli_teardown || status=1
	return $status
}

propagation()
{
	edit '.linux.rootfsPropagation = $word' --arg word "$1"
}

# own_fields: the optional fields of the root's line in the container's mountinfo
own_fields()
{
	awk '$5 == "/" { for (i = 7; $i != "-"; i++) printf "%s ", $i; print "" }' "/proc/$PID/mountinfo" | tail -n 1
}

# mounted_later: whether a mount that the host makes in the root now is seen inside
mounted_later()
{
	local seen=0
	mount -t tmpfs -o mode=755 late "$ROOTFS/mnt"
	touch "$ROOTFS/mnt/late"
	[ -e "/proc/$PID/root/mnt/late" ] || seen=1
	umount "$ROOTFS/mnt"
	return $seen
}

# inside_mounts ARGUMENT...: mount(8) in the container, with the privilege of the host's root
inside_mounts()
{
	nsenter --target "$PID" --mount --root /bin/mount "$@"
}

# reaches_host: whether a mount made inside is seen outside
reaches_host()
{
	local seen=0
	inside_mounts -t tmpfs -o mode=755 inner /var
	grep -qF " $ROOTFS/var " /proc/self/mountinfo || seen=1
	return $seen
}

@test "slave: receives from the host, gives nothing back" {
	propagation slave
	detached
	[[ $(own_fields) == master:* ]] || failed "$(own_fields)"
	mounted_later || failed "not seen inside"
	! reaches_host || failed "seen outside"
}

@test "private: neither" {
	propagation private
	detached
	[ -z "$(own_fields)" ] || failed "$(own_fields)"
	! mounted_later || failed "seen inside"
	! reaches_host || failed "seen outside"
}

@test "unbindable: neither, and not to be bound" {
	propagation unbindable
	detached
	[ "$(own_fields)" = "unbindable " ] || failed "$(own_fields)"
	! mounted_later || failed "seen inside"
	run inside_mounts -o bind / /var
	[ "$status" != 0 ]
}

@test "shared: a peer group of the container's own, which nested ones belong to; not the host's" {
	propagation shared
	detached
	[[ $(own_fields) == *shared:* ]] || failed "$(own_fields)"
	local own host
	own=$(own_fields | grep -o 'shared:[0-9]*')
	host=$(awk -v at="$ROOTFS" '$5 == at { print }' /proc/self/mountinfo | grep -o 'shared:[0-9]*' | tail -n 1)
	[ "$own" != "$host" ] || failed "the host's own peer group, $host"
	! reaches_host || failed "seen outside"
	# a copy of the root, such as a nested container makes, receives what is mounted in the container
	inside_mounts -o bind / /tmp
	inside_mounts -t tmpfs -o mode=755 inner /home
	nsenter --target "$PID" --mount --root /bin/touch /home/inner
	[ -e "/proc/$PID/root/tmp/home/inner" ]
}

@test "without it: what the host mounts later is let in, nothing goes out" {
	detached
	! reaches_host || failed "seen outside"
}
