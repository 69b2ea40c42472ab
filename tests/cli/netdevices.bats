#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices of the host moved into the container's network namespace. The host of these tests is a network namespace of
# their own, so that the machine's is not touched.

load ../lib/cli

setup()
{
	cli_setup
	needs_root
	command -v ip >/dev/null || skip "needs iproute2"
	HOST=bn${ID//[^a-zA-Z0-9]/}
	ip netns add "$HOST" 2>/dev/null || skip "no network namespaces here"
	ip -n "$HOST" link add dev0 mtu 1400 address 02:00:00:00:00:07 type veth peer name peer0 || skip "no veth devices here"
	ip -n "$HOST" address add 10.99.0.1/24 dev dev0 label dev0:x
	ip -n "$HOST" address add 10.99.0.2/24 dev dev0
	ip -n "$HOST" address add 169.254.3.3/16 dev dev0 scope link
	ip -n "$HOST" -6 address add fd00::5/64 dev dev0 nodad 2>/dev/null || true
	# no IPv6 link-local address: the kernel would add and change it while a test looks
	ip -n "$HOST" link set dev0 addrgenmode none
	ip -n "$HOST" link set dev0 up
	ip -n "$HOST" link set peer0 up
}

teardown()
{
	local status=0
	cli_teardown || status=1
	[ -z "${HOST:-}" ] || ip netns del "$HOST" 2>/dev/null || true
	return $status
}

# rt ARGUMENT...: as in cli.bash, but from that host
rt()
{
	${HOST:+nsenter --net="/run/netns/$HOST"} env -i PATH="$PATH" HOME="$T" CLI_TEST="$T" ASAN_OPTIONS="${ASAN_OPTIONS:-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" timeout --foreground -k 5 60 "$CLI_RUNTIME" --root "$STATE" "$@"
}

devices()
{
	edit '.linux.netDevices = $devices' --argjson devices "$1"
}

in_host()
{
	ip -n "$HOST" "$@"
}

@test "a device is moved, with its attributes and permanent global addresses, and set up" {
	devices '{"dev0": {}}'
	inside 'ip link show dev dev0; ip address show dev dev0'
	has 'dev0@.*[<,]UP[,>].* mtu 1400'
	has 'link/ether 02:00:00:00:00:07'
	has 'inet 10\.99\.0\.1/24 .*scope global.* dev0:x$'
	has 'inet 10\.99\.0\.2/24 .*scope global'
	has_not '169\.254\.3\.3'
	! in_host -6 address show dev peer0 | grep -q . || has 'inet6 fd00::5/64 scope global'
}

@test "it is gone from the host while the container lives" {
	devices '{"dev0": {}}'
	detached
	! in_host link show dev dev0 2>/dev/null || failed "dev0 is still there"
	in_host link show dev peer0 >/dev/null
}

@test "name: it is renamed, and the labels of its addresses with it" {
	devices '{"dev0": {"name": "ctr_eth0"}}'
	inside 'ls /sys/class/net; ip address show dev ctr_eth0'
	has '^ctr_eth0$'
	has_not '^dev0$'
	has 'inet 10\.99\.0\.1/24 .*ctr_eth0:x$'
}

@test "name: with %d the kernel chooses" {
	in_host link add dev1 type veth peer name peer1
	devices '{"dev0": {"name": "eth%d"}, "dev1": {"name": "eth%d"}}'
	inside 'ls /sys/class/net'
	is $'eth0\neth1\nlo'
}

@test "two devices may change names" {
	in_host link add dev1 type veth peer name peer1
	devices '{"dev0": {"name": "dev1"}, "dev1": {"name": "dev0"}}'
	inside 'ip address show dev dev1'
	has '10\.99\.0\.1/24'
}

@test "a name that is taken in the container is an error, and the device stays as it was" {
	local before
	before=$(in_host -o address show dev dev0)
	devices '{"dev0": {"name": "lo"}}'
	in_container true
	refused 'network-devices: .*there is a network device lo in the container already'
	[ "$(in_host -o address show dev dev0)" = "$before" ] || failed "$(in_host address show dev dev0)"
	nothing_left
}

@test "in a joined network namespace, too" {
	ip netns add "$HOST-pod"
	ip -n "$HOST-pod" link add dev0 type veth peer name peer0
	edit '(.linux.namespaces[] | select(.type == "network")).path = $path' --arg path "/run/netns/$HOST-pod"
	devices '{"dev0": {}}'
	in_container true
	[ "$status" = 1 ] && has 'there is a network device dev0 in the container already' || { ip netns del "$HOST-pod"; failed "$output"; }
	# its own name is taken, the new one is free
	devices '{"dev0": {"name": "moved"}}'
	in_container 'ip address show dev moved; ls /sys/class/net | sort'
	ip netns del "$HOST-pod"
	[ "$status" = 0 ]
	has '10\.99\.0\.1/24'
}

@test "a failure later takes it back: name, addresses, state" {
	local before
	before=$(in_host -o -4 address show dev dev0)
	devices '{"dev0": {"name": "moved"}}'
	edit '.process.args = ["/no/such/program"]'
	run rt run --bundle "$BUNDLE" "$ID"
	refused 'no such file'
	[ "$(in_host -o -4 address show dev dev0)" = "$before" ] || failed "$(in_host address show dev dev0)"
	in_host link show dev dev0 | grep -q '[<,]UP[,>]'
	nothing_left
}

@test "into a user namespace, too" {
	in_userns
	devices '{"dev0": {"name": "moved"}}'
	inside 'ip address show dev moved'
	has '10\.99\.0\.1/24'
}

@test "a failure in a user namespace takes it back" {
	local before
	before=$(in_host -o -4 address show dev dev0)
	edit '.process.args = ["/no/such/program"]'
	in_userns
	devices '{"dev0": {"name": "moved"}}'
	run rt run --bundle "$BUNDLE" "$ID"
	refused 'no such file'
	[ "$(in_host -o -4 address show dev dev0)" = "$before" ] || failed "$(in_host address show dev dev0)"
}

@test "createRuntime hooks find it in the container" {
	devices '{"dev0": {"name": "moved"}}'
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script], env: ["PATH=\($path)"]}]' --arg path "$PATH" \
		--arg script "nsenter -t \$(jq .pid) -n ip -o link show dev moved >$T/hook"
	inside true
	grep -q moved "$T/hook"
}

@test "sysctls may be about it" {
	devices '{"dev0": {"name": "moved"}}'
	edit '.linux.sysctl = {"net.ipv4.conf.moved.forwarding": "1"}'
	inside 'cat /proc/sys/net/ipv4/conf/moved/forwarding'
	is 1
}

@test "a device that is not there, or cannot be moved, is an error" {
	devices '{"nope0": {}}'
	in_container true
	refused 'find-devices: there is no network device nope0'
	nothing_left
	devices '{"lo": {"name": "lo0"}}'
	in_container true
	refused 'move network device lo: '
	nothing_left
}

@test "without a network namespace it is an error" {
	devices '{"dev0": {}}'
	edit '.linux.namespaces |= map(select(.type != "network"))'
	in_container true
	[ "$status" = 1 ]
	has 'find-devices: the container shares the host.s network namespace'
	nothing_left
}
