#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The life of a container: create, start, run, state, kill, delete, list, ps and their options.

load ../lib/cli

@test "run: output and exit status are the process's, and nothing is left" {
	in_container 'echo out; echo err >&2; exit 42'
	[ "$status" = 42 ]
	has '^out$'
	has '^err$'
	nothing_left
}

@test "run: a process that dies of a signal gives 128 and the signal" {
	in_container 'kill -KILL $$; sleep 10'
	# as process 1 of its namespace a shell cannot kill itself
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	is_rootless && edit '.mounts |= map(if .type == "proc" then {destination: "/proc", type: "bind", source: "/proc", options: ["rbind"]} else . end)'
	in_container 'kill -KILL $$'
	[ "$status" = 137 ]
	in_container 'kill -TERM $$'
	[ "$status" = 143 ]
	nothing_left
}

# ignoring_children ARGUMENT...: the runtime of a caller that ignores SIGCHLD
ignoring_children()
{
	(trap '' CHLD && rt "$@")
}

@test "a caller that ignores SIGCHLD gets exit statuses all the same, and hooks" {
	sh_c 'exit 7'
	edit '.hooks = {prestart: [{path: "/bin/true"}]}'
	run ignoring_children run --bundle "$BUNDLE" "$ID"
	[ "$status" = 7 ] || failed "$status: $output"
	detached
	run ignoring_children exec "$ID" sh -c 'exit 8'
	[ "$status" = 8 ] || failed "$status: $output"
	run ignoring_children delete --force "$ID"
	[ "$status" = 0 ] || failed "$status: $output"
	nothing_left
}

@test "run: standard input reaches the process" {
	sh_c 'cat; echo end'
	run rt run --bundle "$BUNDLE" "$ID" <<<"from outside"
	is $'from outside\nend'
}

@test "run: the bundle is the working directory unless named" {
	cd "$BUNDLE"
	sh_c 'echo here'
	run rt run "$ID"
	is here
}

@test "run: large output through a pipe arrives whole" {
	sh_c 'head -c 3000000 /dev/zero'
	[ "$(rt run --bundle "$BUNDLE" "$ID" | wc -c)" = 3000000 ]
}

@test "run: SIGTERM to the runtime reaches the process" {
	sh_c 'trap "echo got it; exit 7" TERM; echo ready; while :; do sleep 0.1; done'
	rt_background run --bundle "$BUNDLE" --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null
	eventually grep -q ready "$T/out"
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" = 7 ]
	grep -q "got it" "$T/out"
	nothing_left
}

@test "run --detach: returns while the process runs; kill, then delete" {
	detached
	[ "$(container_status)" = running ]
	[ "$(tr '\0' ' ' <"/proc/$PID/cmdline")" = "sleep 1000 " ]
	rt kill "$ID" KILL
	eventually status_is stopped
	[ "$(rt state "$ID" | jq .pid)" = 0 ]
	rt delete "$ID"
	nothing_left
}

@test "create, start, state: created, running, stopped" {
	sh_c 'echo started; exec sleep 1000'
	create_container
	[ "$(container_status)" = created ]
	[ "$(rt state "$ID" | jq .pid)" = "$PID" ]
	sleep 0.2
	[ ! -s "$T/out" ]
	rt start "$ID"
	eventually grep -q started "$T/out"
	[ "$(container_status)" = running ]
	[ "$(rt state "$ID" | jq .pid)" = "$PID" ]
	rt kill "$ID" 9
	eventually status_is stopped
	rt delete "$ID"
}

@test "create: the process is the runtime's own until start" {
	create_container
	[ "$(tr '\0' ' ' <"/proc/$PID/cmdline")" != "/bin/true " ]
	rt delete --force "$ID"
}

@test "start: an error of the execution comes from start, or from create" {
	edit '.process.args = ["/no/such/program"]'
	run rt create --bundle "$BUNDLE" "$ID"
	if [ "$status" = 0 ]; then
		run rt start "$ID"
	fi
	[ "$status" = 1 ]
	has '/no/such/program'
	rt delete --force "$ID"
}

@test "start: refused for a running, a stopped and an unknown container" {
	detached
	run rt start "$ID"
	refused
	[ "$(container_status)" = running ]
	rt kill "$ID" KILL
	eventually status_is stopped
	run rt start "$ID"
	refused
	run rt start "no-$ID"
	refused 'does not exist|no-'
}

