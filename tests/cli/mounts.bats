#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The root file system and mounts, seen from inside the container.

load ../lib/cli

setup()
{
	cli_setup
	# a folder of the host to bind from
	mkdir -p "$T/host/sub"
	echo host >"$T/host/file"
	echo deep >"$T/host/sub/deep"
	hand_over "$T/host"
}

# mount_at DESTINATION TYPE SOURCE OPTION,OPTION,...: adds a mount to the configuration
mount_at()
{
	edit '.mounts += [{destination: $d, type: $t, source: $s, options: ($o | split(",") | map(select(. != "")))}]' \
		--arg d "$1" --arg t "$2" --arg s "$3" --arg o "${4:-}"
}

# bind_at DESTINATION [OPTION,...]: binds the host folder
bind_at()
{
	mount_at "$1" bind "$T/host" "${2:-bind}"
}

# print_mountinfo DESTINATION: prints, in the container, the mount's own options, propagation, file-system type, its options
print_mountinfo='print_mountinfo() { awk -v d="$1" "\$5 == d { p = \"\"; for (i = 7; \$i != \"-\"; i++) p = p \$i \" \"; last = \$6 \" | \" p \"| \" \$(i + 1) \" | \" \$(i + 3) } END { print last }" /proc/self/mountinfo; };'

@test "the default mounts have their types and flags" {
	inside "$print_mountinfo"' for d in /proc /dev /dev/pts /dev/shm /dev/mqueue /sys; do echo "$d $(print_mountinfo $d)"; done'
	has '^/proc [^|]*\| [^|]*\| proc '
	has '^/dev rw,nosuid[^|]*\| [^|]*\| tmpfs \| .*mode=755'
	has '^/dev/pts rw,nosuid,noexec[^|]*\| [^|]*\| devpts \| .*ptmxmode=666'
	has '^/dev/shm rw,nosuid,nodev,noexec[^|]*\| [^|]*\| tmpfs \| .*size=65536k'
	has '^/dev/mqueue rw,nosuid,nodev,noexec[^|]*\| [^|]*\| mqueue '
	has '^/sys ro,nosuid,nodev,noexec[^|]*\| [^|]*\| sysfs '
}

@test "the host's mounts are not seen from inside, nor the container's from outside" {
	detached
	! grep -F "$T" /proc/self/mountinfo || failed "mounts on the host"
	[ "$(grep -c . "/proc/$PID/mountinfo")" -lt 60 ]
	! awk '{ print $5 }' "/proc/$PID/mountinfo" | grep -E '^/(boot|home|tmp|work|host)' || failed "the host's mounts"
}

@test "the root is the root file system, read-only as spec writes it" {
	inside 'ls -d /bin/busybox; [ ! -e /boot ]; touch /file 2>&1 || touch /tmp/file 2>&1 || echo refused'
	has 'Read-only file system'
	has '^refused$'
	[ ! -e "$ROOTFS/file" ]
}

@test "a writable root" {
	writable
	inside 'echo text > /file; cat /file'
	is text
	[ "$(cat "$ROOTFS/file")" = text ]
}

@test "an absolute root path" {
	edit '.root.path = $path' --arg path "$ROOTFS"
	inside 'echo fine'
	is fine
}

@test "the source of a mount is what the configuration says, of the cgroup's, too" {
	edit '(.mounts[] | select(.destination == "/sys/fs/cgroup" or .destination == "/dev/shm")).source = "name"'
	inside "sed -n 's/.* - //p' /proc/self/mountinfo"
	has '^tmpfs name '
	has '^cgroup2 name '
}

@test "a read-only root leaves other mounts as they are" {
	bind_at /mnt bind
	inside 'touch /mnt/new; touch /dev/shm/new; touch /no 2>/dev/null || echo refused'
	is refused
	[ -e "$T/host/new" ]
}

@test "bind: a folder, read and written" {
	bind_at /mnt bind
	inside 'cat /mnt/file; echo new > /mnt/new'
	is host
	[ "$(cat "$T/host/new")" = new ]
}

@test "bind: a file on a file, both existing and new" {
	writable
	echo over >"$ROOTFS/etc/over"
	mount_at /etc/over bind "$T/host/file" bind,ro
	mount_at /etc/new/path/file bind "$T/host/file" rbind,rprivate
	inside 'cat /etc/over /etc/new/path/file; echo x 2>/dev/null > /etc/over || echo refused'
	is $'host\nhost\nrefused'
	[ "$(cat "$T/host/file")" = host ]
}

