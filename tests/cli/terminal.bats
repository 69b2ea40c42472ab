#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: in the foreground, where the runtime carries it, and through a console socket.

load ../lib/cli

setup()
{
	cli_setup
	edit '.process.terminal = true'
}

# on_terminal [PTY OPTION...]: the runtime in the foreground of a new terminal
on_terminal()
{
	# pty.py waits for the end of the container
	run "${AS_USER[@]}" "${RT_ENV[@]}" /usr/bin/python3 "$CLI_DIR/pty.py" "$@" \
		"$CLI_RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	output=${output//$'\r'/}
}

setup_file()
{
	cli_setup_file
	cp "$CLI_SOURCE"/tests/lib/{pty,console}.py "$CLI_DIR"
}

@test "the process has a terminal, and it is the container's own" {
	sh_c 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; stat -c "%t:%T" /dev/console | cut -d : -f 1; readlink /proc/self/fd/0'
	on_terminal
	[ "$status" = 0 ]
	has '^/dev/(pts/0|console)$'
	has '^all$'
	# the major number of pseudo-terminals, hexadecimal
	has '^88$'
}

@test "/dev/console and /dev/tty are the terminal" {
	sh_c 'echo to-console > /dev/console; echo to-tty > /dev/tty'
	on_terminal
	[ "$status" = 0 ]
	has '^to-console$'
	has '^to-tty$'
}

@test "the exit status is the process's" {
	sh_c 'exit 42'
	on_terminal
	[ "$status" = 42 ]
}

@test "the terminal's modes are restored" {
	sh_c 'stty -a'
	on_terminal
	[ "$status" = 0 ]
	has 'modes kept'
	sh_c 'stty raw -echo; kill -9 $$'
	on_terminal
	has 'modes kept'
}

@test "what is typed reaches the process, echoed once" {
	sh_c 'echo ready; read line; echo "got $line"'
	on_terminal --after ready --type 'hello\n'
	has '^got hello$'
	[ "$(grep -c '^hello$' <<<"$output")" = 1 ]
}

@test "control-C interrupts the process, not the runtime" {
	sh_c 'trap "echo interrupted; exit 5" INT; echo ready; while :; do sleep 0.1; done'
	on_terminal --after ready --type '\x03'
	[ "$status" = 5 ]
	has 'interrupted$'
}

@test "a job in the background leaves the terminal alone, and has it in the foreground" {
	needs_berth
	local shell='set -m; "$@" & until [ -e "$0/up" ]; do sleep 0.1; done; stty -a >"$0/modes"; sleep 0.5; fg'
	sh_c 'echo up; read -r x; echo "got $x"; stty -a'
	edit '.hooks = {poststart: [{path: "/bin/busybox", args: ["touch", $path]}]}' --arg path "$T/run/up"
	run "${AS_USER[@]}" "${RT_ENV[@]}" /usr/bin/python3 "$CLI_DIR/pty.py" --after up --type 'typed\n' --seconds 20 \
		bash -c "$shell" "$T/run" "$CLI_RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ]
	has '^got typed'
	grep -qE '(^| )icanon' "$T/run/modes"
}

@test "control-D ends the input" {
	sh_c 'echo ready; cat; echo end'
	on_terminal --after ready --type 'line\n\x04'
	has '^end$'
}

@test "the window's size is passed on, and its changes" {
	sh_c 'stty size; trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done'
	on_terminal --size 33x111 --after ready --resize 44x122
	has '^33 111$'
	has '^44 122$'
}

@test "consoleSize" {
	edit '.process.consoleSize = {height: 20, width: 70}'
	sh_c 'exec sleep 1000'
	python3 "$CLI_DIR/console.py" "$T/run/console" "$T/console" </dev/null >/dev/null 2>&1 3>&- &
	eventually test -S "$T/run/console"
	sh_c 'stty size; exec sleep 1000'
	create_container --console-socket "$T/run/console"
	rt start "$ID"
	eventually grep -q '20 70' "$T/console"
}

@test "consoleSize in the foreground: the size of a caller's terminal that knows none" {
	edit '.process.consoleSize = {height: 20, width: 70}'
	sh_c 'sleep 0.2; stty size'
	on_terminal --size 0x0
	has '^20 70$'
	on_terminal --size 33x111
	has '^33 111$'
}

@test "a fast exit loses nothing of a large output" {
	sh_c 'i=0; while [ $i -lt 200 ]; do i=$((i + 1)); printf "%01000d\n" $i; done'
	on_terminal
	[ "$status" = 0 ]
	[ "$(grep -c '^0*[0-9]*$' <<<"$output")" = 200 ]
	[ "$(wc -c <<<"$output")" -ge 200200 ]
}

@test "signals to the runtime reach the process" {
	sh_c 'trap "echo terminated; exit 6" TERM; echo ready; while :; do sleep 0.1; done'
	on_terminal --after ready --signal TERM
	[ "$status" = 6 ]
	has 'terminated$'
}

@test "a user other than root may open the terminal" {
	needs_root
	edit '.process.user = {uid: 1000, gid: 1000}'
	sh_c 'echo through > $(tty); stat -c %u $(tty)'
	on_terminal
	has '^through$'
	has '^1000$'
}

@test "run with a terminal, but none to carry it to, is an error or works without" {
	sh_c 'echo fine'
	run rt run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'console.socket|terminal'
	nothing_left
}

@test "create with a terminal needs a console socket, and one without a terminal has none" {
	run rt create --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'console.socket'
	edit '.process.terminal = false'
	run rt create --bundle "$BUNDLE" --console-socket "$T/run/console" "$ID"
	[ "$status" = 1 ]
	nothing_left
}

@test "--console-socket: the terminal is handed over" {
	python3 "$CLI_DIR/console.py" "$T/run/console" "$T/console" hello </dev/null >/dev/null 2>&1 3>&- &
	eventually test -S "$T/run/console"
	sh_c 'read line; echo "got $line"; tty; exec sleep 1000'
	rt run --detach --bundle "$BUNDLE" --console-socket "$T/run/console" "$ID" >"$T/out" 2>&1 </dev/null || failed "$(cat "$T/out")"
	eventually grep -q 'got hello' "$T/console"
	grep -q '^1 True /dev/p' "$T/console"
	eventually grep -Eq '^/dev/(pts/0|console)' "$T/console"
}

@test "--console-socket: no socket, or not one, is an error, and nothing is left" {
	run rt create --bundle "$BUNDLE" --console-socket "$T/no-such-socket" "$ID"
	[ "$status" = 1 ]
	has 'no-such-socket'
	run rt create --bundle "$BUNDLE" --console-socket "$BUNDLE/config.json" "$ID"
	[ "$status" = 1 ]
	nothing_left
}

@test "the image's links at /dev/console and /dev/pts lead nowhere outside" {
	mkdir -p "$T/canary" "$ROOTFS/dev"
	touch "$T/canary/file"
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))
	      + [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"]}]'
	ln -s "$T/canary/file" "$ROOTFS/dev/console"
	ln -s "$T/canary" "$ROOTFS/dev/pts"
	sh_c 'echo text > /dev/console'
	on_terminal
	[ ! -s "$T/canary/file" ]
	[ "$(ls "$T/canary")" = file ]
}
