#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bad input: one clear error, exit status 1, and nothing left.

load ../lib/cli

# fails [PATTERN]: `run` of the bundle is refused by one line of error
fails()
{
	run rt run --bundle "$BUNDLE" "$ID"
	refused "$@"
	nothing_left
}

@test "no configuration" {
	rm "$BUNDLE/config.json"
	fails 'config.json.*No such file|config.json.*does not exist|config.json.*not found'
}

@test "a directory instead of the configuration, or the configuration instead of the bundle" {
	mv "$BUNDLE/config.json" "$T/whole"
	mkdir "$BUNDLE/config.json"
	fails 'config.json:? is a directory'
	has_not 'config.json/config.json'
	# nor is it a bundle in the bundle
	cp "$T/whole" "$BUNDLE/config.json/config.json"
	fails 'config.json:? is a directory'
	run rt run --bundle "$T/whole" "$ID"
	refused 'whole.*(directory|no such file)'
	nothing_left
}

@test "no bundle" {
	run rt run --bundle "$T/no-such-bundle" "$ID"
	refused no-such-bundle
	nothing_left
}

@test "an empty configuration" {
	: >"$BUNDLE/config.json"
	fails config.json
}

@test "a configuration cut off anywhere" {
	cp "$BUNDLE/config.json" "$T/whole"
	local size cut
	size=$(stat -c %s "$T/whole")
	for cut in 1 2 $((size / 5)) $((size / 3)) $((size / 2)) $((size - 3)); do
		head -c "$cut" "$T/whole" >"$BUNDLE/config.json"
		fails config.json
	done
}

@test "a configuration of 100 MB" {
	{
		printf '{"ociVersion": "1.0.2", "annotations": {"a": "'
		head -c 100000000 /dev/zero | tr '\0' x
		printf '"}}'
	} >"$BUNDLE/config.json"
	fails 'config.json.*(large|big|size|MiB)'
}

@test "a configuration of 100,000 brackets" {
	head -c 100000 /dev/zero | tr '\0' '[' >"$BUNDLE/config.json"
	fails config.json
	{
		printf '{"ociVersion": "1.0.2", "x": '
		head -c 50000 /dev/zero | tr '\0' '['
		head -c 50000 /dev/zero | tr '\0' ']'
		printf '}'
	} >"$BUNDLE/config.json"
	fails 'config.json.*deep|config.json.*nest'
}

@test "a configuration that is no JSON, or not one object" {
	local text
	for text in nonsense '[]' '"text"' 1 null true '{"ociVersion": "1.0.2",}' $'{"a": "\x01"}' $'\xff\xfe{}'; do
		printf '%s' "$text" >"$BUNDLE/config.json"
		fails config.json
	done
}

@test "a property of the wrong type: its place is named" {
	edit '.process.cwd = 5'
	fails 'config.json:[0-9]+:[0-9]+: /process/cwd: '
	edit '.process.cwd = "/" | .process.args = "sh"'
	fails 'config.json:[0-9]+:[0-9]+: /process/args: '
	edit '.process.args = ["sh"] | .linux.namespaces = {}'
	fails 'config.json:[0-9]+:[0-9]+: /linux/namespaces: '
	fresh_config
	edit '.mounts[1].options = "ro"'
	fails 'config.json:[0-9]+:[0-9]+: /mounts/1/options: '
	edit 'del(.mounts[1].options) | .process.user.uid = "0"'
	fails 'config.json:[0-9]+:[0-9]+: /process/user/uid: '
}

@test "a number out of range" {
	local number
	for number in -1 4294967296 1.5 1e3 99999999999999999999999; do
		fresh_config
		sed -i "s/\"uid\": *0/\"uid\": $number/" "$BUNDLE/config.json"
		fails '/process/user/uid'
	done
}

@test "missing properties" {
	local property
	for property in .ociVersion .process.cwd .process.args .root.path; do
		fresh_config
		edit "del($property)"
		fails "${property##*.}"
	done
}

@test "a duplicate key" {
	sed -i '0,/{/s//{"ociVersion": "1.0.2",/' "$BUNDLE/config.json"
	fails 'ociVersion'
}

@test "an unknown property is a warning, with --strict an error" {
	edit '.nonsense = 1'
	sh_c 'echo ran'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ]
	has '^ran$'
	run rt --strict run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has nonsense
}

@test "a version that berth does not know" {
	edit '.ociVersion = "2.0.0"'
	fails '/ociVersion'
	edit '.ociVersion = "nonsense"'
	fails '/ociVersion'
}

@test "no root file system, or one that is a file" {
	edit '.root.path = "no-such-rootfs"'
	fails 'no-such-rootfs'
	edit '.root.path = "config.json"'
	fails 'config.json'
	edit '.root.path = ""'
	fails
}

@test "the host's own root directory is no root file system" {
	edit '.root.path = "/tmp/.."'
	in_container true
	refused '/root/path: is the host.s own root directory'
}

