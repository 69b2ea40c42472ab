#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# /dev: what is always there, and linux.devices.

load ../lib/cli

@test "the default devices, with their numbers and for everyone" {
	inside 'cd /dev; stat -c "%n %F %t:%T" null zero full random urandom tty; head -c 4 /dev/zero | wc -c; echo x > /dev/null
		head -c 8 /dev/urandom | wc -c; echo x 2>/dev/null > /dev/full || echo full'
	has '^null character special file 1:3$'
	has '^zero character special file 1:5$'
	has '^full character special file 1:7$'
	has '^random character special file 1:8$'
	has '^urandom character special file 1:9$'
	has '^tty character special file 5:0$'
	has '^4$'
	has '^8$'
	has '^full$'
}

@test "the default devices may be read and written by all" {
	inside 'cd /dev; stat -c %a null zero full random urandom tty | sort -u'
	is 666
}

@test "the default links" {
	inside 'cd /dev; for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink $l)"; done'
	has '^fd /proc/self/fd$'
	has '^stdin /proc/self/fd/0$'
	has '^stdout /proc/self/fd/1$'
	has '^stderr /proc/self/fd/2$'
	has '^ptmx (/dev/)?pts/ptmx$'
	# the test's pipe is root's, so another user could not open it
	is_rootless || inside 'echo through > /dev/stdout'
	is_rootless || is through
}

@test "nothing else of the host is in /dev" {
	inside 'ls /dev | sort | tr "\n" " "'
	has_not 'vda|kmsg|mem|sda'
}

@test "linux.devices: character, block and fifo, with mode and owner" {
	needs_root
	edit '.linux.devices = [
		{path: "/dev/one", type: "c", major: 1, minor: 3, fileMode: 384, uid: 5, gid: 6},
		{path: "/dev/deep/er/two", type: "b", major: 7, minor: 200, fileMode: 432},
		{path: "/dev/pipe", type: "p", fileMode: 420}]'
	inside 'stat -c "%n %F %t:%T %a %u:%g" /dev/one /dev/deep/er/two /dev/pipe'
	has '^/dev/one character special file 1:3 600 5:6$'
	has '^/dev/deep/er/two block special file 7:c8 660 0:0$'
	has '^/dev/pipe fifo 0:0 644 0:0$'
}

@test "linux.devices: u is a character device; the umask plays no part" {
	needs_root
	edit '.linux.devices = [{path: "/dev/one", type: "u", major: 1, minor: 3, fileMode: 438}]'
	sh_c 'stat -c "%F %a" /dev/one'
	umask 077
	run rt run --bundle "$BUNDLE" "$ID"
	is 'character special file 666'
}

@test "linux.devices: a default device that is listed as well is no error" {
	needs_root
	edit '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438}]'
	inside 'stat -c "%t:%T" /dev/null'
	is 1:3
}

@test "linux.devices: bad types, missing numbers and duplicate paths are errors" {
	local device
	for device in '{"path": "/dev/x", "type": "x", "major": 1, "minor": 3}' '{"path": "/dev/x", "type": "c"}' \
		'{"type": "c", "major": 1, "minor": 3}' '{"path": "/dev/x", "type": "c", "major": -1, "minor": 3}'; do
		edit '.linux.devices = [$device]' --argjson device "$device"
		in_container true
		[ "$status" = 1 ] || failed "accepted: $device"
	done
	nothing_left
}

@test "linux.devices: a link in the image leads nowhere outside" {
	needs_root
	writable
	mkdir -p "$T/canary" "$ROOTFS/dev2"
	ln -s "$T/canary" "$ROOTFS/dev2/link"
	edit '.linux.devices = [{path: "/dev2/link/null", type: "c", major: 1, minor: 3}]'
	in_container true
	[ -z "$(ls -A "$T/canary")" ]
}

@test "in a user namespace the default devices are the host's, bound" {
	needs_root
	needs_userns
	edit '.linux.namespaces += [{type: "user"}]
	      | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	find "$ROOTFS" -type d -exec chown 100000:100000 {} +
	inside 'echo x > /dev/null; head -c 4 /dev/zero | wc -c; stat -c "%t:%T" /dev/null /dev/random'
	is $'4\n1:3\n1:8'
}

