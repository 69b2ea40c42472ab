#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks of all six kinds: when they run, where, with what, and what their failure does.

load ../lib/cli

# On the host a hook is a script of the test's folder; startContainer's is one of the container's.
setup()
{
	cli_setup
	mkdir -p "$ROOTFS/hooks"
	# tells its kind and the state's status and pid, in the order of the calls
	cat >"$T/hook" <<-'END'
		#!/bin/busybox sh
		state=$(cat)
		echo "$state" > "$2.$1"
		echo "$1 $(echo "$state" | sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')" >> "$2"
	END
	chmod 755 "$T/hook"
	touch "$T/calls"
	hand_over "$T/calls" "$ROOTFS/hooks"
}

# hook KIND JSON: adds a hook
hook()
{
	edit '.hooks[$kind] += [$hook]' --arg kind "$1" --argjson hook "$2"
}

# script KIND TEXT: adds a hook that is a shell script of the host, with $T as its first argument
script()
{
	local file
	file=$(mktemp "$T/script.XXXXXX")
	printf '#!/bin/sh\n%s\n' "$2" >"$file"
	chmod 755 "$file"
	edit '.hooks[$kind] += [{path: $file, args: ["script", $t], env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]' \
		--arg kind "$1" --arg file "$file" --arg t "$T"
}

@test "all six run, in order, with the state that belongs to each" {
	needs_berth "runc 1.1 tells other states"
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook $kind "{\"path\": \"$T/hook\", \"args\": [\"hook\", \"$kind\", \"$T/calls\"]}"
	done
	# this one is executed in the container
	cp "$T/hook" "$ROOTFS/hooks/hook"
	writable
	hook startContainer '{"path": "/hooks/hook", "args": ["hook", "startContainer", "/hooks/calls"]}'
	inside 'cat /hooks/calls; sleep 0.2'
	is 'startContainer created'
	[ "$(cat "$T/calls")" = $'prestart creating\ncreateRuntime creating\ncreateContainer creating\npoststart running\npoststop stopped' ] ||
		failed "$(cat "$T/calls")"
}

@test "create runs the first three, start the next two, delete the last" {
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		script $kind "echo $kind >> \$1/calls"
	done
	sh_c 'exec sleep 1000'
	create_container
	[ "$(cat "$T/calls")" = $'prestart\ncreateRuntime\ncreateContainer' ]
	rt start "$ID"
	[ "$(cat "$T/calls")" = $'prestart\ncreateRuntime\ncreateContainer\npoststart' ]
	rt kill "$ID" KILL
	eventually status_is stopped
	[ "$(cat "$T/calls")" = $'prestart\ncreateRuntime\ncreateContainer\npoststart' ]
	rt delete "$ID"
	[ "$(cat "$T/calls")" = $'prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop' ]
}

@test "the state on standard input is complete" {
	edit '.annotations = {"key": "value"}'
	script createRuntime 'cat > $1/told'
	inside true
	[ "$(jq -r .id "$T/told")" = "$ID" ]
	[ "$(jq -r .bundle "$T/told")" = "$BUNDLE" ]
	[ "$(jq -r .annotations.key "$T/told")" = value ]
	jq -e '.pid > 1 and (.ociVersion | test("^1\\."))' "$T/told"
}

@test "a hook's arguments and environment are its own" {
	RT_ENV+=(LEAK=leaked)
	printf '#!/bin/sh\n{ for a; do echo "[$a]"; done; } > %q\nenv > %q\n' "$T/args" "$T/env" >"$T/tell"
	chmod 755 "$T/tell"
	hook createRuntime "{\"path\": \"$T/tell\", \"args\": [\"name\", \"a b\", \"\"], \"env\": [\"ONE=1\"]}"
	inside true
	[ "$(cat "$T/args")" = $'[a b]\n[]' ]
	grep -qx ONE=1 "$T/env"
	! grep -E 'LEAK|HOME|CLI_TEST' "$T/env" || failed "the caller's environment"
}