@test "bind: the type may be none, or absent, with bind among the options" {
	mount_at /mnt none "$T/host" rbind,ro
	edit '.mounts += [{destination: "/tmp", source: $s, options: ["bind", "ro"]}]' --arg s "$T/host"
	inside 'cat /mnt/file /tmp/file'
	is $'host\nhost'
}

@test "bind: a relative source is relative to the bundle" {
	mkdir "$BUNDLE/data"
	echo data >"$BUNDLE/data/file"
	mount_at /mnt bind data bind
	inside 'cat /mnt/file'
	is data
}

@test "bind, ro: not written to" {
	bind_at /mnt bind,ro
	inside 'echo x 2>&1 > /mnt/file || echo refused'
	has '^refused$'
	[ "$(cat "$T/host/file")" = host ]
}

@test "flags: nosuid, nodev, noexec, noatime, relatime, strictatime, nodiratime, nosymfollow" {
	needs_berth "runc 1.1 does not know nosymfollow"
	mount_at /mnt tmpfs tmpfs nosuid,nodev,noexec,noatime,nodiratime
	mount_at /tmp tmpfs tmpfs strictatime,nosymfollow
	bind_at /home bind,nosuid,nodev,noexec,relatime
	inside "$print_mountinfo"' for d in /mnt /tmp /home; do echo "$d $(print_mountinfo $d)"; done
		ln -s /etc/passwd /tmp/link; cat /tmp/link 2>/dev/null || echo not followed'
	has '^/mnt rw,nosuid,nodev,noexec,noatime,nodiratime '
	has '^/tmp rw,nosymfollow '
	has '^/home rw,nosuid,nodev,noexec,relatime '
	has 'not followed'
}

@test "flags: the later of two contrary words wins" {
	bind_at /mnt bind,ro,rw
	mount_at /tmp tmpfs tmpfs noexec,exec,rw,ro
	inside 'touch /mnt/new && echo written; touch /tmp/new 2>/dev/null || echo refused'
	is $'written\nrefused'
}

@test "noexec is obeyed" {
	cp /bin/busybox "$T/host/sh"
	bind_at /mnt bind,noexec
	bind_at /tmp bind,exec
	inside '/mnt/sh -c "echo run" 2>/dev/null || echo refused; /tmp/sh -c "echo run"'
	is $'refused\nrun'
}

@test "tmpfs: size and mode; several options with values" {
	mount_at /mnt tmpfs tmpfs size=1m,mode=1750,nr_inodes=50
	inside 'stat -c %a /mnt; head -c 2000000 /dev/zero > /mnt/big 2>/dev/null || echo full; df /mnt | tail -n 1'
	has '^1750$'
	has '^full$'
	has '1024'
}

@test "tmpcopyup: the folder's contents are copied into the tmpfs" {
	mkdir -p "$ROOTFS/var/data/sub"
	echo one >"$ROOTFS/var/data/one"
	ln -s one "$ROOTFS/var/data/link"
	chmod 640 "$ROOTFS/var/data/one"
	hand_over "$ROOTFS/var/data"
	mount_at /var/data tmpfs tmpfs tmpcopyup
	inside 'cd /var/data; cat one; readlink link; [ -d sub ] && echo sub; stat -c %a one; echo two > one'
	is $'one\none\nsub\n640'
	[ "$(cat "$ROOTFS/var/data/one")" = one ]
}

@test "rbind takes the mounts below with it, bind does not" {
	needs_root
	mount -t tmpfs -o mode=755 tmpfs "$T/host/sub"
	echo submount >"$T/host/sub/deep"
	bind_at /mnt rbind
	bind_at /tmp bind
	inside 'cat /mnt/sub/deep; ls /tmp/sub'
	umount "$T/host/sub"
	is $'submount\ndeep'
}

@test "recursive flags reach the mounts below, plain ones only the first" {
	needs_berth "runc 1.1 has no recursive flags"
	needs_root
	needs_kernel 5.12
	mount -t tmpfs -o mode=755 tmpfs "$T/host/sub"
	bind_at /mnt rbind,rro,rnosuid
	bind_at /tmp rbind,ro
	inside "$print_mountinfo"' for d in /mnt /mnt/sub /tmp /tmp/sub; do echo "$d $(print_mountinfo $d)"; done'
	umount "$T/host/sub"
	has '^/mnt ro,nosuid'
	has '^/mnt/sub ro,nosuid'
	has '^/tmp ro'
	has '^/tmp/sub rw'
}

