#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces: new, inherited, joined by path; what belongs to one: host name, sysctls, id mappings.

load ../lib/cli

# namespace_of PID TYPE
namespace_of()
{
	readlink "/proc/$1/ns/$2"
}

# with_namespace JSON: adds a namespace, or replaces the one of its type
with_namespace()
{
	edit '.linux.namespaces |= map(select(.type != $new.type)) + [$new]' --argjson new "$1"
}

without_namespace()
{
	edit '.linux.namespaces |= map(select(.type != $type))' --arg type "$1"
}

# holder UNSHARE-OPTION...: a process with namespaces of its own; $HOLDER is its pid
holder()
{
	env -i CLI_TEST="$T" PATH="$PATH" unshare "$@" sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	HOLDER=$!
	eventually is_asleep $HOLDER
}

drop_holder()
{
	# unshare --kill-child ends its child with it, so one of them may have ended already
	xargs kill -KILL "$HOLDER" <"/proc/$HOLDER/task/$HOLDER/children" 2>/dev/null || true
	wait "$HOLDER" || true
}

is_asleep()
{
	[ "$(cat "/proc/$1/comm")" = sleep ] || [ -n "$(cat "/proc/$1/task/$1/children" 2>/dev/null)" ]
}

@test "those listed are new, the others are the caller's" {
	detached
	local type listed
	listed=$(jq -r '.linux.namespaces[].type' "$BUNDLE/config.json" | sed 's/mount/mnt/; s/network/net/')
	for type in mnt pid net ipc uts user cgroup; do
		if grep -qx "$type" <<<"$listed"; then
			[ "$(namespace_of "$PID" $type)" != "$(namespace_of self $type)" ] || failed "$type is not new"
		else
			[ "$(namespace_of "$PID" $type)" = "$(namespace_of self $type)" ] || failed "$type is not inherited"
		fi
	done
}

@test "new cgroup and time namespaces" {
	needs_berth "runc 1.1 has no time namespace"
	with_namespace '{"type": "cgroup"}'
	with_namespace '{"type": "time"}'
	detached
	[ "$(namespace_of "$PID" cgroup)" != "$(namespace_of self cgroup)" ]
	[ "$(namespace_of "$PID" time)" != "$(namespace_of self time)" ]
	[ "$(namespace_of "$PID" time)" = "$(namespace_of "$PID" time_for_children)" ]
}

@test "with none but mount (and user, unprivileged) all others are inherited" {
	edit '.linux.namespaces |= map(select(.type == "mount" or .type == "user")) | del(.hostname)'
	# a new procfs and sysfs need the namespaces that they show
	edit '.mounts |= map(select(.type != "mqueue" and .type != "cgroup") | if .type == "proc" or .type == "sysfs"
	      then {destination, type: "bind", source: .destination, options: ["rbind"]} else . end)'
	detached
	local type
	for type in pid net ipc uts; do
		[ "$(namespace_of "$PID" $type)" = "$(namespace_of self $type)" ] || failed "$type is not inherited"
	done
	[ "$(namespace_of "$PID" mnt)" != "$(namespace_of self mnt)" ]
}

@test "network, ipc and uts joined by path" {
	needs_root
	holder --net --ipc --uts
	nsenter --target "$HOLDER" --uts hostname held
	with_namespace "{\"type\": \"network\", \"path\": \"/proc/$HOLDER/ns/net\"}"
	with_namespace "{\"type\": \"ipc\", \"path\": \"/proc/$HOLDER/ns/ipc\"}"
	with_namespace "{\"type\": \"uts\", \"path\": \"/proc/$HOLDER/ns/uts\"}"
	edit 'del(.hostname)'
	detached
	local type
	for type in net ipc uts; do
		[ "$(namespace_of "$PID" $type)" = "$(namespace_of "$HOLDER" $type)" ] || failed "$type is not the holder's"
	done
	[ "$(nsenter --target "$PID" --uts hostname)" = held ]
	drop_holder
}

