#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The examples, by the command that the README names, as root and as an ordinary user.

load ../lib/cli

setup_file()
{
	cli_setup_file
	[ "$(id -u)" != 0 ] || make_users
}

setup()
{
	[ "$RUNTIME" = "$CLI_SOURCE/build/cmd/berth" ] || skip "examples/run has a berth of its own"
	HOME_DIR=$(mktemp -d "$CLI_DIR/home.XXXXXX")
}

teardown()
{
	local left
	left=$(find "$HOME_DIR" -mindepth 1 2>/dev/null)
	rm -rf "$HOME_DIR"
	[ -z "$left" ] || failed "left behind:" "$left"
}

# example NAME: as this user and, where that is root, as an ordinary one; `expect` checks the output of each
example()
{
	run env TMPDIR="$HOME_DIR" "$CLI_SOURCE/examples/run" "$@" <"${INPUT:-/dev/null}"
	expect
	[ "$(id -u)" = 0 ] || return 0
	chown "$CLI_SUBID_USER:" "$HOME_DIR"
	local as_user=(setpriv --reuid "$CLI_SUBID_USER" --regid "$CLI_SUBID_USER" --clear-groups --inh-caps=-all)
	"${as_user[@]}" test -r "$CLI_SOURCE/examples/run" -a -x "$CLI_SOURCE/build/cmd/berth" ||
		skip "the source is out of an ordinary user's reach"
	run "${as_user[@]}" env -i PATH="$PATH" HOME="$HOME_DIR" TMPDIR="$HOME_DIR" "$CLI_SOURCE/examples/run" "$@" <"${INPUT:-/dev/null}"
	expect
}

@test "without a name they are listed, with a line each" {
	expect()
	{
		[ "$status" = 0 ]
		local bundle
		for bundle in "$CLI_SOURCE"/examples/bundles/*/; do
			has "^  $(basename "$bundle") +[a-z].{20,}"
		done
	}
	example
}

@test "an unknown name is an error, with the list" {
	run "$CLI_SOURCE/examples/run" no-such-example
	[ "$status" = 2 ]
	has 'no-such-example'
	has '^  hello '
	run "$CLI_SOURCE/examples/run" ../bundles/hello
	[ "$status" = 2 ]
}

@test "hello" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		has '^Hello from hello: I am process 1 and user 0 in here\.$'
	}
	example hello
}

@test "readonly" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		[ "$(grep -c 'Read-only file system' <<<"$output")" = 2 ]
		has '^kept$'
		has '^hidden: \[\]$'
	}
	example readonly
}

@test "userns" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		has '^I am user 0'
		has '^CapEff:.0000000000201001$'
		has '^ *0 +[1-9][0-9]* +[1-9]'
	}
	example userns
}

@test "seccomp" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		has 'Operation not permitted'
		has 'Function not implemented'
		has '^Seccomp:.2$'
	}
	example seccomp
}

@test "hooks" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		local order
		order=$(sed -n 's/^\(create[A-Z][a-z]*\|startContainer\),.*/\1/p' <<<"$output")
		[ "$order" = $'createRuntime\ncreateContainer\nstartContainer' ] || failed "$output"
		has 'was told: \{.*"status": ?"creating"'
	}
	example hooks
}

@test "shell, from a pipe" {
	expect()
	{
		[ "$status" = 0 ] || failed "$output"
		has '^shell$'
		has '^0$'
	}
	echo 'hostname; id -u' >"$CLI_DIR/input"
	INPUT=$CLI_DIR/input example shell
}

@test "without a cgroup tree, as in a bare chroot" {
	needs_root
	mountpoint -q /sys/fs/cgroup || skip "nothing to unmount"
	run unshare -m --propagation private sh -c 'umount -l /sys/fs/cgroup && exec "$0" hello' "$CLI_SOURCE/examples/run"
	[ "$status" = 0 ] || failed "$output"
	has '^Hello from hello'
}

@test "shell, on a terminal" {
	run /usr/bin/python3 "$CLI_SOURCE/tests/lib/pty.py" --after 'shell:/# ' --type 'tty; exit 4\n' \
		env TMPDIR="$HOME_DIR" "$CLI_SOURCE/examples/run" shell
	[ "$status" = 4 ] || failed "$output"
	has '/dev/(pts/0|console)'
}

@test "their configurations are right" {
	local bundle
	for bundle in "$CLI_SOURCE"/examples/bundles/*/; do
		run "$CLI_RUNTIME" --strict check "$bundle"
		is ok
	done
}
