# shellcheck shell=bash disable=SC2015,SC2016,SC2034,SC2154 # jq's variables, and those that bats sets or tests read
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the command line share (tests/cli/*.bats). A test file loads it and has for each test:
#
#   $T        a folder of its own, $BUNDLE a bundle in it with `spec`'s configuration (no terminal), $ROOTFS its root
#   $STATE    the runtime's --root, $ID an id that no other container has
#   rt ...    runs the runtime, as $CLI_USER where that is set
#
# and after each test the assertion that nothing is left: no process, mount, cgroup or state.
#
# RUNTIME   the runtime to test (default: build/cmd/berth)
# CLI_USER  yes: as an ordinary user, made for the file and removed after it, with ranges in /etc/subuid; no configuration
#           other than `spec --rootless`; tests that need root are skipped. When the tests are not run by root: that user.

CLI_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUNTIME=${RUNTIME:-$CLI_SOURCE/build/cmd/berth}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 022
shopt -s nullglob globstar

bats_require_minimum_version 1.5.0

# ---- for each file

setup_file()
{
	cli_setup_file
}

teardown_file()
{
	cli_teardown_file
}

# bats traces each command of a test, which costs more than the commands of this file: `set +T` keeps the trace out of
# the functions that are called from here.
cli_setup_file()
{
	# a second try for a test that a busy machine made too slow
	export BATS_TEST_RETRIES=1
	local -
	set +T
	prepare_file
}

prepare_file()
{
	export CLI_DIR CLI_RUNTIME CLI_SUBID_USER='' CLI_PLAIN_USER=''
	CLI_DIR=$(mktemp -d "${TMPDIR:-/tmp}/berth-cli.XXXXXX")
	chmod 755 "$CLI_DIR"
	make_rootfs "$CLI_DIR/rootfs"
	CLI_RUNTIME=$(command -v "$RUNTIME") || {
		echo "RUNTIME=$RUNTIME: no such program" >&2
		return 1
	}
	# an ordinary user may not be able to reach the build folder
	if [ "$(id -u)" = 0 ] && [[ $CLI_RUNTIME == "$CLI_SOURCE"/* ]]; then
		cp "$CLI_RUNTIME" "$CLI_DIR/runtime"
		CLI_RUNTIME=$CLI_DIR/runtime
	fi
	# the helper of the systemd cgroup driver
	export BERTH_LIBEXECDIR=$CLI_DIR/libexec
	mkdir "$CLI_DIR/libexec"
	cp "$(dirname "$(command -v "$RUNTIME")")/../systemd/berth-systemd" "$CLI_DIR/libexec/" 2>/dev/null || unset BERTH_LIBEXECDIR
	if [ "${CLI_USER:-}" = yes ]; then
		make_users
	fi
}

cli_teardown_file()
{
	remove_users
	rm -rf "$CLI_DIR"
}

# The names that scripts in containers may use: each costs time in each test.
CLI_APPLETS=' [ ash awk busybox cat chmod chown cp cut date dd df dmesg du echo env expr false free grep head hostname id ifconfig
	ip kill less link ln ls mkdir mkfifo mknod more mount mv nc nice nproc pgrep pidof ping printenv printf ps pwd readlink
	realpath renice rm rmdir route sed seq sh sleep sort stat stty su sync sysctl tac tail tar tee test timeout touch tr true tty
	umount uname uniq unshare vi wc which whoami xargs yes '

# make_rootfs FOLDER: busybox under its names
make_rootfs()
{
	local file
	mkdir -p "$1"/{bin,etc,home,mnt,root,tmp,usr,var}
	cp /bin/busybox "$1/bin/busybox"
	"$1/bin/busybox" --install "$1/bin"
	for file in "$1"/bin/*; do
		[[ ${CLI_APPLETS//[$'\n\t']/ } == *" ${file##*/} "* ]] || echo "$file"
	done | xargs rm
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$1/etc/passwd"
	chmod 1777 "$1/tmp"
}

# make_users: $CLI_SUBID_USER has ranges in /etc/subuid and /etc/subgid, $CLI_PLAIN_USER has none.
make_users()
{
	[ "$(id -u)" = 0 ] || return 0
	CLI_SUBID_USER=bts$$ CLI_PLAIN_USER=btp$$
	touch /etc/subuid /etc/subgid
	(
		flock 9
		useradd -M -d "$CLI_DIR" -s /bin/sh "$CLI_SUBID_USER" && useradd -r -M -d "$CLI_DIR" -s /bin/sh "$CLI_PLAIN_USER"
		grep -q "^$CLI_SUBID_USER:" /etc/subuid ||
			usermod --add-subuids 200000-265535 --add-subgids 200000-265535 "$CLI_SUBID_USER"
	) 9<"$CLI_SOURCE/tests/lib/cli.bash"
}