@test "a pid namespace joined by path: the process is in it, under a pid of its own" {
	needs_root
	local pid
	holder --pid --fork --kill-child
	pid=$(cat "/proc/$HOLDER/task/$HOLDER/children")
	pid=${pid%% *}
	with_namespace "{\"type\": \"pid\", \"path\": \"/proc/$pid/ns/pid\"}"
	detached
	[ "$(namespace_of "$PID" pid)" = "$(namespace_of "$pid" pid)" ]
	[ "$(awk '/^NSpid/ { print $3 }' "/proc/$PID/status")" != 1 ]
	[ "$(rt state "$ID" | jq .pid)" = "$PID" ]
	rt kill "$ID" KILL
	eventually status_is stopped
	rt delete "$ID"
	[ -d "/proc/$pid" ]
	drop_holder
}

@test "another container's namespaces joined: a pod" {
	local first=$ID pid type
	detached
	pid=$PID
	for type in network:net ipc:ipc uts:uts; do
		jq -e --arg type "${type%:*}" '.linux.namespaces[] | select(.type == $type)' "$BUNDLE/config.json" || continue
		with_namespace "{\"type\": \"${type%:*}\", \"path\": \"/proc/$pid/ns/${type#*:}\"}"
	done
	! is_rootless || needs_berth "runc 1.1 wants mappings for a joined user namespace"
	! is_rootless || with_namespace "{\"type\": \"user\", \"path\": \"/proc/$pid/ns/user\"}"
	edit 'del(.hostname)'
	! is_rootless || edit 'del(.linux.uidMappings, .linux.gidMappings)'
	ID=$ID-second
	detached
	[ "$(namespace_of "$PID" ipc)" = "$(namespace_of "$pid" ipc)" ]
	[ "$(namespace_of "$PID" uts)" = "$(namespace_of "$pid" uts)" ]
	[ "$(namespace_of "$PID" user)" = "$(namespace_of "$pid" user)" ]
	[ "$(namespace_of "$PID" pid)" != "$(namespace_of "$pid" pid)" ]
	rt delete --force "$ID"
	ID=$first
	[ "$(container_status)" = running ]
}

@test "a user namespace joined by path" {
	needs_root
	needs_berth "runc 1.1 wants mappings all the same"
	needs_userns
	holder --user --map-root-user
	with_namespace "{\"type\": \"user\", \"path\": \"/proc/$HOLDER/ns/user\"}"
	# it maps one id: root here, so files and mounts work as before
	edit '.mounts |= map(select(.type != "cgroup") | if .type == "devpts" then .options -= ["gid=5"] else . end)'
	detached
	[ "$(namespace_of "$PID" user)" = "$(namespace_of "$HOLDER" user)" ]
	drop_holder
}

@test "a path that does not exist, or is no namespace, or of another type, is an error" {
	local path
	for path in /no/such/namespace /etc/passwd /proc/self/ns/uts relative/path; do
		with_namespace "{\"type\": \"ipc\", \"path\": \"$path\"}"
		run rt run --bundle "$BUNDLE" "$ID"
		[ "$status" = 1 ] || failed "$path: $status $output"
	done
	nothing_left
}

