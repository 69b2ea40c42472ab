#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How commands, options, output and errors look: what engines and scripts read. Where runc has the same, it passes the test as well.

load ../lib/cli

# fails_with PATTERN ARGUMENT...: exit status 1, nothing on stdout, a matching line on stderr
fails_with()
{
	local pattern=$1
	shift
	run --separate-stderr rt "$@"
	# shellcheck disable=SC2154 # stderr is bats'
	[ "$status" = 1 ] || failed "wanted: exit status 1" "got:    $status: $output $stderr"
	grep -Eq -- "$pattern" <<<"$stderr" || failed "no line matches: $pattern" "in: $stderr"
}

@test "options: before and after the id, with = and without" {
	needs_berth "runc takes none after the id"
	run rt run --bundle="$BUNDLE" "$ID" --pid-file "$T/pid"
	[ "$status" = 0 ]
	[ -s "$T/pid" ]
	run rt run "$ID" -b "$BUNDLE"
	[ "$status" = 0 ]
}

@test "a pid file that is a device or a pipe is written to, not replaced" {
	needs_berth "runc 1.1 puts a file in its place"
	sh_c true
	mkfifo "$T/fifo"
	cat "$T/fifo" >"$T/read" &
	rt run --bundle "$BUNDLE" --pid-file "$T/fifo" "$ID"
	wait $!
	[ -p "$T/fifo" ]
	grep -qE '^[0-9]+$' "$T/read"
	run rt run --bundle "$BUNDLE" --pid-file "$T" "$ID"
	[ "$status" = 1 ]
	has 'pid file .* is no file'
	nothing_left
	# a link to a file, as /dev/stdout is where the standard output is a file
	ln -s "$T/read" "$T/link"
	run rt run --bundle "$BUNDLE" --pid-file "$T/link" "$ID"
	[ "$status" = 1 ]
	has 'pid file .* is no file'
	[ -L "$T/link" ]
	nothing_left
}

@test "options: one dash before a long name" {
	run rt run -bundle "$BUNDLE" -pid-file="$T/pid" "$ID"
	[ "$status" = 0 ]
	[ -s "$T/pid" ]
}

@test "options: a flag's value" {
	run rt run --detach=false --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ]
	run rt list -q
	is ''
}

@test "options: global ones stand before the command" {
	run rt --log-format=json --debug=false --systemd-cgroup=false --rootless auto list -q
	[ "$status" = 0 ]
	is ''
}

@test "options: unknown ones are refused, with a hint" {
	needs_berth
	fails_with '^berth: unknown option "--bundel" \(did you mean --bundle\?\)$' run --bundel x "$ID"
	[ -z "$output" ]
	fails_with '^berth: unknown option "--zzz"$' --zzz list
	fails_with '^berth: unknown option "-z"$' state -z "$ID"
	fails_with '^berth: unknown command "craete" \(did you mean create\?\)$' craete x
	fails_with '^berth: option --format is table or json, not "xml"$' list --format xml
	fails_with '^berth: option --preserve-fds: "-1" is not a number$' create --preserve-fds=-1 "$ID"
	fails_with '^berth: option --bundle needs a value$' create "$ID" --bundle
}

@test "options: two dashes end them" {
	needs_berth "runc takes -x for an id"
	fails_with . run --bundle "$BUNDLE" -- -x
	fails_with . list -- -q
}

@test "arguments: their number" {
	fails_with 'state.?" requires exactly 1 argument' state
	fails_with 'state.?" requires exactly 1 argument' state a b
	fails_with 'run.?" requires exactly 1 argument' run
	fails_with 'kill.?" requires a' kill
	fails_with . kill a TERM more
	fails_with . list more
}

@test "unknown containers: the text that engines look for" {
	local command
	for command in state start kill delete ps; do
		fails_with 'container does not exist' "$command" "$ID"
	done
	run rt delete --force "$ID"
	[ "$status" = 0 ]
	is ''
}

@test "kill: signals are names or numbers, nothing else" {
	needs_berth "runc passes any number on to the kernel"
	local signal
	detached
	for signal in 0x9 -9 9x SIG FOO SIGSIGTERM 65 99999999999 'TERM ' ''; do
		fails_with . kill -- "$ID" "$signal"
	done
	status_is running
	rt kill "$ID" kill
	eventually status_is stopped
}