@test "state: the members of the specification, and annotations" {
	edit '.annotations = {"org.example.key": "value", "empty": ""}'
	detached
	run rt state "$ID"
	[ "$(jq -r .id <<<"$output")" = "$ID" ]
	[ "$(jq -r .status <<<"$output")" = running ]
	[ "$(jq -r .pid <<<"$output")" = "$PID" ]
	[ "$(jq -r .bundle <<<"$output")" = "$BUNDLE" ]
	[ "$(jq -r .rootfs <<<"$output")" = "$ROOTFS" ]
	[ "$(jq -c .annotations <<<"$output")" = '{"org.example.key":"value","empty":""}' ] ||
		[ "$(jq -c .annotations <<<"$output")" = '{"empty":"","org.example.key":"value"}' ]
	jq -e '.ociVersion | test("^1\\.")' <<<"$output"
	jq -e '.created | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T.*Z$")' <<<"$output"
}

@test "state: an unknown container is an error" {
	run rt state "$ID"
	refused 'does not exist'
}

@test "state: later edits of config.json change nothing" {
	edit '.annotations = {"key": "first"}'
	detached
	edit '.annotations = {"key": "second"}'
	[ "$(rt state "$ID" | jq -r .annotations.key)" = first ]
	rm "$BUNDLE/config.json"
	[ "$(container_status)" = running ]
	rt delete --force "$ID"
}

@test "state: the root file system's path is absolute and normal" {
	edit '.root.path = ".//x/../rootfs/"'
	detached
	[ "$(rt state "$ID" | jq -r .rootfs)" = "$ROOTFS" ]
}

@test "an id that is in use is refused, and its container lives on" {
	detached
	run rt create --bundle "$BUNDLE" "$ID"
	refused
	run rt run --bundle "$BUNDLE" "$ID"
	refused
	[ "$(container_status)" = running ]
	[ "$(cat "/proc/$PID/comm")" = sleep ]
}

@test "of eight at once with one id exactly one is made" {
	local n pids=() made=0
	sh_c 'exec sleep 1000'
	for n in 1 2 3 4 5 6 7 8; do
		rt run --detach --bundle "$BUNDLE" "$ID" >"$T/out.$n" 2>&1 </dev/null &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		! wait "$n" || made=$((made + 1))
	done
	[ $made = 1 ]
	[ "$(container_status)" = running ]
	rt delete --force "$ID"
	nothing_left
}

@test "kill: signals by name, by name with SIG, by number; TERM by default" {
	local signal
	for signal in TERM SIGTERM 15 ''; do
		detached 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done'
		eventually grep -q ready "$T/out"
		rt kill "$ID" ${signal:+"$signal"}
		eventually status_is stopped
		rt delete "$ID"
	done
	detached 'trap "echo usr1" USR1; echo ready; while :; do sleep 0.05; done'
	eventually grep -q ready "$T/out"
	rt kill "$ID" SIGUSR1
	eventually grep -q usr1 "$T/out"
	rt kill "$ID" 0
}

@test "kill: unknown signals are refused" {
	local signal
	detached
	for signal in NOPE SIGNOPE 65 -1 1x '' 4294967305; do
		run rt kill "$ID" "$signal"
		[ "$status" != 0 ] || failed "accepted: '$signal'"
	done
	[ "$(container_status)" = running ]
}

@test "kill: a stopped container is 'not running', an unknown one 'does not exist'" {
	detached
	rt kill "$ID" KILL
	eventually status_is stopped
	run rt kill "$ID" KILL
	refused 'container not running'
	rt delete "$ID"
	run rt kill "$ID" KILL
	refused 'does not exist'
}

@test "kill: a created container can be killed" {
	create_container
	rt kill "$ID" KILL
	eventually status_is stopped
	rt delete "$ID"
}

@test "kill: a created container heeds the signals that end a program, and none of them once it is started" {
	local signal
	for signal in TERM INT HUP QUIT; do
		create_container
		rt kill "$ID" $signal
		eventually status_is stopped
		rt delete "$ID"
	done
	edit '.process.args = ["/bin/sleep", "1000"]'
	create_container
	rt kill "$ID" USR1
	rt start "$ID"
	eventually grep -q '^Name:.sleep' "/proc/$PID/status"
	grep -qE '^SigCgt:.0+$' "/proc/$PID/status"
	rt delete --force "$ID"
}

@test "kill --all: reaches every process" {
	needs_root
	detached 'sleep 1001 & sleep 1002 & exec sleep 1003'
	eventually test "$(processes_left | wc -l)" -ge 1
	rt kill --all "$ID" KILL
	eventually status_is stopped
	rt delete "$ID"
	nothing_left
}

@test "delete: a running container is refused without --force" {
	detached
	run rt delete "$ID"
	refused
	[ "$(container_status)" = running ]
	rt delete --force "$ID"
	nothing_left
}

has_children()
{
	[ "$(pgrep -c -P "$PID")" = 60 ]
}

