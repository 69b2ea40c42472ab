#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Idmapped mounts: mounts[].uidMappings and gidMappings, the options idmap and ridmap. A tmpfs takes them since Linux 6.3, so that is what lies below where it can.

load ../lib/cli

setup()
{
	cli_setup
	needs_root
	needs_userns
	mkdir "$T/host"
	if [ "$(printf '6.3\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.3 ]; then
		mount -t tmpfs -o mode=755 tmpfs "$T/host"
	elif [ "$(stat -f -c %T "$T")" != ext2/ext3 ]; then
		skip "this kernel has no idmapped mounts of $(stat -f -c %T "$T")"
	fi
	mkdir "$T/host/sub"
	touch "$T/host/root" "$T/host/mine"
	chown 1000:1001 "$T/host/mine"
}

teardown()
{
	umount "$T/host/sub" 2>/dev/null || true
	umount "$T/host" 2>/dev/null || true
	cli_teardown
}

# map OPTIONS [MEMBERS]: the folder at /mnt
map()
{
	edit '.mounts += [{destination: "/mnt", type: "none", source: $source, options: $options} + $members]' --arg source "$T/host" \
		--argjson options "$1" --argjson members "${2:-{\}}"
}

maps='{"uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}, {"containerID": 1000, "hostID": 5000, "size": 1}],
	"gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}, {"containerID": 1001, "hostID": 6000, "size": 1}]}'

@test "idmap: the ids of the files are mapped" {
	map '["bind", "idmap"]' "$maps"
	inside 'stat -c %u:%g /mnt/mine /mnt/root'
	is $'5000:6000\n0:0'
}

@test "idmap: what is written there has the ids of the source" {
	writable
	map '["bind", "idmap"]' "$maps"
	edit '.process.user = {uid: 5000, gid: 6000}'
	chmod 777 "$T/host"
	inside 'touch /mnt/new; stat -c %u:%g /mnt/new'
	is 5000:6000
	[ "$(stat -c %u:%g "$T/host/new")" = 1000:1001 ]
}

@test "mappings without the option are applied, too, with a warning" {
	map '["bind"]' "$maps"
	in_container 'stat -c %u:%g /mnt/mine'
	has '^5000:6000$'
	has 'should contain "idmap" or "ridmap"'
}

# has_below: a mount below the one that is mapped
has_below()
{
	mount -t tmpfs -o mode=755 tmpfs "$T/host/sub"
	touch "$T/host/sub/below"
	chown 1000:1001 "$T/host/sub/below"
}

@test "idmap is for the mount alone" {
	has_below
	map '["rbind", "idmap"]' "$maps"
	inside 'stat -c %u:%g /mnt/mine /mnt/sub/below'
	is $'5000:6000\n1000:1001'
}

@test "ridmap is for those below, too" {
	needs_kernel 6.3
	has_below
	map '["rbind", "ridmap"]' "$maps"
	inside 'stat -c %u:%g /mnt/mine /mnt/sub/below'
	is $'5000:6000\n5000:6000'
}

@test "without mappings of its own it has those of the container's user namespace" {
	in_userns
	map '["bind", "idmap"]'
	inside 'stat -c %u:%g /mnt/mine /mnt/root'
	is $'1000:1001\n0:0'
}

@test "without them, in a user namespace, the files are nobody's" {
	in_userns
	map '["bind"]'
	inside 'stat -c %u:%g /mnt/mine'
	is 65534:65534
}

@test "with those of a joined user namespace" {
	local holder
	in_userns
	env -i CLI_TEST="$T" PATH="$PATH" unshare --user sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	holder=$!
	eventually grep -qx sleep "/proc/$holder/comm"
	echo '0 200000 65536' >"/proc/$holder/uid_map"
	echo '0 200000 65536' >"/proc/$holder/gid_map"
	edit '(.linux.namespaces[] | select(.type == "user")).path = $path | del(.linux.uidMappings) | del(.linux.gidMappings)' \
		--arg path "/proc/$holder/ns/user"
	map '["bind", "idmap"]'
	in_container 'cat /proc/self/uid_map; stat -c %u:%g /mnt/mine /mnt/root'
	kill "$holder"
	[ "$status" = 0 ] || failed "$output"
	has '^ *0 +200000 +65536$'
	has '^1000:1001$'
	has '^0:0$'
}

@test "a new tmpfs can be mapped, too" {
	needs_kernel 6.3
	edit '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["idmap", "uid=1000", "gid=1001", "mode=755"]} + $maps]' --argjson maps "$maps"
	inside 'stat -c %u:%g /mnt'
	is 5000:6000
}

@test "idmap without any mapping, and half a mapping, are errors" {
	map '["bind", "idmap"]'
	in_container true
	refused 'idmap has no mapping to apply'
	fresh_config
	map '["bind", "ridmap"]' "$(jq 'del(.gidMappings)' <<<"$maps")"
	in_container true
	refused 'gidMappings: must be given with uidMappings'
}
