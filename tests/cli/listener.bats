#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# SCMP_ACT_NOTIFY: the filter's listener goes to an agent (tests/lib/seccomp_agent.py), which answers mkdir with a lie.

load ../lib/cli

setup()
{
	cli_setup
	command -v python3 >/dev/null || skip "needs python3"
	mkdir "$T/agent"
	chmod 777 "$T/agent"
}

teardown()
{
	[ -z "${AGENT:-}" ] || kill "$AGENT" 2>/dev/null || true
	cli_teardown
}

# agent [COUNT]: starts it
agent()
{
	env -u CLI_TEST python3 "$CLI_DIR/agent.py" "$T/agent/socket" "$T/agent" "${1:-1}" 3>&- &
	AGENT=$!
	eventually [ -S "$T/agent/socket" ]
}

setup_file()
{
	cli_setup_file
	cp "$CLI_SOURCE/tests/lib/seccomp_agent.py" "$CLI_DIR/agent.py"
}

# notify NAME...: these system calls are the agent's
notify()
{
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: [$arch], listenerPath: $path, listenerMetadata: "a \"b\"",
		syscalls: [{names: $ARGS.positional, action: "SCMP_ACT_NOTIFY"}]}' \
		--arg arch "SCMP_ARCH_$(uname -m | tr '[:lower:]' '[:upper:]')" --arg path "$T/agent/socket" --args "$@"
}

edit()
{
	local filter=$1
	shift
	jq "$filter" "$BUNDLE/config.json" "$@" >"$T/config.new"
	cat "$T/config.new" >"$BUNDLE/config.json"
}

# state N FILTER: of what the agent got
state()
{
	eventually [ -s "$T/agent/state.$1" ]
	head -n 1 "$T/agent/state.$1" | jq -r "$2"
}

@test "the agent gets the container process state and the listener, and answers" {
	agent
	notify mkdir mkdirat
	edit '.annotations = {"org.example.key": "value"}'
	inside 'mkdir /dev/shm/x && echo made; [ -e /dev/shm/x ] || echo "not really"'
	is $'made\nnot really'
	[ "$(state 0 '.fds | join(" ")')" = seccompFd ]
	[ "$(state 0 .metadata)" = 'a "b"' ]
	[ "$(state 0 .ociVersion)" = "$(rt --version | sed -n 's/^spec: //p')" ]
	[ "$(state 0 .state.id)" = "$ID" ]
	[ "$(state 0 .state.bundle)" = "$BUNDLE" ]
	[ "$(state 0 .state.status)" = created ]
	[ "$(state 0 '.state.annotations["org.example.key"]')" = value ]
	[ "$(state 0 .pid)" = "$(state 0 .state.pid)" ]
	# one fd, one state, then the end of the connection
	[ "$(tail -n 1 "$T/agent/state.0")" = "1 fds, 0 more bytes" ]
}

@test "pid is as the runtime sees it; create and start" {
	agent
	notify mkdir mkdirat
	sh_c 'exec sleep 1000'
	create_container
	[ ! -e "$T/agent/state.0" ]
	rt start "$ID"
	[ "$(state 0 .pid)" = "$PID" ]
}

@test "system calls of the runtime's own last steps may be the agent's, too" {
	agent
	edit '.process.noNewPrivileges = false'
	notify mkdir mkdirat execve write writev sendmsg close capset exit_group futex mmap munmap prctl
	inside 'mkdir /dev/shm/x && echo made'
	is made
}

@test "all of them, by the default action" {
	agent
	notify
	edit 'del(.linux.seccomp.syscalls) | .linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"'
	inside 'mkdir /dev/shm/x && echo made'
	is made
}

@test "a program that cannot be executed under it is still an error with its name" {
	agent
	notify execve
	touch "$ROOTFS/bin/odd"
	chmod 755 "$ROOTFS/bin/odd"
	edit '.process.args = ["/bin/odd"]'
	run rt run --bundle "$BUNDLE" "$ID"
	refused 'odd'
}

@test "with a real-time policy on one processor" {
	needs_root
	chrt -f 1 true 2>/dev/null || skip "no real-time scheduling here"
	agent
	notify mkdir mkdirat
	edit '.process.scheduler = {policy: "SCHED_FIFO", priority: 50}'
	sh_c 'mkdir /dev/shm/x && echo made'
	run taskset -c 0 bash -c "$(declare -f rt); $(declare -p AS_USER RT_ENV CLI_RUNTIME STATE BUNDLE ID T PATH 2>/dev/null); rt run --bundle \$BUNDLE \$ID"
	is made
}

@test "exec has a listener of its own" {
	agent 2
	notify mkdir mkdirat
	detached
	needs_command exec
	run rt exec "$ID" /bin/sh -c 'mkdir /dev/shm/x && echo made'
	is made
	[ "$(state 1 .state.pid)" = "$PID" ]
	[ "$(state 1 .state.status)" = running ]
	[ "$(state 1 .pid)" != "$PID" ]
}

@test "no agent is an error" {
	notify mkdir
	in_container true
	refused 'agent: seccomp agent: connect to .*/socket: No such file'
	nothing_left
}

@test "an agent that hangs up is an error, and the program does not run" {
	python3 - "$T/agent/socket" 3>&- <<-'E' &
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o777)
		s.listen()
		s.accept()[0].close()
	E
	AGENT=$!
	eventually [ -S "$T/agent/socket" ]
	notify mkdir
	edit '.hooks.startContainer = [{path: "/bin/sleep", args: ["sleep", "1"]}]'
	in_container 'echo it runs'
	refused 'load-filter: seccomp agent: send message: Broken pipe'
	has_not 'it runs'
	nothing_left
}

@test "without SCMP_ACT_NOTIFY the path is of no consequence; with it, it has to be there" {
	notify mkdir
	edit '.linux.seccomp.syscalls[0].action = "SCMP_ACT_LOG"'
	inside true
	edit '.linux.seccomp.syscalls[0].action = "SCMP_ACT_NOTIFY" | del(.linux.seccomp.listenerPath) | del(.linux.seccomp.listenerMetadata)'
	in_container true
	refused 'SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath'
	edit '.linux.seccomp.listenerMetadata = "x"'
	run rt check "$BUNDLE"
	has '/linux/seccomp/listenerMetadata: must not be set without'
}