# Many processes take a while to end: delete comes before they have.
@test "delete: what has been killed is gone or waited for, without --force" {
	local round
	for round in {1..6}; do
		detached 'for i in $(seq 60); do sleep 1000 & done; exec sleep 1000'
		eventually has_children
		rt kill "$ID" KILL
		rt delete "$ID" || failed "round $round"
		nothing_left
		[ ! -d "/proc/$PID" ] || [ "$(cut -d ' ' -f 3 "/proc/$PID/stat")" = Z ]
	done
}

@test "delete: a created container goes, with its process" {
	local force
	for force in '' --force; do
		create_container
		# shellcheck disable=SC2086 # nothing, or an option
		rt delete $force "$ID"
		nothing_left
		[ ! -d "/proc/$PID" ] || [ "$(cut -d ' ' -f 3 "/proc/$PID/stat")" = Z ]
	done
}

@test "delete: unknown containers are an error, with --force they are none" {
	run rt delete "$ID"
	refused 'does not exist'
	run rt delete --force "$ID"
	[ "$status" = 0 ]
}

@test "delete --force: processes that the first one left behind go too" {
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	needs_root
	detached 'sleep 1001 & sleep 1002 & exec sleep 1003'
	rt delete --force "$ID"
	nothing_left
}

@test "list: on a file system that does not tell directories from files (readdir's d_type)" {
	needs_root
	command -v mkfs.ext4 >/dev/null || skip "no mkfs.ext4"
	truncate -s 16M "$T/image"
	mkfs.ext4 -q -O ^filetype,^metadata_csum "$T/image" || skip "mkfs.ext4 has no file systems without types"
	mkdir "$T/disk"
	sh_c 'exec sleep 1000'
	unshare -m true || skip "no mount namespaces"
	unshare -m sh -c 'mount -o loop "$1/image" "$1/disk"' sh "$T" || skip "no loop devices"
	# shellcheck disable=SC2016 # for the inner shell
	run unshare -m sh -c 'mount -o loop "$1/image" "$1/disk" && mkdir -m 700 "$1/disk/state" && : >"$1/disk/state/file" &&
		"$2" --root "$1/disk/state" create --bundle "$3" "$4" </dev/null >/dev/null 2>&1 &&
		"$2" --root "$1/disk/state" list -q; "$2" --root "$1/disk/state" delete --force "$4"' \
		sh "$T" "$CLI_RUNTIME" "$BUNDLE" "$ID"
	is "$ID"
}

@test "list: table, json and quiet" {
	run rt list -q
	is ''
	run rt list
	has '^ID +PID +STATUS +BUNDLE +CREATED +OWNER'
	detached
	run rt list
	has "^$ID +$PID +running +$BUNDLE +20.*Z? +[a-z0-9#]+"
	run rt list --quiet
	is "$ID"
	run rt list --format json
	[ "$(jq -r '.[0].id' <<<"$output")" = "$ID" ]
	[ "$(jq -r '.[0].status' <<<"$output")" = running ]
	[ "$(jq -r '.[0].pid' <<<"$output")" = "$PID" ]
	[ "$(jq -r '.[0].bundle' <<<"$output")" = "$BUNDLE" ]
	run rt list --format nonsense
	[ "$status" = 1 ]
}

@test "ps: the processes, as a table and as json" {
	needs_root
	detached 'sleep 1001 & exec sleep 1002'
	eventually has_processes 2
	run rt ps "$ID"
	has '^UID +PID'
	has 'sleep 1001'
	has 'sleep 1002'
	run rt ps --format json "$ID"
	jq -e --argjson pid "$PID" 'index($pid) != null and length == 2' <<<"$output"
}

has_processes()
{
	[ "$(rt ps --format json "$ID" | jq length)" = "$1" ]
}

@test "--pid-file: holds the pid and nothing else" {
	detached
	[[ $(cat "$T/pid") =~ ^[0-9]+$ ]]
	[ "$(rt state "$ID" | jq .pid)" = "$(cat "$T/pid")" ]
}

@test "--pid-file: a folder that does not exist is an error, and nothing is left" {
	run rt create --bundle "$BUNDLE" --pid-file "$T/no/such/pid" "$ID"
	refused
	nothing_left
}

@test "--preserve-fds: these reach the process, and no others" {
	sh_c 'echo "$(readlink /proc/self/fd/3) $(cat <&4)"; ls /proc/self/fd'
	echo four >"$T/four"
	run rt run --bundle "$BUNDLE" --preserve-fds 2 "$ID" 3</etc/hostname 4<"$T/four" 5</etc/passwd 6</
	[ "$status" = 0 ]
	has 'four$'
	# fds 3 to 5: the two that were passed, and the one through which ls reads the folder
	[ "$(grep -c '^[0-9]*$' <<<"$output")" = 6 ]
}