@test "propagation of a mount: shared, slave, private, unbindable" {
	local word
	for word in rprivate private rslave slave rshared shared runbindable unbindable; do
		fresh_config
		bind_at /mnt "rbind,$word"
		inside "$print_mountinfo"' print_mountinfo /mnt'
		case $word in
		*private) has '^[^|]*\|  *\|' ;;
		# a mount that had no peer to be a slave of is private
		*slave) has '^[^|]*\| (master:[0-9]+ )?\|' ;;
		*shared) has '^[^|]*\| shared:[0-9]+ ' ;;
		*unbindable) has '^[^|]*\| unbindable ' ;;
		esac
	done
}

@test "rootfsPropagation" {
	local word
	for word in private rprivate slave rslave shared rshared unbindable; do
		edit '.linux.rootfsPropagation = $word' --arg word "$word"
		# unbindable comes last, when nothing is left to bind
		inside "$print_mountinfo"' print_mountinfo /'
		case $word in
		*private) has '^[^|]*\|  *\|' ;;
		*slave) has '^[^|]*\| (master:[0-9]+ )?\|' ;;
		*shared) has '^[^|]*\| shared:[0-9]+ ' ;;
		unbindable) has '^[^|]*\| unbindable ' ;;
		esac
	done
	edit '.linux.rootfsPropagation = "nonsense"'
	in_container true
	[ "$status" = 1 ]
}

@test "a mount made on the host later reaches a slave, and not a private one" {
	needs_root
	mkdir "$T/shared" "$T/shared/sub"
	mount -t tmpfs -o mode=755 tmpfs "$T/shared"
	mount --make-shared "$T/shared"
	mkdir "$T/shared/sub"
	mount_at /mnt bind "$T/shared" rbind,rslave
	mount_at /tmp bind "$T/shared" rbind,rprivate
	edit '.linux.rootfsPropagation = "rslave"'
	detached
	mount -t tmpfs late "$T/shared/sub"
	touch "$T/shared/sub/late"
	[ -e "/proc/$PID/root/mnt/sub/late" ]
	[ ! -e "/proc/$PID/root/tmp/sub/late" ]
	umount "$T/shared/sub"
	rt delete --force "$ID"
	umount "$T/shared"
}

@test "masked paths: files are empty, folders are empty and read-only" {
	echo secret >"$ROOTFS/etc/secret"
	mkdir "$ROOTFS/var/secrets"
	echo secret >"$ROOTFS/var/secrets/file"
	writable
	edit '.linux.maskedPaths += ["/etc/secret", "/var/secrets", "/no/such/path"]'
	inside 'cat /etc/secret; ls /var/secrets; touch /var/secrets/new 2>/dev/null || echo refused; cat /proc/keys; ls /no 2>/dev/null || echo none'
	is $'refused\nnone'
	[ "$(cat "$ROOTFS/etc/secret")" = secret ]
}

@test "read-only paths" {
	mkdir "$ROOTFS/var/fixed"
	writable
	edit '.linux.readonlyPaths += ["/var/fixed", "/no/such/path"]'
	inside 'touch /var/fixed/new 2>/dev/null || echo refused; touch /var/free; echo 1 2>/dev/null > /proc/sys/kernel/printk || echo refused'
	is $'refused\nrefused'
}

@test "destinations are made, through links only within the root" {
	writable
	ln -s /etc "$ROOTFS/absolute"
	ln -s ../../../../../../../../.. "$ROOTFS/var/up"
	bind_at /made/of/several bind
	bind_at /absolute/inside bind
	bind_at /var/up/below bind
	inside 'cat /made/of/several/file /etc/inside/file /below/file'
	is $'host\nhost\nhost'
	[ ! -e /etc/inside ]
	[ ! -e /below ]
}

@test "destinations with .. stay in the root" {
	writable
	bind_at /mnt/../../../../../../../../tmp/dots bind
	inside 'cat /tmp/dots/file'
	is host
	[ ! -e /tmp/dots ]
}

@test "a later mount covers an earlier one" {
	bind_at /mnt bind
	mount_at /mnt tmpfs tmpfs ''
	inside 'ls /mnt'
	is ''
}