@test "linux.devices in a user namespace: character, block and fifo, with mode and owner" {
	needs_root
	in_userns
	edit '.linux.devices = [
		{path: "/dev/one", type: "c", major: 1, minor: 5, fileMode: 384, uid: 5, gid: 6},
		{path: "/dev/deep/er/two", type: "b", major: 7, minor: 200, fileMode: 432},
		{path: "/dev/pipe", type: "p", fileMode: 420},
		{path: "/dev/null", type: "u", major: 1, minor: 3},
		{path: "/dev/other", type: "c", major: 1, minor: 5, fileMode: 256}]'
	inside 'stat -c "%n %F %t:%T %a %u:%g" /dev/one /dev/deep/er/two /dev/pipe /dev/null; head -c 3 /dev/other | wc -c; ls /..'
	has '^/dev/one character special file 1:5 600 5:6$'
	has '^/dev/deep/er/two block special file 7:c8 660 0:0$'
	has '^/dev/pipe fifo 0:0 644 0:0$'
	has '^/dev/null character special file 1:3 666 0:0$'
	has '^3$'
	# the tmpfs in which the nodes were made is not mounted any more
	has '^bin$'
}

@test "linux.devices of an ordinary user are the host's, bound" {
	is_rootless || skip "root makes them"
	edit '.linux.devices = [{path: "/dev/zero", type: "c", major: 1, minor: 5}, {path: "/dev/pipe", type: "p", fileMode: 420}]'
	inside 'head -c 3 /dev/zero | wc -c; stat -c "%F %a" /dev/pipe'
	is $'3\nfifo 644'
	edit '.linux.devices = [{path: "/dev/other", type: "c", major: 1, minor: 5}]'
	in_container true
	refused 'devices: open /dev/other of the host'
}

@test "linux.devices of an ordinary user: a mode or owner that the host's has not is warned about" {
	is_rootless || skip "root makes them"
	edit '.linux.devices = [{path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 438, uid: 0, gid: 0}]'
	inside 'stat -c %a /dev/zero'
	is 666
	edit '.linux.devices[0].fileMode = 384'
	in_container 'stat -c %a /dev/zero'
	is "warning: /dev/zero is the host's, and keeps its owner and mode: to make another one takes CAP_MKNOD on the host
666"
}

@test "what stands in the way of a default link stays, with a warning" {
	edit '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false'
	mkdir "$ROOTFS/dev" "$ROOTFS/dev/fd"
	ln -s /proc/self/fd/1 "$ROOTFS/dev/stdout"
	hand_over "$ROOTFS/dev"
	in_container 'stat -c %F /dev/fd; readlink /dev/stdin'
	is "warning: /dev/fd is there already and stays as it is: it is no link to /proc/self/fd
directory
/proc/self/fd/0"
}

@test "linux.devices: another file at the path is an error" {
	needs_root
	touch "$ROOTFS/mnt/there"
	mknod "$ROOTFS/mnt/node" c 1 5
	edit '.linux.devices = [{path: "/mnt/there", type: "c", major: 1, minor: 3}]'
	in_container true
	refused 'devices: .*/mnt/there'
	edit '.linux.devices = [{path: "/mnt/node", type: "c", major: 1, minor: 3}]'
	in_container true
	refused 'devices: .*/mnt/node'
	edit '.linux.devices = [{path: "/mnt/node", type: "c", major: 1, minor: 5}]'
	inside 'stat -c %t:%T /mnt/node'
	is 1:5
}

@test "linux.devices with a bound /dev: outside of it they are made, in it they have to be there" {
	needs_root
	writable
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .mounts += [{destination: "/dev", type: "none", source: "/dev", options: ["rbind"]}]
		| .linux.devices = [{path: "/dev/zero", type: "c", major: 1, minor: 5}, {path: "/mnt/zero", type: "c", major: 1, minor: 5}]'
	inside 'stat -c %t:%T /mnt/zero'
	is 1:5
	edit '.linux.devices = [{path: "/dev/berth-no-such", type: "c", major: 1, minor: 5}]'
	in_container true
	refused 'devices: device of the bound /dev: open /dev/berth-no-such'
	[ ! -e /dev/berth-no-such ]
}
