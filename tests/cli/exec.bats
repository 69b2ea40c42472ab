#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: one more process in a container. The reference for exit statuses is Debian's runc.
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for inside; bats' subshells

load ../lib/cli

setup_file()
{
	cli_setup_file
	[ -n "${CLI_SUBID_USER:-}" ] || make_users
	cp "$CLI_SOURCE"/tests/lib/{pty,console}.py "$CLI_DIR"
}

# ex [OPTION...] -- COMMAND...: exec in the container; sets $status and $output
ex()
{
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	run rt exec "${options[@]}" "$ID" "$@"
}

# ex_fails PATTERN ...: as ex, and it is refused with 255 and one line
ex_fails()
{
	local pattern=$1
	shift
	ex "$@"
	[ "$status" = 255 ] || failed "wanted: exit status 255" "got:    $status: $output"
	[[ $output != *$'\n'* ]] || failed "wanted: one line of error" "got:    $output"
	has "$pattern"
}

# ex_detached [OPTION...] -- COMMAND...: a process that stays; $SECOND is its pid. It must not hold on to bats' own pipes.
ex_detached()
{
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rt exec --detach --pid-file "$T/second" "${options[@]}" "$ID" "$@" >"$T/second.out" 2>&1 </dev/null || failed "$(cat "$T/second.out")"
	SECOND=$(cat "$T/second")
}

same_namespaces()
{
	local type
	rt exec "$ID" sh -c 'cd /proc/self/ns && for i in *; do echo $i $(readlink $i); done' >"$T/inside"
	for type in cgroup ipc mnt net pid time user uts; do
		grep -qxF "$type $(readlink "/proc/$PID/ns/$type")" "$T/inside" || failed "$type differs" "$(cat "$T/inside")"
	done
}

# field FILE NAME: of a /proc/.../status
field()
{
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

@test "output, input and exit status are the process's" {
	detached
	ex -- sh -c 'echo out; echo err >&2; cat; exit 42' <<<"from outside"
	[ "$status" = 42 ]
	has '^out$'
	has '^err$'
	has '^from outside$'
	ex -- sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
	ex -- true
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "all that follows the id is the command's" {
	detached
	ex -- echo -d --env --help -- x
	is '-d --env --help -- x'
	ex -- sh -c 'echo $#' -- -e -u
	is 2
}

@test "namespaces, root, cgroup and session: the container's" {
	edit '.linux.namespaces |= (. + [{type: "cgroup"}] | unique_by(.type))'
	detached
	same_namespaces
	[ "$(rt exec "$ID" cat /proc/self/cgroup)" = "$(rt exec "$ID" cat /proc/1/cgroup)" ]
	[ "$(rt exec "$ID" stat -c %d:%i /)" = "$(stat -Lc %d:%i "/proc/$PID/root")" ]
	ex -- sh -c 'echo $$ $(cut -d " " -f 6 /proc/self/stat); hostname'
	# a session of its own
	[ "$(cut -d ' ' -f 1 <<<"${lines[0]}")" = "$(cut -d ' ' -f 2 <<<"${lines[0]}")" ]
	[ "${lines[1]}" = "$(jq -r .hostname "$BUNDLE/config.json")" ]
}

@test "a new time namespace, too" {
	needs_berth "runc 1.1 has no time namespace"
	edit '.linux.namespaces += [{type: "time"}]'
	detached
	same_namespaces
}

@test "the host finds the process in the container's cgroup" {
	needs_root
	detached
	ex_detached -- sleep 1000
	[ "$(cat "/proc/$SECOND/cgroup")" = "$(cat "/proc/$PID/cgroup")" ]
	[ "$(tr '\0' ' ' <"/proc/$SECOND/cmdline")" = 'sleep 1000 ' ]
}

@test "what is not said is as the container's process has it" {
	writable
	mkdir "$ROOTFS/work"
	edit '.process.env += ["KEPT=yes"] | .process.cwd = "/work" | .process.user += {uid: 1000, gid: 1001, additionalGids: [7]}
	      | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}] | .process.oomScoreAdj = 321'
	is_rootless && edit '.process.user = {uid: 0, gid: 0} | .process.oomScoreAdj = 900'
	detached
	ex -- sh -c 'echo $KEPT $PWD $(ulimit -Sn) $(ulimit -Hn); id; cat /proc/self/oom_score_adj'
	has '^yes /work 77 88$'
	has "^$(jq .process.oomScoreAdj "$BUNDLE/config.json")$"
	is_rootless || has '^uid=1000 gid=1001 groups=7$'
}

