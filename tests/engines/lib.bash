# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# lib.bash: how the engines' checks are written. A check is a line: its kind, its name, what is expected, and a command
# (a shell pipeline is `eval '...'`).
#
#	says NAME PATTERN COMMAND...	the command succeeds, and a line of its output matches the pattern (grep -E)
#	also NAME PATTERN		a line of the same output matches this, too
#	not_said NAME PATTERN		no line of the same output does
#	ends NAME STATUS COMMAND...	the command ends with that exit status
#	does NAME COMMAND...		the command succeeds
#	fails NAME PATTERN COMMAND...	the command fails, and a line of what it says matches the pattern
#
# Output is TAP. A failing check shows what the command said. The checks are the engine's own view, so they hold for any
# runtime: RUNTIME may be runc or crun.

CHECKS=0 STATUS=0 OUTPUT='' SHOWN=none
ENGINE=${ENGINE:-?}
export LC_ALL=C.UTF-8
SAID=$(mktemp)

result() # yes|no NAME EXPECTED
{
	CHECKS=$((CHECKS + 1))
	if [ "$1" = yes ]; then
		echo "ok $CHECKS $ENGINE: $2"
	else
		echo "not ok $CHECKS $ENGINE: $2"
		[ "$OUTPUT" = "$SHOWN" ] || printf '# status %s, it said:\n%s\n' "$STATUS" "$OUTPUT" | tail -n 60 | cut -c 1-400 | sed '2,$ s/^/# /'
		echo "# expected $3"
		SHOWN=$OUTPUT
	fi
}

# The status and all output of a command. A file, not a pipe: what a command leaves running may keep a pipe open.
attempt()
{
	STATUS=0
	("$@") >"$SAID" 2>&1 </dev/null || STATUS=$?
	OUTPUT=$(tr -d '\r\000' <"$SAID")
}

matches()
{
	grep -qE -- "$1" <<<"$OUTPUT"
}

says()
{
	local name=$1 pattern=$2 good=no
	shift 2
	attempt "$@"
	[ "$STATUS" != 0 ] || ! matches "$pattern" || good=yes
	result $good "$name" "/$pattern/"
}

also()
{
	local good=no
	[ "$STATUS" != 0 ] || ! matches "$2" || good=yes
	result $good "$1" "/$2/"
}

not_said()
{
	local good=no
	[ "$STATUS" != 0 ] || matches "$2" || good=yes
	result $good "$1" "not /$2/"
}

ends()
{
	local name=$1 status=$2 good=no
	shift 2
	attempt "$@"
	[ "$STATUS" != "$status" ] || good=yes
	result $good "$name" "status $status"
}

does()
{
	ends "$1" 0 "${@:2}"
}

fails()
{
	local name=$1 pattern=$2 good=no
	shift 2
	attempt "$@"
	[ "$STATUS" = 0 ] || ! grep -qiE -- "$pattern" <<<"$OUTPUT" || good=yes
	result $good "$name" "failure, /$pattern/"
}

