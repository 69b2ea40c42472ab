#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sd_notify(3): NOTIFY_SOCKET in the container, what of it reaches the caller's socket, and who waits for it. LISTEN_FDS.
# shellcheck disable=SC2016 # scripts for inside

load ../lib/cli

# listen [SOCKET]: the caller's socket; what arrives is in $T/heard
listen()
{
	local place=${1:-$T/caller}
	python3 "$CLI_SOURCE/tests/lib/notify.py" listen "$place" >"$T/heard" 3>&- &
	LISTENER=$!
	RT_ENV+=(NOTIFY_SOCKET="$place")
	eventually grep -q listening "$T/heard"
}

teardown()
{
	[ -z "${LISTENER:-}" ] || kill "$LISTENER"
	cli_teardown
}

# say PID MESSAGE...: as a process in the container would
say()
{
	python3 "$CLI_SOURCE/tests/lib/notify.py" send "/proc/$1/root/run/notify/notify.sock" "${@:2}"
}

# The socket is what the caller waits for, too: begun in the background, it ends when the program is ready.
is_listening()
{
	PID=$(rt state "$ID" | jq .pid) && [ "$PID" != 0 ] && test -S "/proc/$PID/root/run/notify/notify.sock"
}

heard()
{
	[ "$(tail -n +2 "$T/heard")" = "$1" ] || {
		cat "$T/heard"
		false
	}
}

@test "inside: the variable, the socket, a read-only mount" {
	listen
	in_container 'echo $NOTIFY_SOCKET; [ -S $NOTIFY_SOCKET ] && echo a socket; grep " /run/notify " /proc/self/mountinfo
		touch /run/notify/x 2>&1; rm -f $NOTIFY_SOCKET 2>&1; ls -l $NOTIFY_SOCKET; ls /run/notify | wc -l; id -u'
	[ "$status" = 0 ]
	has '^/run/notify/notify.sock$'
	has '^a socket$'
	has ' /run/notify ro,nosuid,nodev,noexec'
	has "touch: /run/notify/x: Read-only"
	has "^srwxrwxrwx "
	has '^1$'
	heard ''
	nothing_left
}

@test "without NOTIFY_SOCKET, or with an empty one, there is nothing" {
	in_container 'echo "<$NOTIFY_SOCKET>"; ls -d /run/notify 2>&1; grep -c notify /proc/self/mountinfo'
	has '^<>$'
	has '^0$'
	RT_ENV+=(NOTIFY_SOCKET=)
	in_container 'echo "<$NOTIFY_SOCKET>"; grep -c notify /proc/self/mountinfo'
	has '^<>$'
	has '^0$'
}

@test "the configuration's own NOTIFY_SOCKET gives way" {
	listen
	edit '.process.env += ["NOTIFY_SOCKET=/elsewhere"]'
	in_container 'env | grep NOTIFY'
	is NOTIFY_SOCKET=/run/notify/notify.sock
}

@test "run: READY=1 alone is passed on, once, with berth as the main process" {
	listen
	sh_c 'sleep 1000'
	rt_background run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&-
	local berth=$!
	eventually is_listening
	say "$PID" STATUS=busy WATCHDOG=1 READY=0 READY=10 ' READY=1' X=READY=1 MAINPID=1 STOPPING=1
	sleep 0.3
	heard ''
	say "$PID" 'STATUS=up\nREADY=1\nMAINPID=77\nFDSTORE=1'
	eventually grep -q MAINPID "$T/heard"
	# the socket does not fill up
	run say "$PID" READY=1 READY=1 STATUS=x{1..30}
	is ''
	heard $'READY=1|\nMAINPID='"$berth|"
	rt kill "$ID" KILL
	wait $berth || [ $? = 137 ]
	nothing_left
}

@test "run --detach: waits until the program is ready, and names it" {
	listen
	sh_c 'sleep 1000'
	rt_background run --detach --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&-
	local berth=$!
	eventually is_listening
	say "$PID" STATUS=busy
	sleep 0.3
	kill -0 $berth
	say "$PID" READY=1
	wait $berth
	heard $'READY=1|\nMAINPID='"$PID|"
	# nobody listens any more
	run say "$PID" STOPPING=1
	has 'STOPPING=1: Connection refused'
}