@test "--cwd, --env" {
	detached
	ex --cwd /tmp --env A=1 -e B= -e A=2 -- sh -c 'echo "$PWD $A [${B-unset}] $PATH"'
	is "/tmp 2 [] $(jq -r '.process.env[] | select(startswith("PATH=")) | .[5:]' "$BUNDLE/config.json")"
	ex_fails 'NoSuchPlace|no such file' --cwd /NoSuchPlace -- true
	ex_fails 'absolute' --cwd tmp -- true
	ex_fails 'environment variable' --env NONAME -- true
	ex_fails 'environment variable' --env =x -- true
}

@test "HOME is that of the user" {
	needs_root
	# a file of its own: those of the root file system are links
	rm "$ROOTFS/etc/passwd"
	echo 'five:x:5:5::/home/five:/bin/sh' >"$ROOTFS/etc/passwd"
	detached
	ex --user 5 -- sh -c 'echo $HOME'
	is /home/five
	ex --user 6 -- sh -c 'echo $HOME'
	is /
	ex --user 5 --env HOME=/elsewhere -- sh -c 'echo $HOME'
	is /elsewhere
}

@test "--user, --additional-gids" {
	needs_root
	detached
	ex --user 5 -- id
	is 'uid=5 gid=0'
	ex --user 5:6 -g 7 --additional-gids 8 -g 7 -- id
	is 'uid=5 gid=6 groups=7,8'
	ex --user 4294967294:4294967294 -- id -u
	is 4294967294
}

@test "--user takes numbers and nothing else" {
	detached
	local user
	for user in root 1: :1 1:2:3 -1 +1 0x1 ' 1' '1 ' 1.5 4294967295 4294967296 18446744073709551616 99999999999999999999 0:4294967296; do
		ex_fails 'not a user or group id' "--user=$user" -- true
	done
	ex_fails 'not a user or group id' --additional-gids wheel -- true
	ex_fails 'not a user or group id' --additional-gids 4294967295 -- true
}

@test "capabilities: exactly the container's; --cap adds no inheritable ones" {
	edit '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], permitted: ["CAP_KILL", "CAP_CHOWN"]}'
	detached
	rt exec "$ID" cat /proc/self/status >"$T/status"
	[ "$(field "$T/status" CapBnd)" = 0000000000000021 ]
	# root's program has all that is permitted, by execve(2)
	[ "$(field "$T/status" CapPrm)" = 0000000000000021 ]
	[ "$(field "$T/status" CapInh)" = 0000000000000000 ]
	rt exec --cap CAP_NET_RAW -c CAP_FOWNER "$ID" cat /proc/self/status >"$T/status"
	[ "$(field "$T/status" CapBnd)" = 0000000000002029 ]
	[ "$(field "$T/status" CapPrm)" = 0000000000002029 ]
	[ "$(field "$T/status" CapEff)" = 0000000000002029 ]
	[ "$(field "$T/status" CapInh)" = 0000000000000000 ]
	[ "$(field "$T/status" CapAmb)" = 0000000000000000 ]
	needs_berth "runc passes over unknown ones"
	ex_fails 'unknown capability CAP_SYS_ADMN.*did you mean CAP_SYS_ADMIN' --cap CAP_SYS_ADMN -- true
}

@test "capabilities: another user keeps what --cap adds if it is inheritable in the container" {
	edit '.process.capabilities = {bounding: ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"], inheritable: ["CAP_NET_RAW"]}'
	needs_root
	detached
	rt exec --user 1000 --cap CAP_NET_RAW --cap CAP_FOWNER "$ID" cat /proc/self/status >"$T/status"
	[ "$(field "$T/status" CapInh)" = 0000000000002000 ]
	[ "$(field "$T/status" CapAmb)" = 0000000000002000 ]
	[ "$(field "$T/status" CapEff)" = 0000000000002000 ]
	rt exec --user 1000 "$ID" cat /proc/self/status >"$T/status"
	[ "$(field "$T/status" CapAmb)" = 0000000000000000 ]
	[ "$(field "$T/status" CapEff)" = 0000000000000000 ]
}

@test "--no-new-privs" {
	edit '.process.noNewPrivileges = false'
	detached
	[ "$(rt exec "$ID" cat /proc/self/status | field /dev/stdin NoNewPrivs)" = 0 ]
	[ "$(rt exec --no-new-privs "$ID" cat /proc/self/status | field /dev/stdin NoNewPrivs)" = 1 ]
}