@test "an empty root file system" {
	mkdir "$T/empty"
	[ ${#AS_USER[@]} = 0 ] || chmod 777 "$T/empty"
	edit '.root.path = $path | .root.readonly = false' --arg path "$T/empty"
	fails '/bin/sh'
}

@test "a mount's source that is not there, an option that nobody knows" {
	needs_berth
	edit '.mounts += [{destination: "/mnt", type: "bind", source: "/no/such/source", options: ["bind"]}]'
	fails 'mounts\[[0-9]+\], /mnt: bind /no/such/source: No such file or directory \(the source of a bind mount'
	edit '.mounts[-1] = {destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["nosuids"]}'
	fails "Unknown parameter 'nosuids'.*did you mean nosuid[?]"
}

@test "a command that is not there" {
	edit '.process.args = ["/no/such/command"]'
	fails '/no/such/command'
	edit '.process.args = ["no-such-command"]'
	fails 'no-such-command'
	edit '.process.args = []'
	fails 'args'
	edit '.process.args = [""]'
	fails
}

@test "bad ids" {
	local id long
	long=$(head -c 2000 /dev/zero | tr '\0' a)
	for id in a/b .. . '' ../x /x 'a b' $'a\nb' $'a\x01' 'a\b' 'ü' '*' "$long" '{}'; do
		run rt run --bundle "$BUNDLE" -- "$id"
		[ "$status" = 1 ] || failed "accepted: $id ($status $output)"
		[ "$(wc -l <<<"$output")" -le 2 ] || failed "not one error: $output"
		[ ${#output} -lt 1500 ] || failed "an error of ${#output} characters"
		nothing_left
	done
	[ ! -e "$T/x" ]
}

@test "good ids" {
	local id
	for id in a A-b_c.d+e 0 "$(head -c 128 /dev/zero | tr '\0' a)" "$(head -c 255 /dev/zero | tr '\0' a)"; do
		run rt run --bundle "$BUNDLE" "$id"
		[ "$status" = 0 ] || failed "refused: $id: $output"
	done
}

@test "no id, too many arguments" {
	run rt run --bundle "$BUNDLE"
	[ "$status" = 1 ]
	run rt run --bundle "$BUNDLE" "$ID" more
	[ "$status" = 1 ]
	nothing_left
}

@test "a state folder that cannot be made, is a file, or belongs to somebody else" {
	run rt --root /proc/no/such run --bundle "$BUNDLE" "$ID"
	refused /proc/no
	run rt --root "$BUNDLE/config.json" run --bundle "$BUNDLE" "$ID"
	refused config.json
	nothing_left
}

@test "garbage in the state folder is no danger" {
	local file
	detached
	echo nonsense >"$STATE/file"
	while read -r file; do
		echo nonsense >"$file"
	done < <(find "$STATE/$ID" -type f)
	run rt list -q
	[ "$status" = 0 ]
	run rt state "$ID"
	[ "$status" -le 1 ]
	run rt kill "$ID" KILL
	[ "$status" -le 1 ]
	run rt delete --force "$ID"
	[ "$status" -le 1 ]
	kill -KILL "$PID" 2>/dev/null || true
	eventually test ! -d "/proc/$PID"
	rm -rf "$STATE"
	cgroups_left | xargs -r rmdir
}

@test "a limit on the size of files is an error that leaves nothing, not the end of berth" {
	needs_berth
	run bash -c 'ulimit -f 0; "$@"' - "${AS_USER[@]}" "$CLI_RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ] || failed "exit status $status: $output"
	has 'File too large'
	nothing_left
}

@test "warnings that nobody reads any more do not end berth" {
	needs_berth
	edit '.process.env += ["NOVALUE"] | .process.args = ["/bin/sh", "-c", "echo done >/dev/tty 2>/dev/null; exit 7"]'
	# the reader is gone before berth begins
	run bash -c '{ sleep 1; "$@" 2>&1; echo "$?" >&3; } 3>"$0" | true' "$T/status" \
		"${AS_USER[@]}" "$CLI_RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	[ "$(cat "$T/status")" = 7 ] || failed "exit status $(cat "$T/status"): $output"
	nothing_left
}

@test "check: prints ok, or all errors with their places" {
	needs_berth "runc has no such command"
	run rt check "$BUNDLE"
	[ "$status" = 0 ]
	is ok
	run rt check "$BUNDLE/config.json"
	is ok
	edit '.process.cwd = 5 | .root.path = [] | .linux.namespaces[0].type = "pidd"'
	run rt check "$BUNDLE"
	[ "$status" = 1 ]
	has 'config.json:[0-9]+:[0-9]+: /process/cwd: '
	has 'config.json:[0-9]+:[0-9]+: /root/path: '
	has 'config.json:[0-9]+:[0-9]+: /linux/namespaces/0/type: .*did you mean .?pid'
	nothing_left
}

@test "plan: the steps in their order, without doing them" {
	needs_berth "runc has no such command"
	run rt plan "$BUNDLE"
	[ "$status" = 0 ]
	has 'pivot'
	has 'clone'
	[ "${#lines[@]}" -gt 10 ]
	nothing_left
	[ ! -d "$ROOTFS/proc" ]
}