@test "run --detach: a program that ends before it is ready is not waited for" {
	listen
	sh_c 'exit 3'
	run timeout 20 "${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID" 3>&-
	[ "$status" = 0 ]
	heard ''
	rt delete "$ID"
	nothing_left
}

@test "create does not wait, start does" {
	listen
	sh_c 'exec sleep 1000'
	create_container
	test ! -e "/proc/$PID/root/run/notify/notify.sock"
	rt_background start "$ID" 3>&-
	local berth=$!
	eventually is_listening
	kill -0 $berth
	# the container is not locked meanwhile
	[ "$(container_status)" = running ]
	rt exec "$ID" true
	say "$PID" READY=1
	wait $berth
	heard $'READY=1|\nMAINPID='"$PID|"
}

@test "start with NOTIFY_SOCKET of what was created without says that it has no effect" {
	sh_c 'exec sleep 1000'
	create_container
	listen
	run rt start "$ID"
	[ "$status" = 0 ]
	has 'was not set when the container was created'
	[ "$(container_status)" = running ]
}

@test "nobody at the caller's socket: a warning, and the program runs" {
	RT_ENV+=(NOTIFY_SOCKET="$T/nobody")
	in_container 'echo runs; exit 4'
	[ "$status" = 4 ]
	has '^runs$'
	has 'NOTIFY_SOCKET: .*nobody: No such file or directory'
	nothing_left
}

@test "an abstract socket of the caller's" {
	listen "@berth-test-$$-$RANDOM"
	sh_c 'sleep 1000'
	rt_background run --detach --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&-
	eventually is_listening
	say "$PID" READY=1
	wait $!
	heard $'READY=1|\nMAINPID='"$PID|"
}

@test "a start that fails, and one that is killed, leave nothing" {
	listen
	edit '.hooks.createRuntime = [{path: "/bin/false"}]'
	in_container true
	[ "$status" = 1 ]
	nothing_left
	edit 'del(.hooks)'
	sh_c 'sleep 1000'
	rt_background run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&-
	local berth=$!
	eventually is_listening
	kill -KILL $berth
	wait $berth || true
	rt delete --force "$ID"
	nothing_left
}

@test "exec, hooks and the configuration know nothing of the caller's socket" {
	detached
	RT_ENV+=(NOTIFY_SOCKET="$T/caller")
	run rt exec "$ID" env
	has_not NOTIFY
}

@test "/run/notify as a link out of the container, or into its /proc" {
	needs_root
	listen
	mkdir -p "$T/outside" "$ROOTFS/run"
	ln -s ../../../../../../../../../../.."$T/outside" "$ROOTFS/run/notify"
	in_container 'echo runs'
	[ "$status" = 0 ] || has 'link|Too many levels|No such file'
	[ -z "$(ls -A "$T/outside")" ]
	rm "$ROOTFS/run/notify"
	ln -s /proc/self/attr "$ROOTFS/run/notify"
	in_container 'echo runs'
	[ "$status" = 1 ]
	has 'notify-mount: .*(procfs|levels of symbolic links)'
	nothing_left
}

@test "LISTEN_FDS: passed on, with the program's own pid" {
	echo content >"$T/file"
	hand_over "$T/file"
	edit '.process.args = ["/bin/sh", "-c", "echo $LISTEN_FDS $LISTEN_PID $$; cat <&3"]'
	run "${AS_USER[@]}" "${RT_ENV[@]}" sh -c 'exec 3<"$1"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$2" --root "$3" run --bundle "$4" "$5"' \
		- "$T/file" "$CLI_RUNTIME" "$STATE" "$BUNDLE" "$ID"
	is $'1 1 1\ncontent'
	run "${AS_USER[@]}" "${RT_ENV[@]}" sh -c 'exec 3<"$1"; LISTEN_FDS=1 LISTEN_PID=1 exec "$2" --root "$3" run --bundle "$4" "$5"' \
		- "$T/file" "$CLI_RUNTIME" "$STATE" "$BUNDLE" "$ID"
	has '^ *1$'
	has 'Bad file descriptor|bad fd|cannot open'
}