@test "the container's seccomp profile holds" {
	writable
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
	detached
	local nnp
	for nnp in true false; do
		[ "$(rt exec --no-new-privs=$nnp "$ID" cat /proc/self/status | field /dev/stdin Seccomp)" = 2 ]
		ex --no-new-privs=$nnp -- mkdir /tmp/x
		[ "$status" = 1 ]
		has 'not implemented'
	done
}

@test "no file descriptor gets in, but those of --preserve-fds" {
	detached
	echo kept >"$T/kept"
	run rt exec "$ID" sh -c 'for i in /proc/self/fd/*; do [ -e $i ] && echo ${i##*/}; done' 5<"$T/kept"
	is $'0\n1\n2'
	# bats itself has fd 3 open
	run rt exec --preserve-fds 2 "$ID" sh -c 'cat <&4' 3<"$T/kept" 4<"$T/kept"
	is kept
	needs_berth
	run rt exec --preserve-fds 40 "$ID" true 3<"$T/kept"
	[ "$status" = 255 ]
	has 'is not open'
}

@test "--process: what is executed, from a file" {
	detached
	jq '.process | .args = ["sh", "-c", "echo $NEW; id -u; pwd"] | .env = ["NEW=from file", "PATH=/bin"] | .cwd = "/tmp"' \
		"$BUNDLE/config.json" >"$T/process.json"
	run rt exec --process "$T/process.json" "$ID"
	is $'from file\n0\n/tmp'
	run rt exec -p "$T/process.json" --cwd / --env NEW=2 "$ID"
	is $'2\n0\n/'
}

@test "--process: what confines the container's process confines this one, unless the file says otherwise" {
	local only=CAP_KILL
	edit '.process.capabilities = {bounding: [$only], effective: [$only], permitted: [$only]} | .process.oomScoreAdj = 700
		| .process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 8192}]' --arg only $only
	detached
	echo '{"args": ["sh", "-c", "grep CapBnd /proc/self/status; cat /proc/self/oom_score_adj; grep core /proc/self/limits"],
		"cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$T/process.json"
	run rt exec --process "$T/process.json" "$ID"
	has '^CapBnd:.0000000000000020$'
	has '^700$'
	has '^Max core file size +0 +8192 '
	jq '.capabilities = {} | .oomScoreAdj = 800 | .rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 4096}]' "$T/process.json" >"$T/other.json"
	run rt exec --process "$T/other.json" "$ID"
	has '^CapBnd:.0000000000000000$'
	has '^800$'
	has '^Max core file size +1 +4096 '
}

@test "--process: a bad file is an error that tells where" {
	detached
	echo '{"args": ["true"], "cwd": "/", "user": {"uid": "x", "gid": 0}}' >"$T/process.json"
	run rt exec --process "$T/process.json" "$ID"
	[ "$status" = 255 ]
	needs_berth
	has 'process.json:1:[0-9]+: /user/uid: expected an integer'
	run rt exec --process "$T/none.json" "$ID"
	[ "$status" = 255 ]
	has 'none.json'
	: >"$T/process.json"
	run rt exec --process "$T/process.json" "$ID"
	[ "$status" = 255 ]
}

@test "commands that cannot be executed: 255, and the words that engines look for" {
	echo text >"$ROOTFS/etc/text"
	printf '#!/no/such/interpreter\n' >"$ROOTFS/etc/script"
	chmod 755 "$ROOTFS/etc/script"
	detached
	ex_fails '"nosuch": executable file not found in \$PATH' -- nosuch
	ex_fails 'executable file not found' -- ''
	ex_fails '"/bin/nosuch".*no such file or directory' -- /bin/nosuch
	ex_fails '"/etc/text": permission denied' -- /etc/text
	ex_fails '"/etc": permission denied' -- /etc
	ex_fails 'no such file or directory' -- /etc/script
	run rt exec "$ID"
	[ "$status" = 255 ]
	run rt exec
	[ "$status" = 1 ]
	run rt exec --nonsense "$ID" true
	[ "$status" = 1 ]
}

@test "--detach: returns while the process runs, with its pid in the file" {
	detached
	ex_detached -- sleep 1000
	[ "$(cat "/proc/$SECOND/comm")" = sleep ]
	[ "$(readlink "/proc/$SECOND/ns/pid")" = "$(readlink "/proc/$PID/ns/pid")" ]
	# no newline, as with runc
	[ "$(wc -l <"$T/second")" = 0 ]
	rt delete --force "$ID"
	[ ! -e "/proc/$SECOND" ]
}