@test "list: null is an empty list in JSON, the table has its heads" {
	run rt list --format json
	is null
	run rt list
	is 'ID          PID         STATUS      BUNDLE      CREATED     OWNER'
	run rt list --quiet
	is ''
}

@test "list: one container" {
	detached
	run rt list
	has '^ID +PID +STATUS +BUNDLE +CREATED +OWNER$'
	has "^$ID   +$PID   +running   +$BUNDLE   +20[0-9-]+T[0-9:.]+Z   +[^ ]+$"
	run rt list -q
	is "$ID"
	rt list -f json | jq -e --arg id "$ID" --argjson pid "$PID" --arg bundle "$BUNDLE" '
		length == 1 and (.[0] | .id == $id and .pid == $pid and .status == "running" and .bundle == $bundle and
		.rootfs == $bundle + "/rootfs" and (.created | test("^20.*Z$")) and (.owner | length > 0) and
		(.ociVersion | test("^1\\.")))'
	[ "$(rt list -f json | jq -r '.[0].owner')" = "$("${AS_USER[@]}" id -un)" ]
}

@test "list and state: what is just being made has no time, rather than one that is none" {
	needs_berth "runc passes over it"
	"${AS_USER[@]}" mkdir -p -m 700 "$STATE" "$STATE/$ID"
	rt list -f json | jq -e '.[0] | .status == "creating" and (has("created") | not)'
	rt state "$ID" | jq -e '.status == "creating" and (has("created") | not)'
	rt delete "$ID"
}

@test "state: one container" {
	detached
	rt state "$ID" | jq -e --arg id "$ID" --argjson pid "$PID" --arg bundle "$BUNDLE" '
		.id == $id and .pid == $pid and .status == "running" and .bundle == $bundle and (.ociVersion | test("^1\\."))'
}