# eventually COMMAND...: the command succeeds, in at most about 30 s
eventually()
{
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# How many clients run at a time where many are asked for: each is a big program, and the emulated machine small.
AT_ONCE=${AT_ONCE:-20}

# await_turn: until fewer than that are under way
await_turn()
{
	while [ "$(jobs -rp | wc -l)" -ge "$AT_ONCE" ]; do
		wait -n
	done
}

# on_terminal OPTION... COMMAND...: the command on a new terminal, see pty.py
on_terminal()
{
	timeout 200 python3 "$HERE/../lib/pty.py" --seconds 180 "$@"
}

# Ten megabytes on a terminal, and then the end at once. What arrives is counted; the window's size is asked for, changed,
# and asked for again; and the terminal's modes must be at the end what they were at the beginning.
# terminal_checks COMMAND...: runs its arguments in a container, on the terminal that it is called on
terminal_checks()
{
	# shellcheck disable=SC2034 # used by eval
	local command=("$@")
	local sizes='until [ "$(stty size)" = "30 100" ]; do sleep 0.2; done; echo first size
		until [ "$(stty size)" = "40 120" ]; do sleep 0.2; done; stty size'
	# shellcheck disable=SC2034
	local much='x=$(printf %0999d 0); yes "$x" | head -n 10000; exit 7'
	says 'on a terminal: its size, and the new one when it is changed' '^40 120$' \
		on_terminal --size 30x100 --after 'first size' --resize 40x120 "$@" sh -c "$sizes"
	also 'on a terminal: its modes are restored' '^modes kept'
	says 'on a terminal: 10 MB and a fast exit, nothing is lost' '^10000 lines, status 7' \
		eval 'on_terminal "${command[@]}" sh -c "$much" >"$DIR/much" 2>"$DIR/modes"; s=$?; echo "$(tr -d "\r" <"$DIR/much" | grep -cx "0\{999\}") lines, status $s"; cat "$DIR/modes"'
	also 'on a terminal: its modes are restored after a fast exit' '^modes kept'
}

# run_sections NAME...: the groups of checks, which are functions; of SECTIONS those that this engine has
run_sections()
{
	local section
	for section in ${SECTIONS:-"$@"}; do
		! declare -F "$section" >/dev/null || "$section"
	done
}

# nothing_left STATE...: no state in these folders, no container's cgroup, mount or process
nothing_left()
{
	local state=("$@")
	left()
	{
		find "${state[@]}" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null | sed 's/^/state: /'
		find /sys/fs/cgroup -type d \( -name 'libpod-[0-9a-f]*' -o -name 'docker-[0-9a-f]*' -o -name 'ctr-*' -o -name 'buildah-*' \) \
			! -name '*conmon*' 2>/dev/null | sed 's/^/cgroup: /'
		find /sys/fs/cgroup/docker /sys/fs/cgroup/default -mindepth 1 -type d 2>/dev/null | sed 's/^/cgroup: /'
		grep -E "$DIR.*(merged|rootfs)" /proc/self/mountinfo | cut -d ' ' -f 5 | sed 's/^/mount: /'
		# an ordinary user cannot read the links of other users' processes, nor of kernel threads: they are empty
		find /proc/[0-9]*/ns/pid -maxdepth 0 -printf '%l %h\n' 2>/dev/null | grep '^pid:' | grep -vF "$(readlink /proc/self/ns/pid) " |
			sed 's/^/process: /'
	}
	STATUS=0 OUTPUT=
	eventually eval '[ -z "$(left)" ]' || OUTPUT=$(left)
	result "$([ -z "$OUTPUT" ] && echo yes || echo no)" 'nothing is left afterwards' 'nothing'
}

skip_all() # REASON
{
	CHECKS=$((CHECKS + 1))
	echo "ok $CHECKS $ENGINE # skip $1"
	finish
	exit 0
}

# An engine that is there but does not work is no success.
give_up() # REASON
{
	OUTPUT='' SHOWN=none
	result no "$1" 'an engine that works'
	finish
	exit 1
}

finish()
{
	rm -f "$SAID"
	echo "1..$CHECKS"
}

# make_rootfs FOLDER: busybox under all its names, and files that cannot be executed
make_rootfs()
{
	mkdir -p "$1"/{bin,etc,home,mnt,root,tmp,usr,var,proc,sys,dev}
	cp /bin/busybox "$1/bin/busybox"
	"$1/bin/busybox" --install "$1/bin"
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\nmore:x:7:user\n' >"$1/etc/group"
	echo 'echo hello' >"$1/etc/plain"
	printf '#!/no/such/interpreter\n' >"$1/etc/script"
	printf 'no program at all' >"$1/etc/garbage"
	chmod 755 "$1/etc/script" "$1/etc/garbage"
	chmod 1777 "$1/tmp"
}

# make_image ROOTFS FILE: an OCI archive of one layer, localhost/busybox:latest
make_image()
{
	local layout layer config manifest diff
	layout=$(mktemp -d)
	mkdir -p "$layout/blobs/sha256"
	tar -C "$1" --numeric-owner --owner 0 --group 0 -cf "$layout/layer" .
	diff=$(sha256sum <"$layout/layer" | cut -d ' ' -f 1)
	layer=$(put_blob "$layout" application/vnd.oci.image.layer.v1.tar "$layout/layer")
	printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" "$diff" >"$layout/config"
	config=$(put_blob "$layout" application/vnd.oci.image.config.v1+json "$layout/config")
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
		"$config" "$layer" >"$layout/manifest"
	manifest=$(put_blob "$layout" application/vnd.oci.image.manifest.v1+json "$layout/manifest")
	printf '{"schemaVersion":2,"manifests":[%s]}' "${manifest%\}},\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\",\"io.containerd.image.name\":\"localhost/busybox:latest\"}}" >"$layout/index.json"
	printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
	tar -C "$layout" -cf "$2" oci-layout index.json blobs
	rm -rf "$layout"
}

put_blob() # LAYOUT TYPE FILE: its descriptor
{
	local digest
	digest=$(sha256sum <"$3" | cut -d ' ' -f 1)
	printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}' "$2" "$digest" "$(stat -c %s "$3")"
	mv "$3" "$1/blobs/sha256/$digest"
}