@test "a hook without args gets its path, without env nothing" {
	printf '#!/bin/sh\ntr "\\0" "\\n" < /proc/$$/cmdline > %q\n/usr/bin/env > %q\n' "$T/args" "$T/env" >"$T/tell"
	chmod 755 "$T/tell"
	hook createRuntime "{\"path\": \"$T/tell\"}"
	inside true
	grep -qx "$T/tell" "$T/args"
	! grep -E 'HOME|CLI_TEST' "$T/env" || failed "the caller's environment"
}

@test "a hook leaks no descriptors, and the container none to it" {
	script createRuntime 'ls -l /proc/self/fd > $1/fds'
	sh_c true
	run rt run --bundle "$BUNDLE" "$ID" 7</etc/passwd 20</
	[ "$status" = 0 ]
	! grep -E ' (7|20) ->' "$T/fds" || failed "$(cat "$T/fds")"
	[ "$(grep -c -- '->' "$T/fds")" -le 4 ]
}

@test "createRuntime runs outside the container's namespaces, createContainer inside" {
	script createRuntime 'readlink /proc/self/ns/uts > $1/runtime; readlink /proc/self/ns/mnt > $1/runtime.mnt'
	script createContainer 'readlink /proc/self/ns/uts > $1/container; readlink /proc/self/ns/mnt > $1/container.mnt'
	inside 'readlink /proc/self/ns/uts; readlink /proc/self/ns/mnt'
	[ "$(cat "$T/runtime")" = "$(readlink /proc/self/ns/uts)" ]
	[ "$(cat "$T/container")" != "$(readlink /proc/self/ns/uts)" ]
	[ "$(cat "$T/container")" = "${lines[0]}" ]
	[ "$(cat "$T/container.mnt")" = "${lines[1]}" ]
}

@test "createRuntime may change the container's namespaces by its pid" {
	needs_root
	script createRuntime 'pid=$(sed -n "s/.*\"pid\": *\([0-9]*\).*/\1/p"); nsenter -t $pid -n ip link add hooked type dummy 2>/dev/null || nsenter -t $pid -n sysctl -qw net.ipv4.ip_forward=1'
	inside 'ls /sys/class/net; cat /proc/sys/net/ipv4/ip_forward'
	has '^hooked$|^1$'
}

@test "startContainer is a program of the image, and confined as the container's is" {
	local nnp
	writable
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}
	      | .process.user.umask = 45'
	is_rootless || edit '.process.user += {uid: 1000, gid: 1001, additionalGids: [7]}'
	chmod 777 "$ROOTFS/hooks"
	hook startContainer '{"path": "/bin/sh", "args": ["sh", "-c", ". /.script >/hooks/told 2>&1"]}'
	for nnp in true false; do
		edit ".process.noNewPrivileges = $nnp"
		inside 'grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)" /proc/self/status; umask; mkdir /hooks/made 2>&1; :'
		is "$(cat "$ROOTFS/hooks/told")"
		has 'Operation not permitted'
		rm "$ROOTFS/hooks/told"
	done
}

@test "several hooks of a kind run in their order; none after a failure" {
	script createRuntime 'echo 1 >> $1/calls'
	script createRuntime 'echo 2 >> $1/calls; exit 3'
	script createRuntime 'echo 3 >> $1/calls'
	in_container true
	[ "$status" = 1 ]
	[ "$(cat "$T/calls")" = $'1\n2' ]
	nothing_left
}

@test "a failure of prestart, createRuntime, createContainer, startContainer: no start, nothing left" {
	local kind
	for kind in prestart createRuntime createContainer startContainer; do
		edit 'del(.hooks)'
		hook $kind '{"path": "/bin/false"}'
		in_container 'echo ran'
		[ "$status" = 1 ] || failed "$kind: $status $output"
		has_not '^ran$'
		has "$kind|hook"
		nothing_left
	done
}

@test "after a failure of any of these, poststop runs" {
	local kind
	for kind in prestart createRuntime createContainer startContainer; do
		edit 'del(.hooks)'
		hook $kind '{"path": "/bin/false"}'
		script poststop "echo $kind >> \$1/calls"
		in_container true
		[ "$status" = 1 ] || failed "$kind: $status $output"
	done
	[ "$(cat "$T/calls")" = $'prestart\ncreateRuntime\ncreateContainer\nstartContainer' ] ||
		failed "$(cat "$T/calls")"
	nothing_left
}

