# shellcheck shell=bash disable=SC2034 # what replays read
# SPDX-License-Identifier: Apache-2.0
#
# What the replays share. A replay (replays/NAME.bash) is one attack. It says in its first lines which class of attacks it belongs to, which published
# vulnerabilities it replays, and which patch (patches/NAME.patch) takes the guard against it out of berth:
#
#   # class: ...
#   # ids: CVE-...          (or: -)
#   # patch: NAME [NAME...] (each of them alone has to let the attack through)
#
# It is run with these set, and ends by saying what came of it: `stolen WHAT` (the attack succeeded), `withstood`, or `skip WHY`.
#
#   $T         a folder of its own; $BUNDLE a bundle in it with `berth spec`'s configuration, $ROOTFS its root file system
#   $HOST      a folder that stands for the host's files: whatever changes there is damage (host_intact)
#   $ID        the container's id
#   rt ...     the runtime under attack
#   $ATTACK    the attacker's tool (attack.c), static; in the image it is /attack

set -u
umask 022

stolen()
{
	echo "$*"
	exit 10
}

withstood()
{
	exit 0
}

skip()
{
	echo "$*"
	exit 77
}

# broken WHY: the replay could not be set up
broken()
{
	echo "$*"
	exit 2
}

rt()
{
	timeout -k 3 20 "$RUNTIME" --root "$T/state" "$@"
}

needs_berth()
{
	[ -n "${IS_BERTH:-}" ] || skip "${1:-only berth can be asked}"
}

needs_exec()
{
	rt exec --help >/dev/null 2>&1 || skip "the runtime has no exec"
}

needs_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# edit FILTER [JQ OPTION...]
edit()
{
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$T/config.new" || broken "jq: $filter"
	mv "$T/config.new" "$BUNDLE/config.json"
}

# user_bundle: the bundle belongs to $USER_MADE, with a configuration for an ordinary user
user_bundle()
{
	chown -R "$USER_MADE:" "$BUNDLE"
	rm "$BUNDLE/config.json"
	mkdir -p "$T/run" && chown "$USER_MADE:" "$T/run"
	(cd "$BUNDLE" && as_user env XDG_RUNTIME_DIR="$T/run" "$RUNTIME" spec --rootless) || broken "spec --rootless"
	edit '.process.terminal = false'
}

# user_rt ...: the runtime under attack, as $USER_MADE
user_rt()
{
	as_user env XDG_RUNTIME_DIR="$T/run" timeout -k 3 20 "$RUNTIME" "$@" </dev/null
}

# image_dev: /dev is the image's own, nothing is mounted there
image_dev()
{
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
}

# script TEXT: what the container's process does
script()
{
	printf '%s\n' "$1" >"$ROOTFS/.script"
	edit '.process.args = ["/bin/sh", "/.script"]'
}

# run_container: in the foreground; $output, $status
run_container()
{
	output=$(rt run --bundle "$BUNDLE" "$ID" </dev/null 2>&1)
	status=$?
}

# start_container [SCRIPT]: one that lives on
start_container()
{
	script "${1:-exec sleep 100}"
	rt run --bundle "$BUNDLE" --detach --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null || broken "$(cat "$T/out")"
	PID=$(cat "$T/pid")
}

host_state()
{
	(cd "$HOST" && find . -printf '%p %y %m %U:%G %l %n\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

# host_intact: whether the host's files are as they were
host_intact()
{
	[ "$(host_state)" = "$(cat "$T/host.before")" ]
}

# eventually COMMAND...: it succeeds within five seconds
eventually()
{
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# background COMMAND...: killed when the replay ends
background()
{
	"$@" &
	PIDS+=($!)
}

PIDS=()
USER_MADE=''

clean_up()
{
	local pid mount
	trap - EXIT INT TERM
	for pid in "${PIDS[@]}"; do
		kill -9 "$pid" 2>/dev/null
	done
	rt list -q 2>/dev/null | while read -r id; do
		rt delete --force -- "$id" >/dev/null 2>&1 </dev/null
	done
	# what carries the test's mark, and a runtime that still waits in a container
	{
		grep -lzsF "SECURITY_TEST=$T" /proc/[0-9]*/environ
		grep -lzsFx "$T/state" /proc/[0-9]*/cmdline
	} | cut -d / -f 3 | xargs -r kill -9 2>/dev/null
	wait 2>/dev/null
	grep -F " $T" /proc/self/mountinfo | cut -d ' ' -f 5 | tac | while read -r mount; do umount -l "$mount"; done
	[ -z "$USER_MADE" ] || userdel "$USER_MADE" 2>/dev/null
	rm -rf "$T"
}

# make_user: $USER_MADE is an ordinary user with ranges of subordinate ids
make_user()
{
	needs_root
	USER_MADE=bs$$
	(flock 9 && useradd -M -d "$T" -s /bin/sh "$USER_MADE" && usermod --add-subuids 400000-465535 --add-subgids 400000-465535 "$USER_MADE") \
		9<"$SECURITY/lib.bash" 2>/dev/null || broken "cannot make a user"
	chmod 755 "$T"
}

as_user()
{
	setpriv --reuid "$(id -u "$USER_MADE")" --regid "$(id -g "$USER_MADE")" --clear-groups --inh-caps=-all "$@"
}

set_up()
{
	trap clean_up EXIT
	trap 'exit 2' INT TERM
	BUNDLE=$T/bundle ROOTFS=$T/bundle/rootfs HOST=$T/host ID=sec-${T##*.}
	mkdir -p "$BUNDLE" "$HOST/dir"
	cp -al "$TEMPLATE/rootfs" "$ROOTFS"
	jq --arg mark "SECURITY_TEST=$T" '.process.env += [$mark]' "$TEMPLATE/config.json" >"$BUNDLE/config.json"
	echo "the host's" >"$HOST/file"
	echo "ptmx of the host" >"$HOST/ptmx"
	echo secret >"$HOST/secret"
	chmod 600 "$HOST/secret"
	host_state >"$T/host.before"
}
