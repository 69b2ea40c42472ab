# class: symlinks under the rootfs
# ids: CVE-2026-88264
# patch: console-followed
# The image's /dev/console is a link to a file of the host that does not exist: it is made there.
needs_root
edit '.mounts |= map(select(.destination != "/dev"))'
mkdir -p "$ROOTFS/dev"
ln -s "$HOST/made" "$ROOTFS/dev/console"
edit '.process.terminal = true'
script true
timeout 20 script -qec "$RUNTIME --root $T/state run --bundle $BUNDLE $ID" /dev/null >"$T/out" 2>&1 </dev/null
host_intact || stolen "the host's folder now has: $(ls -C "$HOST")"
