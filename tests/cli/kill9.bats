#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The runtime is killed at any moment: `delete --force` cleans all, and the id is usable again.

load ../lib/cli

# How many moments in all; fewer where the machine is emulated.
MOMENTS=${KILL9_MOMENTS:-210}

# killed_after MICROSECONDS ARGUMENT...: starts the runtime and kills it then
killed_after()
{
	local delay=$1 pid
	shift
	"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" "$@" >>"$T/out" 2>&1 </dev/null 3>&- &
	pid=$!
	# sleep(1) itself takes about a millisecond to start
	[ "$delay" -lt 1000 ] || sleep "$(printf '0.%06d' $((delay - 1000)))"
	kill -KILL $pid 2>/dev/null || true
	wait $pid 2>/dev/null || true
}

# measured ARGUMENT...: sets $TOOK to how long the runtime takes for this, in microseconds
measured()
{
	local start=${EPOCHREALTIME//./}
	"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" "$@" >>"$T/out" 2>&1 </dev/null 3>&-
	TOOK=$((${EPOCHREALTIME//./} - start))
}

cleaned()
{
	rt delete --force "$ID"
	nothing_left
}

@test "killed during run" {
	local n range
	measured run --bundle "$BUNDLE" "$ID"
	range=$((TOOK * 5 / 4))
	for ((n = 0; n < MOMENTS / 3; n++)); do
		killed_after $((RANDOM * 32768 % range + RANDOM % range)) run --bundle "$BUNDLE" "$ID"
		cleaned
	done
	inside 'echo usable'
	is usable
}

@test "killed during create" {
	local n range
	measured create --bundle "$BUNDLE" "$ID"
	cleaned
	range=$((TOOK * 5 / 4))
	for ((n = 0; n < MOMENTS / 3; n++)); do
		killed_after $((RANDOM * 32768 % range)) create --bundle "$BUNDLE" "$ID"
		cleaned
	done
	inside 'echo usable'
	is usable
}

@test "killed during delete" {
	local n range
	sh_c 'exec sleep 1000'
	rt run --detach --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null
	measured delete --force "$ID"
	range=$((TOOK * 5 / 4))
	for ((n = 0; n < MOMENTS / 3; n++)); do
		rt run --detach --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null || failed "$(cat "$T/out")"
		killed_after $((RANDOM * 32768 % range)) delete --force "$ID"
		cleaned
	done
	inside 'echo usable'
	is usable
}
