#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile, process.selinuxLabel, linux.mountLabel: applied where the security module is there, an error where it is not.

load ../lib/cli

has_apparmor()
{
	grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null
}

has_selinux()
{
	[ -e /sys/fs/selinux/enforce ]
}

@test "apparmorProfile: without AppArmor it is an error" {
	! has_apparmor || skip "AppArmor is enabled here"
	edit '.process.apparmorProfile = "berth-test"'
	in_container 'echo it runs'
	refused 'labels: apparmor profile berth-test was asked for, but AppArmor is not enabled'
	nothing_left
}

@test "apparmorProfile: unconfined is what a process is without AppArmor" {
	edit '.process.apparmorProfile = "unconfined"'
	! has_apparmor || ! is_rootless || skip "AppArmor is enabled here"
	inside 'echo it runs'
	is 'it runs'
}

@test "apparmorProfile: a profile that is not loaded is an error" {
	has_apparmor || skip "AppArmor is not enabled here"
	edit '.process.apparmorProfile = "berth-no-such-profile"'
	in_container 'echo it runs'
	refused 'labels: set apparmor profile berth-no-such-profile: '
	nothing_left
}

@test "apparmorProfile: the process is confined by it, and exec's" {
	needs_root
	has_apparmor || skip "AppArmor is not enabled here"
	command -v apparmor_parser >/dev/null || skip "needs apparmor_parser"
	printf 'profile berth-test flags=(attach_disconnected,mediate_deleted) {\n file,\n capability,\n deny /dev/shm/forbidden w,\n signal,\n network,\n}\n' >"$T/profile"
	apparmor_parser -r -K "$T/profile" || skip "profiles cannot be loaded here"
	edit '.process.apparmorProfile = "berth-test"'
	in_container 'cat /proc/self/attr/current; echo x >/dev/shm/allowed && echo written; echo x >/dev/shm/forbidden || echo refused'
	[ "$status" = 0 ] || { apparmor_parser -R "$T/profile"; failed "$output"; }
	has '^berth-test \(enforce\)'
	has '^written'
	has '^refused'
	detached
	needs_command exec
	run rt exec "$ID" /bin/cat /proc/self/attr/current
	rt delete --force "$ID"
	apparmor_parser -R "$T/profile"
	has '^berth-test \(enforce\)'
}

@test "selinuxLabel: without SELinux it is an error" {
	! has_selinux || skip "SELinux is enabled here"
	edit '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
	in_container 'echo it runs'
	refused 'labels: selinux label system_u:system_r:container_t:s0 was asked for, but SELinux is not enabled'
	nothing_left
}

@test "selinuxLabel: the process has it, and exec's" {
	needs_root
	has_selinux || skip "SELinux is not enabled here"
	edit '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1"'
	inside 'cat /proc/self/attr/current'
	has '^system_u:system_r:container_t:s0:c1'
	detached
	needs_command exec
	run rt exec "$ID" /bin/cat /proc/self/attr/current
	has '^system_u:system_r:container_t:s0:c1'
	run rt exec --process-label system_u:system_r:container_t:s0:c2 "$ID" /bin/cat /proc/self/attr/current
	has '^system_u:system_r:container_t:s0:c2'
}

@test "selinuxLabel: one that the policy does not know is an error" {
	needs_root
	has_selinux || skip "SELinux is not enabled here"
	edit '.process.selinuxLabel = "system_u:system_r:no_such_t:s0"'
	in_container 'echo it runs'
	refused 'labels: set selinux label system_u:system_r:no_such_t:s0: .*the loaded policy does not know it'
	nothing_left
}

@test "labels for exec: the same, by its options" {
	! has_apparmor || skip "AppArmor is enabled here"
	detached
	needs_command exec
	run rt exec --apparmor berth-test "$ID" /bin/true
	exec_refused 'labels: apparmor profile berth-test was asked for'
	! has_selinux || return 0
	run rt exec --process-label a:b:c:s0 "$ID" /bin/true
	exec_refused 'labels: selinux label a:b:c:s0 was asked for'
}

@test "mountLabel: without SELinux it is an error" {
	! has_selinux || skip "SELinux is enabled here"
	edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
	in_container 'echo it runs'
	refused 'mount-label: system_u:object_r:container_file_t:s0:c1,c2 was asked for, but SELinux is not enabled'
	nothing_left
}

@test "mountLabel: the container's own mounts have it" {
	needs_root
	has_selinux || skip "SELinux is not enabled here"
	edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1"'
	inside 'grep " /dev " /proc/self/mountinfo; grep " /dev/pts " /proc/self/mountinfo'
	has ' /dev .*context="?system_u:object_r:container_file_t:s0:c1'
	has ' /dev/pts .*context="?system_u:object_r:container_file_t:s0:c1'
}

@test "both labels: of its own mounts the process reaches those of its own categories" {
	needs_root
	has_selinux || skip "SELinux is not enabled here"
	[ "$(cat /sys/fs/selinux/enforce)" = 1 ] || skip "SELinux does not enforce here"
	edit '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1" | .linux.mountLabel = "system_u:object_r:container_file_t:s0:c1"'
	inside 'echo x >/dev/shm/x && echo written'
	is written
	edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c2"'
	in_container 'echo x >/dev/shm/x || echo refused'
	has '^refused$'
}
