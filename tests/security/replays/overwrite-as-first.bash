# class: berth's own binary
# ids: CVE-2019-5736
# patch: first-unprotected
# The container's program is a link to /proc/self/exe, its arguments are the image's: the runtime runs as the container's first process
# and is told to execute a hook of the image, which finds the runtime's file at /proc/1/exe.
needs_root
needs_berth "the arguments are berth's"
mkdir -p "$ROOTFS/evil/state/x" "$ROOTFS/evil/bundle"
ln -s /proc/self/exe "$ROOTFS/program"
printf '#!/bin/sh\nexec /attack exe >/evil/out\n' >"$ROOTFS/evil/hook"
chmod 755 "$ROOTFS/evil/hook"
chmod 700 "$ROOTFS/evil/state" "$ROOTFS/evil/state/x"
jq '.hooks.poststop = [{path: "/evil/hook"}] | .root.path = "/evil"' "$BUNDLE/config.json" >"$ROOTFS/evil/state/x/config.json"
# a state as berth writes it, of a container that has ended
cp "$BUNDLE/config.json" "$T/keep"
script true
rt run --keep --bundle "$BUNDLE" made </dev/null >/dev/null 2>&1 || broken "a container to take the state of"
jq '.id = "x" | .bundle = "/evil/bundle" | .rootfs = "/" | .endsQuietly = false | del(.cgroup)' "$T/state/made/state.json" >"$ROOTFS/evil/state/x/state.json"
chmod 600 "$ROOTFS/evil/state/x/"*
cp "$T/keep" "$BUNDLE/config.json"
edit '.process.args = ["/program", "--root", "/evil/state", "delete", "x"]'
run_container
! grep -q writable "$ROOTFS/evil/out" 2>/dev/null || stolen "/proc/1/exe is the runtime's file, and it could be written to"