@test "a type twice, or an unknown one, is an error" {
	edit '.linux.namespaces += [{type: "uts"}]'
	in_container true
	[ "$status" = 1 ]
	edit '.linux.namespaces |= unique_by(.type) + [{type: "nonsense"}]'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "the process is number 1 of a new pid namespace" {
	inside 'echo $$; ls /proc | grep -c "^[0-9]"'
	# pids: the shell, ls and grep
	is $'1\n3'
}

@test "hostname" {
	edit '.hostname = "berth-test.example"'
	local before
	before=$(hostname)
	inside 'hostname; cat /proc/sys/kernel/hostname'
	is $'berth-test.example\nberth-test.example'
	[ "$(hostname)" = "$before" ]
}

@test "domainname" {
	needs_berth "runc 1.1 does not know it"
	edit '.domainname = "domain.example"'
	inside 'cat /proc/sys/kernel/domainname'
	is domain.example
}

@test "hostname without a uts namespace of its own is an error" {
	without_namespace uts
	edit '.hostname = "other"'
	local before
	before=$(hostname)
	in_container hostname
	[ "$status" = 1 ]
	[ "$(hostname)" = "$before" ]
	nothing_left
}

@test "lo is up in a new network namespace" {
	jq -e '.linux.namespaces[] | select(.type == "network")' "$BUNDLE/config.json" || with_namespace '{"type": "network"}'
	inside 'ip addr show lo'
	has 'LOOPBACK,UP'
	has 'inet 127\.0\.0\.1/8'
}

@test "sysctls of the container's own namespaces" {
	with_namespace '{"type": "network"}'
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net.ipv4.ping_group_range": "0 0"}'
	is_rootless || edit '.linux.sysctl += {"kernel.msgmax": "12345", "fs.mqueue.msg_max": "7"}'
	detached
	sysctl()
	{
		"${AS_USER[@]}" cat "/proc/$PID/root/proc/sys/$1" | tr '\t' ' '
	}
	[ "$(sysctl net/ipv4/ip_forward)" = 1 ] || [ "$(nsenter -t "$PID" -n cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
	rt delete --force "$ID"
	inside 'cd /proc/sys; cat net/ipv4/ip_forward; cat net/ipv4/ping_group_range; cat kernel/msgmax fs/mqueue/msg_max'
	has '^1$'
	has '^0.0$'
	is_rootless || has '^12345$'
	is_rootless || has '^7$'
}

@test "sysctls that are not the container's own are refused" {
	local key host
	host=$(cat /proc/sys/kernel/msgmax)
	for key in kernel.panic vm.swappiness kernel.core_pattern ../../etc/passwd kernel.msgmax=1 net..ipv4; do
		edit '.linux.sysctl = {($key): "1"}' --arg key "$key"
		in_container true
		[ "$status" = 1 ] || failed "$key was accepted"
	done
	without_namespace ipc
	edit '.linux.sysctl = {"kernel.msgmax": "1"} | .mounts |= map(select(.type != "mqueue"))'
	in_container true
	[ "$status" = 1 ]
	[ "$(cat /proc/sys/kernel/msgmax)" = "$host" ]
	nothing_left
}

@test "a user namespace with mappings: root inside is another user outside" {
	needs_root
	needs_userns
	with_namespace '{"type": "user"}'
	edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 10}]
	      | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 1000}]'
	find "$ROOTFS" -type d -exec chown 100000:200000 {} +
	sh_c 'cat /proc/self/uid_map /proc/self/gid_map; id -u; exec sleep 1000'
	detached 'cat /proc/self/uid_map /proc/self/gid_map; id -u; exec sleep 1000'
	eventually grep -qx 0 "$T/out"
	grep -Eq '^ *0 +100000 +1000$' "$T/out"
	grep -Eq '^ *1000 +300000 +10$' "$T/out"
	grep -Eq '^ *0 +200000 +1000$' "$T/out"
	[ "$(awk '/^Uid/ { print $2, $3, $4, $5 }' "/proc/$PID/status")" = "100000 100000 100000 100000" ]
	[ "$(awk '/^Gid/ { print $2, $3, $4, $5 }' "/proc/$PID/status")" = "200000 200000 200000 200000" ]
}

@test "in a user namespace of root's making /dev/mqueue and the kernel's ipc parameters are the container's root's" {
	needs_root
	in_userns
	edit '.linux.sysctl = {"fs.mqueue.msg_max": "12", "kernel.shmmax": "123456"}'
	inside 'stat -c "%u %a" /dev/mqueue; chmod 1770 /dev/mqueue && stat -c %a /dev/mqueue
		stat -c %u /proc/sys/kernel/shmmax; cat /proc/sys/fs/mqueue/msg_max /proc/sys/kernel/shmmax; readlink /proc/self/ns/ipc'
	is "0 1777
1770
0
12
123456
${lines[5]}"
	[ "${lines[5]}" != "$(readlink /proc/self/ns/ipc)" ]
}

@test "a root file system that root of the user namespace may not write to: the error says whose it has to be" {
	needs_root
	in_userns
	chown 0:0 "$ROOTFS"
	rmdir "$ROOTFS/proc" 2>/dev/null || true
	in_container true
	refused "mounts\[0\], /proc: make directory /proc: .*uid 200000 of the host, to whom the root file system has to belong"
}

@test "mappings without a user namespace, and one without mappings, are errors" {
	needs_root
	edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = .linux.uidMappings'
	in_container true
	[ "$status" = 1 ]
	edit 'del(.linux.uidMappings, .linux.gidMappings)'
	with_namespace '{"type": "user"}'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "overlapping mappings are an error" {
	needs_root
	with_namespace '{"type": "user"}'
	edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}, {containerID: 5, hostID: 200000, size: 10}]
	      | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 10}]'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}