@test "ps: the lines of ps, or pids" {
	detached 'sleep 1000 & exec sleep 1001'
	if is_rootless && [[ $(rt ps "$ID" 2>&1) == *'has no cgroup'* ]]; then
		fails_with 'has no cgroup' ps --format json "$ID"
		return
	fi
	eventually two_processes
	run rt ps "$ID"
	[ "$status" = 0 ]
	has '^UID +PID'
	has 'sleep 1000$'
	has " $PID .*sleep 1001$"
	[ ${#lines[@]} = 3 ]
	run rt ps "$ID" -o pid,comm
	[ ${#lines[@]} = 3 ]
	has "^ *$PID sleep$"
	rt ps --format json "$ID" | jq -e --argjson pid "$PID" 'length == 2 and index([$pid])'
	fails_with . ps "$ID" -o comm
}

two_processes()
{
	[ "$(rt ps -f json "$ID" | jq length)" = 2 ]
}

@test "spec: an existing file stays as it is" {
	local folder=$T/new
	"${AS_USER[@]}" mkdir "$folder"
	rt spec --bundle "$folder"
	[ "$(stat -c %a "$folder/config.json")" = 644 ]
	jq -e '.process.args == ["sh"]' "$folder/config.json"
	before=$(sha256sum "$folder/config.json")
	fails_with 'File config.json exists. Remove it first' spec --bundle "$folder"
	[ "$(sha256sum "$folder/config.json")" = "$before" ]
	fails_with . spec --bundle "$T/nowhere"
}

@test "log: errors go to the file as well" {
	fails_with 'container does not exist' --log "$T/run/log" --log-format json state "$ID"
	jq -es 'length == 1 and (.[0] | .level == "error" and (.msg | contains("container does not exist")) and
		(.time | test("^20[0-9-]+T[0-9:]+")))' "$T/run/log"
	fails_with 'container does not exist' --log "$T/run/log" --log-format json state "$ID"
	jq -es 'length == 2' "$T/run/log"
	fails_with 'container does not exist' --log "$T/run/text" state "$ID"
	grep -q 'container does not exist' "$T/run/text"
}

@test "log: JSON on stderr" {
	run --separate-stderr rt --log-format json state "$ID"
	[ "$status" = 1 ]
	[ -z "$output" ]
	jq -es 'length == 1 and .[0].level == "error"' <<<"$stderr"
}

@test "log: a file that cannot be opened" {
	fails_with "open .*/nowhere/log: [Nn]o such file" --log "$T/nowhere/log" list
}

@test "log: its file is not what --preserve-fds passes on" {
	needs_berth
	sh_c 'ls /proc/self/fd | tr "\n" " "'
	run rt --log "$T/run/log" run --bundle "$BUNDLE" --preserve-fds 1 "$ID" 3</dev/null
	has '^0 1 2 3 4 $'
	run rt --log "$T/run/log" run --bundle "$BUNDLE" --preserve-fds 1 "$ID" 3<&-
	[ "$status" = 1 ]
}

@test "errors: no control character reaches the terminal" {
	fails_with . state $'a\e[31mb\nc'
	[[ $stderr != *$'\e'* ]]
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

@test "output: a full disk is an error" {
	needs_berth
	[ -w /dev/full ] || skip "needs /dev/full"
	local command
	for command in list features --version --help; do
		run bash -c '"$@" >/dev/full' - "$CLI_RUNTIME" --root "$STATE" "$command"
		[ "$status" = 1 ] || failed "$command: exit status $status"
	done
}

@test "version and help" {
	run rt --version
	[ "$status" = 0 ]
	has '^[a-z]+ version [0-9]+\.[0-9]+'
	has '^spec: 1\.'
	run rt --help
	[ "$status" = 0 ]
	local command
	for command in create start run kill delete state list ps spec features; do
		has "^ +$command  +[a-z]"
		rt "$command" --help | grep -q -- "$command"
	done
}

@test "each command has a manual page" {
	needs_berth
	local command listed
	listed=$(sed -n "s/^  '\(.*\)',$/\1/p" "$CLI_SOURCE/docs/meson.build")
	[ "$listed" = "$(rt --help | sed '/Global options/,$d' | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort)" ]
	for command in $listed; do
		rt completion man "$command" | grep -q "^.Nm berth-$command$"
	done
	run rt completion man nosuch
	refused 'unknown command'
}

@test "completions: all shells, every command and option" {
	needs_berth
	local shell word
	rt completion bash | bash -n
	for shell in bash zsh fish; do
		rt completion "$shell" >"$T/run/$shell"
		for word in create start run kill delete state list ps spec check plan features preserve-fds console-socket; do
			grep -q -- "$word" "$T/run/$shell" || failed "$shell: no $word"
		done
	done
	fails_with 'not "tcsh"' completion tcsh
}

@test "completions: bash completes commands, options, values, ids" {
	needs_berth
	needs_root
	detached
	rt completion bash >"$T/run/bash"
	printf '#!/bin/sh\nexec %s --root %s list -q\n' "$CLI_RUNTIME" "$STATE" >"$T/run/berth"
	chmod +x "$T/run/berth"
	[ "$(complete_words berth cre)" = create ]
	[ "$(complete_words berth --log-format '')" = 'text json' ]
	[ "$(complete_words berth run --pid)" = --pid-file ]
	[ "$(complete_words berth list -f t)" = table ]
	[ "$(complete_words berth kill '')" = "$ID" ]
	[ "$(complete_words berth kill "$ID" SIGTE)" = SIGTERM ]
	[ "$(complete_words berth create '')" = '' ]
}

@test "completions: zsh takes them sourced, and from a folder of \$fpath" {
	needs_berth
	command -v zsh >/dev/null || skip "no zsh"
	mkdir "$T/run/zsh"
	rt completion zsh >"$T/run/zsh/_berth"
	run zsh -fc 'autoload -Uz compinit; compinit -u -D; . $1/_berth; echo $_comps[berth]' zsh "$T/run/zsh"
	[ "$output" = _berth ]
	run zsh -fc 'fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; echo $_comps[berth]' zsh "$T/run/zsh"
	[ "$output" = _berth ]
}

# complete_words WORD...: what bash offers for the last of them
complete_words()
{
	PATH=$T/run:$PATH bash -c 'compopt() { :; }; . "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _berth
		echo "${COMPREPLY[*]}"' "$T/run/bash" "$@"
}