@test "without --preserve-fds only 0, 1 and 2 reach the process" {
	edit '.process.args = ["/bin/ls", "/proc/self/fd"]'
	run rt run --bundle "$BUNDLE" "$ID" 3</etc/hostname 7</ 20</etc
	# fd 3 is the one through which ls reads the folder
	is $'0\n1\n2\n3'
}

@test "--no-pivot: the root is moved instead" {
	sh_c 'ls /; mount | grep -c " / "'
	run rt run --bundle "$BUNDLE" --no-pivot "$ID"
	[ "$status" = 0 ]
	has '^bin$'
	has_not '^boot$'
}

@test "--no-new-keyring is accepted" {
	sh_c 'echo fine'
	run rt run --bundle "$BUNDLE" --no-new-keyring "$ID"
	is fine
}

@test "--log: errors are written there, as text and as json" {
	run rt --log "$T/log" --log-format json state "$ID"
	[ "$status" = 1 ]
	[ "$(jq -r .level "$T/log")" = error ]
	jq -e '.msg | test("does not exist")' "$T/log"
	jq -e '.time | test("^20")' "$T/log"
	run rt --log "$T/log2" --log-format text state "$ID"
	grep -q 'does not exist' "$T/log2"
	run rt --log-format nonsense state "$ID"
	[ "$status" = 1 ]
}

@test "--debug: tells more, on standard error or in the log" {
	sh_c 'echo fine'
	run rt --debug --log "$T/log" run --bundle "$BUNDLE" "$ID"
	is fine
	[ -s "$T/log" ]
}

@test "--root: containers of another root are not seen" {
	detached
	run rt --root "$T/other" list -q
	is ''
	run rt --root "$T/other" state "$ID"
	refused
}

@test "the state folder is private" {
	detached
	[ "$(stat -c %a "$STATE")" = 700 ] || [ "$(stat -c %a "$STATE/$ID")" = 711 ] || [ "$(stat -c %a "$STATE/$ID")" = 700 ]
}

@test "spec: writes config.json, and does not overwrite one" {
	mkdir "$T/new"
	[ ${#AS_USER[@]} = 0 ] || chmod 777 "$T/new"
	(cd "$T/new" && rt spec)
	jq -e '.process.args == ["sh"] and .root.path == "rootfs" and .process.terminal' "$T/new/config.json"
	run rt spec --bundle "$T/new"
	[ "$status" = 1 ]
	has 'config.json'
}

@test "features: what is implemented, as json" {
	run rt features
	[ "$status" = 0 ]
	jq -e '.ociVersionMin and .ociVersionMax and (.hooks | length) >= 6 and (.mountOptions | index("rbind"))' <<<"$output"
	jq -e '.linux.namespaces | index("pid") and index("user")' <<<"$output"
	jq -e '.linux.capabilities | index("CAP_SYS_ADMIN")' <<<"$output"
	jq -e '.linux.seccomp.enabled and (.linux.seccomp.actions | index("SCMP_ACT_ERRNO"))' <<<"$output"
}

@test "--version and --help" {
	run rt --version
	[ "$status" = 0 ]
	has '^spec: 1\.'
	run rt --help
	[ "$status" = 0 ]
	has 'create'
	local command
	for command in create start run state kill delete list spec features ps; do
		run rt "$command" --help
		[ "$status" = 0 ]
		has "$command"
	done
}

@test "unknown commands and options are errors, not guesses" {
	run rt no-such-command
	[ "$status" != 0 ]
	run rt run --no-such-option "$ID"
	[ "$status" != 0 ]
	run rt state
	[ "$status" != 0 ]
	nothing_left
}

@test "a process that is just being reaped is one that has ended" {
	needs_berth
	needs_root
	command -v strace >/dev/null || skip "needs strace"
	detached 'sleep 0.1'
	eventually status_is stopped
	strace -o "$T/strace" -e trace=pidfd_open -e inject=pidfd_open:error=EINVAL "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" delete "$ID"
	nothing_left
}

@test "create goes on where delete --force took its new directory for what a killed one left" {
	needs_berth
	command -v strace >/dev/null || skip "needs strace"
	strace -o "$T/strace" -e trace=flock -e inject=flock:delay_enter=1000000:when=1 "${AS_USER[@]}" "${RT_ENV[@]}" \
		"$CLI_RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&- &
	eventually [ -d "$STATE/$ID" ]
	rt delete --force "$ID"
	wait $! || failed "$(cat "$T/out")"
	[ "$(container_status)" = created ]
	rt delete --force "$ID"
}
