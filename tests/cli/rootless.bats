#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What only ordinary users see: mappings with and without ranges in /etc/subuid, and what they must not gain.

load ../lib/cli

setup_file()
{
	cli_setup_file
	make_users
}

setup()
{
	[ "$(id -u)" = 0 ] || skip "needs root, to make ordinary users"
	cli_setup
}

@test "spec --rootless of a user with ranges: all of them are mapped" {
	become "$CLI_SUBID_USER"
	inside 'id -u; cat /proc/self/uid_map; id -g; cat /proc/self/gid_map'
	has '^0$'
	has "^ *0 +$(id -u "$CLI_SUBID_USER") +1$"
	needs_berth "runc's maps one id"
	has "^ *1 +$(sed -n "s/^$CLI_SUBID_USER:\([0-9]*\):.*/\1/p" /etc/subuid) +65536$"
	has "^ *1 +$(sed -n "s/^$CLI_SUBID_USER:\([0-9]*\):.*/\1/p" /etc/subgid) +65536$"
}

@test "spec --rootless of a user without ranges: one id" {
	become "$CLI_PLAIN_USER"
	inside 'id -u; cat /proc/self/uid_map; cat /proc/self/setgroups'
	has '^0$'
	has "^ *0 +$(id -u "$CLI_PLAIN_USER") +1$"
	has '^deny$'
}

@test "files belong to the user outside" {
	become "$CLI_SUBID_USER"
	writable
	inside 'touch /file'
	[ "$(stat -c %U "$ROOTFS/file")" = "$CLI_SUBID_USER" ]
	needs_berth "runc's maps one id"
	edit '.process.capabilities |= map_values(. + ["CAP_CHOWN"])'
	inside 'touch /file2; chown 5:5 /file2'
	[ "$(stat -c %u "$ROOTFS/file2")" = $(($(sed -n "s/^$CLI_SUBID_USER:\([0-9]*\):.*/\1/p" /etc/subuid) + 4)) ]
}

@test "the process has no privilege over the host" {
	local user
	for user in "$CLI_SUBID_USER" "$CLI_PLAIN_USER"; do
		become "$user"
		writable
		detached
		[ "$(awk '/^Uid/ { print $2 }' "/proc/$PID/status")" = "$(id -u "$user")" ]
		[ "$(readlink "/proc/$PID/ns/user")" != "$(readlink /proc/self/ns/user)" ]
		rt delete --force "$ID"
	done
}

@test "a mapping that the user has no right to is refused" {
	local user
	for user in "$CLI_SUBID_USER" "$CLI_PLAIN_USER"; do
		become "$user"
		edit '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
		in_container 'id -u'
		[ "$status" = 1 ]
		edit '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 100000}]'
		in_container 'id -u'
		[ "$status" = 1 ]
		nothing_left
	done
}

@test "without a user namespace an ordinary user gets nowhere" {
	become "$CLI_SUBID_USER"
	edit '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "the state folder of an ordinary user is in XDG_RUNTIME_DIR" {
	become "$CLI_SUBID_USER"
	sh_c 'exec sleep 1000'
	local rt=("${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME")
	"${rt[@]}" run --detach --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null || failed "$(cat "$T/out")"
	[ -n "$(find "$T/run" -name "$ID")" ]
	"${rt[@]}" state "$ID"
	"${rt[@]}" delete --force "$ID"
	[ -z "$(find "$T/run" -name "$ID")" ]
}

@test "so it is for who became root of a user namespace, as rootless engines do, and USER=root is root" {
	become "$CLI_SUBID_USER"
	local rt=("${AS_USER[@]}" "${RT_ENV[@]}" unshare --user --map-root-user)
	mkdir "$T/run/berth/$ID" 2>/dev/null || "${AS_USER[@]}" mkdir -m 700 -p "$T/run/berth/$ID"
	run "${rt[@]}" "$CLI_RUNTIME" list -q
	[ "$status" = 0 ] || failed "$output"
	run "${rt[@]}" env USER=root "$CLI_RUNTIME" state "$ID"
	has_not "$T/run"
	run "${rt[@]}" env USER="$CLI_SUBID_USER" "$CLI_RUNTIME" delete --force "$ID"
	[ "$status" = 0 ] || failed "$output"
	[ ! -e "$T/run/berth/$ID" ]
}

