# class: terminals
# ids: CVE-2025-52565
# patch: devpts-unchecked
# The image brings its own /dev/pts, with a multiplexer node in it: the container's terminal is made in another devpts than its own.
needs_root
command -v script >/dev/null || skip "needs script(1)"
image_dev
mkdir -p "$ROOTFS/dev/pts/pts"
mknod "$ROOTFS/dev/pts/ptmx" c 5 2
edit '.process.terminal = true | .mounts += [{destination: "/dev/pts/pts", type: "bind", source: "/dev/pts", options: ["rbind"]}]'
script 'echo HAS $(tty)'
timeout 20 script -qec "$RUNTIME --root $T/state run --bundle $BUNDLE $ID" /dev/null >"$T/out" 2>&1 </dev/null
! grep -q "HAS /" "$T/out" || stolen "the container has a terminal of another devpts: $(tail -n 1 "$T/out")"