remove_users()
{
	local user
	[ "$(id -u)" = 0 ] || return 0
	(
		flock 9
		for user in "$CLI_SUBID_USER" "$CLI_PLAIN_USER"; do
			[ -z "$user" ] || userdel "$user"
		done
	) 9<"$CLI_SOURCE/tests/lib/cli.bash"
}

# ---- for each test

setup()
{
	cli_setup
}

teardown()
{
	cli_teardown
}

cli_setup()
{
	local -
	set +T
	prepare_test
}

cli_teardown()
{
	local -
	set +T
	clean_up_test
}

prepare_test()
{
	T=$CLI_DIR/test.$BATS_TEST_NUMBER.$RANDOM
	ID=t$BATS_TEST_NUMBER-$$-$RANDOM
	BUNDLE=$T/bundle ROOTFS=$T/bundle/rootfs STATE=$T/state
	AS_USER=()
	RT_ENV=(/bin/busybox env -i PATH="$PATH" HOME="$T" XDG_RUNTIME_DIR="$T/run" BERTH_CACHE="$T/cache" CLI_TEST="$T"
		${BERTH_LIBEXECDIR:+BERTH_LIBEXECDIR="$BERTH_LIBEXECDIR"} ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}")
	mkdir -p "$BUNDLE" "$T/run"
	# hard links are quick; the files' contents are never written to
	cp -al "$CLI_DIR/rootfs" "$ROOTFS"
	if [ "${CLI_USER:-}" = yes ]; then
		become "${CLI_SUBID_USER:-$(id -un)}"
	else
		fresh_config
	fi
}

# become USER: from here on the runtime and all the test's files are this user's
become()
{
	needs_userns
	if [ "$(id -u)" = 0 ]; then
		AS_USER=(setpriv --reuid "$(id -u "$1")" --regid "$(id -g "$1")" --clear-groups --inh-caps=-all)
		find "$T" \( -type d -o -path "$T/bundle/config.json" \) -exec chown "$1:" {} +
	fi
	new_config --rootless
}