@test "a mount's destination may be in an earlier mount" {
	mount_at /mnt tmpfs tmpfs ''
	bind_at /mnt/a/b bind
	inside 'cat /mnt/a/b/file'
	is host
}

@test "errors name the destination: no source, unknown type, unknown option" {
	mount_at /mnt bind "$T/no-such-source" bind
	in_container true
	[ "$status" = 1 ]
	has "no-such-source"
	has 'o such file'
	edit '.mounts |= map(select(.destination != "/mnt"))'
	mount_at /mnt no-such-type none ''
	in_container true
	[ "$status" = 1 ]
	has /mnt
	edit '.mounts |= map(select(.destination != "/mnt"))'
	mount_at /mnt tmpfs tmpfs no-such-option
	in_container true
	[ "$status" = 1 ]
	has /mnt
	nothing_left
}

@test "a misspelt option or path: the error tells the right one, and a bind mount, which has no use for it, warns" {
	needs_berth
	mount_at /mnt tmpfs tmpfs no-such-option
	in_container true
	refused "neither berth nor the file system has an option of that name"
	edit ".mounts |= map(select(.destination != \"/mnt\"))"
	mount_at /mnt tmpfs tmpfs RO
	in_container true
	refused '/mnt: .*RO.*did you mean ro[?]'
	edit '.mounts |= map(select(.destination != "/mnt"))'
	mount_at /mnt overlay overlay lowerdir=/no-such:/etc
	in_container true
	refused 'overlay on /mnt: .*every path in the options[?]'
	edit '.mounts |= map(select(.destination != "/mnt"))'
	bind_at /mnt bind,readonly
	in_container 'cat /mnt/file'
	[ "$status" = 0 ]
	has '^warning: .*/mounts/[0-9]*/options: "readonly" has no effect on a bind mount$'
	has '^host$'
}

@test "a destination that is a link to what is not there: that is made, within the root file system" {
	ln -s ../run/resolve/stub "$ROOTFS/etc/resolv.conf"
	ln -s "$T/away" "$ROOTFS/etc/away"
	mount_at /etc/resolv.conf bind "$T/host/file" bind
	bind_at /etc/away/below bind
	inside 'readlink /etc/resolv.conf; cat /etc/resolv.conf /run/resolve/stub; cat /etc/away/below/file'
	is $'../run/resolve/stub\nhost\nhost\nhost'
	[ ! -e "$T/away" ]
	[ -f "$ROOTFS/run/resolve/stub" ]
	[ -d "$ROOTFS/$T/away/below" ]
}

@test "/proc is a real procfs, even where the image has a link there" {
	rm -rf "$ROOTFS/proc"
	ln -s /tmp "$ROOTFS/proc"
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "mounts inside /proc are refused, but for the few that are known" {
	bind_at /proc/sys bind
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "/dev without a mount of its own: the root's folder is used" {
	needs_root
	writable
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	inside 'echo gone > /dev/null; head -c 3 /dev/zero | wc -c'
	is 3
}

@test "idmap: files of the host belong to the mapped user" {
	needs_berth "runc 1.1 has no idmapped mounts"
	needs_root
	needs_kernel 5.19
	needs_userns
	[ "$(stat -f -c %T "$T")" = ext2/ext3 ] || skip "the file system of $T has no idmapped mounts"
	touch "$T/host/mine"
	chown 1000:1000 "$T/host/mine"
	edit '.mounts += [{destination: "/mnt", type: "bind", source: $s, options: ["bind", "idmap"],
	      uidMappings: [{containerID: 1000, hostID: 5000, size: 1}, {containerID: 0, hostID: 0, size: 1}],
	      gidMappings: [{containerID: 1000, hostID: 6000, size: 1}, {containerID: 0, hostID: 0, size: 1}]}]' --arg s "$T/host"
	inside 'stat -c %u:%g /mnt/mine /mnt/file'
	is $'5000:6000\n0:0'
}

@test "overlay, by the options of the configuration" {
	needs_root
	mkdir "$T/lower" "$T/upper" "$T/work"
	[ "$(stat -f -c %T "$T")" = ext2/ext3 ] || skip "no overlay on the file system of $T"
	echo lower >"$T/lower/file"
	mount_at /mnt overlay overlay "lowerdir=$T/lower,upperdir=$T/upper,workdir=$T/work"
	inside 'cat /mnt/file; echo upper > /mnt/file'
	is lower
	[ "$(cat "$T/upper/file")" = upper ]
}