@test "--detach of what cannot be executed: 255, no pid file" {
	detached
	ex_fails 'not found' --detach --pid-file "$T/second" -- nosuch
	[ ! -e "$T/second" ]
}

@test "SIGTERM to the runtime reaches the process" {
	detached
	rt_background exec "$ID" sh -c 'trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done' >"$T/out" 2>&1 </dev/null
	eventually grep -q ready "$T/out"
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" = 7 ]
	[ "$(container_status)" = running ]
}

# on_terminal [PTY OPTION...] -- [EXEC OPTION...] -- COMMAND...
on_terminal()
{
	local pty=() options=()
	while [ "$1" != -- ]; do
		pty+=("$1")
		shift
	done
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	run "${AS_USER[@]}" "${RT_ENV[@]}" /usr/bin/python3 "$CLI_DIR/pty.py" "${pty[@]}" \
		"$CLI_RUNTIME" --root "$STATE" exec "${options[@]}" "$ID" "$@"
	output=${output//$'\r'/}
}

@test "--tty: a terminal with the window's size, and its changes" {
	detached
	on_terminal --size 33x111 --after ready --resize 44x122 -- --tty -- \
		sh -c 'tty; stty size; trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.1; done'
	[ "$status" = 3 ]
	has '^/dev/pts/'
	has '^33 111$'
	has '^44 122$'
	has 'modes kept'
}

@test "--tty: typed input arrives, and nothing of a large output is lost" {
	detached
	on_terminal --after ready --type 'hello\n' -- -t -- sh -c 'echo ready; read x; echo "got $x"'
	has '^got hello$'
	on_terminal -- -t -- sh -c 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); printf "%01000d\n" $i; done'
	[ "$(grep -c '^0*[0-9]*$' <<<"$output")" = 300 ]
}

@test "--tty: 10 MB and a fast exit, not a byte is lost" {
	detached
	status=0
	python3 "$CLI_SOURCE/tests/lib/pty.py" "${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" exec -t "$ID" \
		sh -c 'x=$(printf %0999d 0); yes "$x" | head -n 10000; exit 7' >"$T/much" 2>"$T/modes" || status=$?
	[ "$status" = 7 ]
	[ "$(tr -d '\r' <"$T/much" | grep -cx '0\{999\}')" = 10000 ]
	grep -q 'modes kept' "$T/modes"
}

@test "200 at once" {
	local i n=200 pids=()
	[ -z "${IN_VM:-}" ] || n=50
	detached
	for ((i = 0; i < n; i++)); do
		rt exec "$ID" echo "number $i" >"$T/many.$i" 2>&1 </dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" # not for bats's own watchdog
	[ "$(cat "$T"/many.* | sort -u | wc -l)" = $n ]
	[ "$(cat "$T"/many.* | grep -c '^number [0-9]*$')" = $n ]
}

@test "without --tty there is no terminal, even where ours is one" {
	detached
	on_terminal -- -- sh -c '[ -t 0 ] || echo none; readlink /proc/self/fd/0; tr -d "\0" </proc/self/stat | cut -d " " -f 7'
	# the runtime's own terminal is passed on as it is, but it is nobody's controlling one in there
	has '^0$'
}

@test "--console-socket: the terminal is handed over" {
	detached
	python3 "$CLI_DIR/console.py" "$T/run/console" "$T/console" hello </dev/null >/dev/null 2>&1 3>&- &
	eventually test -S "$T/run/console"
	ex_detached --tty --console-socket "$T/run/console" -- sh -c 'read line; echo "got $line"; exec sleep 1000'
	eventually grep -q 'got hello' "$T/console"
	grep -q '^1 True /dev/p' "$T/console"
}

@test "terminal options that contradict each other" {
	detached
	ex_fails 'console.socket' --detach --tty -- true
	ex_fails 'console.socket' --console-socket "$T/none" -- true
	ex_fails 'none' --detach --tty --console-socket "$T/none" -- true
}

@test "in a created container; not in a stopped one, nor in none" {
	create_container
	ex -- echo inside
	is inside
	[ "$(container_status)" = created ]
	rt kill "$ID" KILL
	eventually status_is stopped
	ex_fails 'stopped' -- true
	rt delete "$ID"
	ex_fails 'does not exist' -- true
	run rt exec 'bad/id' true
	[ "$status" = 255 ]
}

@test "a container that ends takes the process along" {
	detached
	rt_background exec "$ID" sh -c 'echo ready; exec sleep 1000' >"$T/out" 2>&1 </dev/null
	eventually grep -q ready "$T/out"
	rt kill "$ID" KILL
	status=0
	wait $! || status=$?
	[ "$status" = 137 ]
}