# hand_over PATH...: what the test made below $T becomes the user's
hand_over()
{
	[ ${#AS_USER[@]} = 0 ] || chown -R "${AS_USER[2]}:${AS_USER[4]}" "$@"
}

is_rootless()
{
	[ ${#AS_USER[@]} -gt 0 ] || [ "$(id -u)" != 0 ]
}

# new_config [--rootless]: writes the bundle's configuration anew: the one of `spec`, with a shell that runs /.script.
# jq takes its time, so each kind is made once for a file.
new_config()
{
	local made
	made=$CLI_DIR/config${1:-}.${AS_USER[2]:-}
	if [ ! -e "$made" ]; then
		rm -f "$BUNDLE/config.json"
		(cd "$BUNDLE" && rt spec "$@")
		# the mark finds processes that outlive their test
		jq '.process.terminal = false | .process.args = ["/bin/sh", "/.script"] | .process.env += ["CLI_TEST=@MARK@"]' \
			"$BUNDLE/config.json" >"$made"
	fi
	made=$(<"$made")
	printf '%s\n' "${made//@MARK@/$T}" >"$BUNDLE/config.json"
	echo exit >"$ROOTFS/.script"
}

# fresh_config: the one that the test began with
fresh_config()
{
	if is_rootless; then
		new_config --rootless
	else
		new_config
	fi
}

# rt ARGUMENT...: the runtime, with an environment of its own
rt()
{
	"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" "$@"
}

# rt_background ARGUMENT...: the same in the background; $! is the runtime itself
rt_background()
{
	"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" "$@" &
}

# edit FILTER [JQ OPTION...]: changes the bundle's configuration with jq
edit()
{
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$T/config.new"
	cat "$T/config.new" >"$BUNDLE/config.json"
}

# writable: a root file system that the container may write to
writable()
{
	edit '.root.readonly = false'
}

# sh_c SCRIPT: the process shall be a shell with this script
sh_c()
{
	printf '%s\n' "$1" >"$ROOTFS/.script"
	grep -qF '"/.script"' "$BUNDLE/config.json" || edit '.process.args = ["/bin/sh", "/.script"]'
}

# in_container SCRIPT: runs the script in a new container in the foreground; sets $status and $output
in_container()
{
	sh_c "$1"
	run rt run --bundle "$BUNDLE" "$ID"
}

# inside SCRIPT: as in_container, and it must succeed without a word of warning
inside()
{
	in_container "$1"
	[ "$status" = 0 ] || failed "exit status $status: $output"
}

# detached [SCRIPT]: a container that runs until it is deleted; $PID is its process, $T/out its output
detached()
{
	sh_c "${1:-exec sleep 1000}"
	rt run --bundle "$BUNDLE" --detach --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null || failed "$(cat "$T/out")"
	PID=$(cat "$T/pid")
}

# create_container [RUNTIME OPTION...]: makes a container that waits for start
create_container()
{
	rt create --bundle "$BUNDLE" --pid-file "$T/pid" "$@" "$ID" >"$T/out" 2>&1 </dev/null || failed "$(cat "$T/out")"
	PID=$(cat "$T/pid")
}

# container_status: "created", "running", ...
container_status()
{
	rt state "$ID" | jq -r .status
}

# eventually COMMAND...: the command succeeds within ten seconds, or more where the machine is emulated
eventually()
{
	local limit=$((SECONDS + 10))
	[ -z "${IN_VM:-}" ] || limit=$((SECONDS + 120))
	until "$@"; do
		[ "$SECONDS" -lt "$limit" ] || failed "not within the time: $*"
		sleep 0.05
	done
}

status_is()
{
	[ "$(container_status)" = "$1" ]
}

# ---- assertions

failed()
{
	printf '%s\n' "$@" >&2
	return 1
}

# is WANTED: the output of the last `run`, whole
is()
{
	[ "$output" = "$1" ] || failed "wanted: $1" "got:    $output"
}

# has PATTERN: a line of the output matches the extended regular expression
has()
{
	grep -Eq -- "$1" <<<"$output" || failed "no line matches: $1" "in: $output"
}

has_not()
{
	! grep -Eq -- "$1" <<<"$output" || failed "a line matches: $1" "in: $output"
}

# refused [PATTERN]: exit status 1, one line of error (matching), nothing else
refused()
{
	[ "$status" = 1 ] || failed "wanted: exit status 1" "got:    $status: $output"
	[ -n "$output" ] && [[ $output != *$'\n'* ]] || failed "wanted: one line of error" "got:    $output"
	[ $# = 0 ] || has "$1"
}

# exec_refused [PATTERN]: the same of exec, whose exit status is 255 then
exec_refused()
{
	[ "$status" = 255 ] || failed "wanted: exit status 255" "got:    $status: $output"
	[ $# = 0 ] || has "$1"
}

needs_root()
{
	! is_rootless || skip "needs root"
}

needs_command()
{
	"$CLI_RUNTIME" "$1" --help >/dev/null 2>&1 || skip "this runtime has no $1"
}

needs_userns()
{
	unshare --user true 2>/dev/null || skip "no user namespaces here (a chroot has none)"
}

# in_userns: by root, the container gets a user namespace of its own, with many ids
in_userns()
{
	needs_userns
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	find "$ROOTFS" -type d -exec chown 200000:200000 {} +
}

needs_kernel()
{
	local have
	have=$(uname -r)
	[ "$(printf '%s\n' "$1" "$have" | sort -V | head -n 1)" = "$1" ] || skip "needs Linux $1, this is $have"
}

needs_berth()
{
	[[ $("$CLI_RUNTIME" --version) == berth* ]] || skip "${1:-only berth does this}"
}

# ---- nothing is left

# processes_left: pids of the processes that carry the test's mark
processes_left()
{
	grep -lzsF "CLI_TEST=$T" /proc/[0-9]*/environ | cut -d / -f 3
}

# cgroups_left: the deepest ones first, a line each
cgroups_left()
{
	local found=(/sys/fs/cgroup/**/*"$ID"*/) n
	for ((n = ${#found[@]} - 1; n >= 0; n--)); do
		echo "${found[n]}"
	done
}

# leftovers: what there still is of the test's containers, in words
leftovers()
{
	local pid line pids
	pids=$(processes_left)
	# a process that was just killed may take a moment
	[ -z "$pids" ] || sleep 0.3
	for pid in ${pids:+$(processes_left)}; do
		echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
	done
	while read -r line; do
		[[ $line != *" $T"* ]] || echo "mount: $line"
	done </proc/self/mountinfo
	for line in $(cgroups_left); do
		echo "cgroup: $line"
	done
	for line in "$STATE"/* "$STATE"/.[!.]*; do
		echo "state: $line"
	done
}

nothing_left()
{
	local - left
	set +T
	left=$(leftovers)
	[ -z "$left" ] || failed "left behind:" "$left"
}

clean_up_test()
{
	local id left
	for id in "$STATE"/*; do
		rt delete --force "${id##*/}" || true
	done
	left=$(leftovers)
	# what is left is an error of the test; the machine must be clean all the same
	if [ -n "$left" ]; then
		processes_left | xargs -r kill -KILL || true
		grep -F " $T" /proc/self/mountinfo | cut -d ' ' -f 5 | tac | xargs -r -n 1 umount -l
		sleep 0.2
		cgroups_left | xargs -r rmdir || true
	fi
	rm -rf "$T"
	[ -z "$left" ] || failed "left behind:" "$left"
}