@test "one user's containers are out of another's reach" {
	become "$CLI_SUBID_USER"
	detached
	AS_USER=(setpriv --reuid "$(id -u "$CLI_PLAIN_USER")" --regid "$(id -g "$CLI_PLAIN_USER")" --clear-groups --inh-caps=-all)
	run rt state "$ID"
	[ "$status" = 1 ]
	run rt kill "$ID" KILL
	[ "$status" = 1 ]
	run rt delete --force "$ID"
	[ -d "/proc/$PID" ]
	become_again "$CLI_SUBID_USER"
	[ "$(container_status)" = running ]
}

become_again()
{
	AS_USER=(setpriv --reuid "$(id -u "$1")" --regid "$(id -g "$1")" --clear-groups --inh-caps=-all)
}

@test "read-only binds of what is mounted with locked flags work" {
	become "$CLI_SUBID_USER"
	edit '.mounts += [{destination: "/mnt", type: "bind", source: "/proc", options: ["rbind", "ro"]},
	      {destination: "/tmp", type: "bind", source: "/dev/shm", options: ["bind", "ro"]}]'
	inside '[ -d /mnt/self ] && echo proc; touch /tmp/x 2>/dev/null || echo refused'
	is $'proc\nrefused'
}

@test "kill, state, list and delete work as for root" {
	local user
	for user in "$CLI_SUBID_USER" "$CLI_PLAIN_USER"; do
		become "$user"
		detached
		[ "$(container_status)" = running ]
		[ "$(rt list -q)" = "$ID" ]
		rt list | grep -q "$user"
		rt kill "$ID" KILL
		eventually status_is stopped
		rt delete "$ID"
		nothing_left
	done
}

@test "root runs as root of another's user namespace what it may not as itself" {
	# --rootless of root itself: a namespace that maps its own id
	new_config --rootless
	inside 'id -u'
	is 0
}

@test "a linux.cgroupsPath out of the user's reach is warned about" {
	is_rootless || skip "root reaches them all"
	edit '.linux.cgroupsPath = "/berth-out-of-reach/x"'
	in_container 'echo fine'
	[ "$status" = 0 ]
	has "^warning: container $ID runs in berth's own cgroup, not in /berth-out-of-reach/x: "
	has '^fine$'
	edit 'del(.linux.cgroupsPath)'
	inside 'echo fine'
	is fine
}

@test "who became root of a user namespace has the cgroups of an ordinary user, and runs without one" {
	needs_berth
	become "$CLI_SUBID_USER"
	local rt=("${AS_USER[@]}" "${RT_ENV[@]}" unshare --user --map-root-user --mount "$CLI_RUNTIME" --root "$STATE")
	edit '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings, .linux.cgroupsPath)
		| (.mounts[] | select(.type == "devpts") | .options) |= map(select(startswith("gid=") | not))'
	sh_c 'echo ran as $(id -u)'
	run "${rt[@]}" run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ] || failed "$output"
	has 'ran as 0'
	# without a cgroup namespace the tree cannot be mounted anew: it is bound, read-only
	edit '.linux.namespaces |= map(select(.type != "cgroup")) | .mounts += [{destination: "/mnt", type: "cgroup", source: "cgroup"}]'
	sh_c '[ -e /mnt/cgroup.procs ] && echo cgroups; mkdir /mnt/x || echo refused'
	run "${rt[@]}" run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ] || failed "$output"
	has cgroups
	has 'Read-only file system'
	edit '.linux.resources.pids.limit = 10'
	run "${rt[@]}" run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'systemd-run --user'
}

@test "who became root of a user namespace can exec" {
	become "$CLI_SUBID_USER"
	edit '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings, .linux.cgroupsPath)
		| (.mounts[] | select(.type == "devpts") | .options) |= map(select(startswith("gid=") | not))
		| .process.oomScoreAdj = 100'
	sh_c 'exec sleep 1000'
	# one namespace for all, as an engine keeps it
	# shellcheck disable=SC2016 # for the shell in there
	run "${AS_USER[@]}" "${RT_ENV[@]}" unshare --user --map-root-user --mount sh -c '
		rt="$1 --root $2"
		$rt run --detach --bundle "$3" "$4" </dev/null >/dev/null 2>&1 || exit 3
		$rt exec "$4" cat /proc/self/oom_score_adj
		$rt exec "$4" sh -c "exit 5"
		echo "ended with $?"
		$rt delete --force "$4"' sh "$CLI_RUNTIME" "$STATE" "$BUNDLE" "$ID"
	is $'100\nended with 5'
}