@test "a container in a user namespace, with ids of its own" {
	needs_root
	needs_userns
	edit '.linux.namespaces += [{type: "user"}]
	      | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 10}]
	      | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 1000}]'
	chown 100000:200000 "$ROOTFS"
	detached
	same_namespaces
	ex --user 1000:5 -- sh -c 'id; cat /proc/self/uid_map'
	has '^uid=1000 gid=5$'
	ex_detached --user 1000:5 -- sleep 1000
	[ "$(field "/proc/$SECOND/status" Uid | cut -f 1)" = 300000 ]
	[ "$(field "/proc/$SECOND/status" Gid | cut -f 1)" = 200005 ]
	ex --user 5000 -- true
	[ "$status" = 255 ]
}

@test "an ordinary user's container" {
	[ -n "$CLI_SUBID_USER" ] || needs_root
	become "$CLI_SUBID_USER"
	detached
	same_namespaces
	ex -- id -u
	is 0
	ex --user 5:6 -g 7 -- id
	is 'uid=5 gid=6 groups=7'
	ex_fails 'not found' -- nosuch
}

@test "the container of a user without ranges" {
	[ -n "$CLI_PLAIN_USER" ] || needs_root
	become "$CLI_PLAIN_USER"
	detached
	same_namespaces
	ex -- sh -c 'id -u; cat /proc/self/setgroups'
	is $'0\ndeny'
	ex --user 5 -- true
	[ "$status" = 255 ]
}

@test "a container that has joined namespaces by path" {
	needs_root
	local holder
	env -i CLI_TEST="$T" PATH="$PATH" unshare --net --ipc --uts sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	holder=$!
	eventually grep -q sleep "/proc/$holder/comm"
	edit 'del(.hostname) | .linux.namespaces |= map(if .type == "network" then .path = $p + "net" elif .type == "ipc" then .path = $p + "ipc"
	      elif .type == "uts" then .path = $p + "uts" else . end)' --arg p "/proc/$holder/ns/"
	detached
	same_namespaces
	[ "$(rt exec "$ID" readlink /proc/self/ns/net)" = "$(readlink "/proc/$holder/ns/net")" ]
	kill -KILL $holder
	# the paths do not lead to the namespaces any more; exec finds them by the container's process
	same_namespaces
}

@test "a container without a pid namespace" {
	needs_root
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	detached
	same_namespaces
	ex -- sh -c 'exit 5'
	[ "$status" = 5 ]
	ex_detached -- sleep 1000
	[ "$(cat "/proc/$SECOND/comm")" = sleep ]
}

@test "a container without a mount namespace: its root directory all the same" {
	needs_root
	edit '.linux.namespaces |= map(select(.type != "mount")) | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths) | .root.readonly = false'
	detached
	ex -- sh -c 'pwd; ls -d /.script; ls /proc'
	[ "${lines[0]}" = / ]
	has '^/.script$'
	[ ! -e /.script ]
}

@test "--cgroup: below the container's, and not out of it" {
	needs_root
	detached
	local path
	path=$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
	[ "$path" != / ] || skip "no cgroup"
	path=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)$path
	mkdir "$path/below"
	ex_detached --cgroup below -- sleep 1000
	[ "$(sed -n 's/^0:://p' "/proc/$SECOND/cgroup")" = "$(sed -n 's/^0:://p' "/proc/$PID/cgroup")/below" ]
	ex_fails 'nosuch' --cgroup nosuch -- true
	ex --cgroup :below -- cat /proc/self/cgroup
	has '^0::/below$'
	ex_fails 'one tree for all controllers' --cgroup cpu,memory:below -- true
	ex_fails '\.\.' --cgroup .. -- true
	ex_fails '\.\.' --cgroup below/../.. -- true
}

@test "labels that this machine does not have are an error" {
	detached
	ex_fails 'AppArmor|apparmor' --apparmor berth-no-such-profile -- true
	[ -e /sys/fs/selinux ] || ex_fails 'SELinux|selinux' --process-label a:b:c:d -- true
}

@test "many at once" {
	detached
	local i pids=()
	for i in $(seq 30); do
		rt_background exec "$ID" sh -c "echo $i" >"$T/out.$i" 2>&1 </dev/null
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in $(seq 30); do
		[ "$(cat "$T/out.$i")" = "$i" ] || failed "exec $i: $(cat "$T/out.$i")"
	done
}