@test "after a failure before the first hook, poststop does not run" {
	hook createContainer '{"path": "/bin/true"}'
	script poststop 'echo poststop >> $1/calls'
	edit '.mounts += [{destination: "/x", type: "bind", source: "/no/such/source", options: ["bind"]}]'
	in_container true
	[ "$status" = 1 ]
	[ ! -s "$T/calls" ] || failed "$(cat "$T/calls")"
	nothing_left
}

@test "a hook that is not there is an error that names it" {
	hook createRuntime '{"path": "/no/such/hook"}'
	in_container true
	[ "$status" = 1 ]
	has '/no/such/hook'
	nothing_left
}

@test "a relative path is an error" {
	hook createRuntime '{"path": "bin/true"}'
	in_container true
	[ "$status" = 1 ]
	nothing_left
}

@test "what a failing hook says is in the error" {
	script createRuntime 'echo the reason >&2; exit 1'
	in_container true
	[ "$status" = 1 ]
	has 'the reason'
	# and which hook it was, once
	[ "$(grep -o 'script\.' <<<"$output" | wc -l)" = 1 ] || failed "$output"
}

@test "timeout: the hook is killed, and it is a failure" {
	local start=$SECONDS
	hook createRuntime "{\"path\": \"/bin/sleep\", \"args\": [\"sleep\", \"1000\"], \"env\": [\"CLI_TEST=$T\"], \"timeout\": 1}"
	in_container true
	[ "$status" = 1 ]
	[ $((SECONDS - start)) -lt 30 ]
	has 'time'
	nothing_left
}

@test "a signal to the runtime ends a hook that hangs: the start fails, and nothing is left" {
	needs_berth "runc leaves the container behind"
	local kind
	for kind in createRuntime createContainer poststart; do
		edit 'del(.hooks)'
		rm -f "$T/begun"
		script $kind ": > \$1/begun; CLI_TEST=\$1 exec sleep 30"
		sh_c 'exec sleep 1000'
		rt_background run --bundle "$BUNDLE" "$ID"
		local pid=$!
		eventually test -e "$T/begun"
		kill -TERM "$pid"
		ended() { ! kill -0 "$pid" 2>/dev/null; }
		eventually ended || {
			kill -KILL "$pid"
			failed "$kind: the runtime waits for the hook"
		}
		nothing_left
	done
}

@test "timeout: zero and less are errors" {
	hook createRuntime '{"path": "/bin/true", "timeout": 0}'
	in_container true
	[ "$status" = 1 ]
	edit 'del(.hooks)'
	hook createRuntime '{"path": "/bin/true", "timeout": -1}'
	in_container true
	[ "$status" = 1 ]
}

@test "a failure of poststart stops the container" {
	hook poststart '{"path": "/bin/false"}'
	in_container 'sleep 1; echo ran on'
	[ "$status" != 0 ]
	nothing_left
}

@test "a failure of poststop is a warning, and the container goes" {
	hook poststop '{"path": "/bin/false"}'
	sh_c 'exec sleep 1000'
	create_container
	rt start "$ID"
	rt kill "$ID" KILL
	eventually status_is stopped
	run rt delete "$ID"
	[ "$status" = 0 ]
	nothing_left
}

@test "delete --force of a created container runs poststop" {
	script poststop 'echo poststop >> $1/calls'
	create_container
	rt delete --force "$ID"
	[ "$(cat "$T/calls")" = poststop ]
}

@test "to poststop the container is no more, and its id is free" {
	needs_berth "the words are its own"
	script poststop "cd \$1; {
		'$CLI_RUNTIME' --root state state $ID
		timeout 5 '$CLI_RUNTIME' --root state delete --force $ID && echo free
		ls state; } > \$1/seen 2>&1"
	inside true
	[ "$(cat "$T/seen")" = "berth: container $ID: container does not exist
free" ] || failed "$(cat "$T/seen")"
	rm "$T/seen"
	create_container
	rt start "$ID"
	eventually status_is stopped
	rt delete "$ID"
	[ "$(cat "$T/seen")" = "berth: container $ID: container does not exist
free" ] || failed "$(cat "$T/seen")"
}
