# class: terminals
# ids: CVE-2025-52565 CVE-2026-88265
# patch: devpts-unchecked
# exec -t into a container that has replaced its /dev/pts, /dev/ptmx and /dev/console: by nodes that lead to another devpts, by links to files that it would like to have written.
needs_root
needs_exec
command -v script >/dev/null || skip "needs script(1)"
image_dev
mkdir -p "$ROOTFS/dev/pts/pts"
mknod "$ROOTFS/dev/pts/ptmx" c 5 2
edit '.mounts += [{destination: "/dev/pts/pts", type: "bind", source: "/dev/pts", options: ["rbind"]}, {destination: "/host", type: "bind", source: $h, options: ["bind"]}]' --arg h "$HOST"
# shellcheck disable=SC2016
start_container 'ln -sf /host/secret /dev/console; ln -sf /host/secret /dev/ptmx; ln -sf /host/secret /dev/tty; : >/ready; exec sleep 100'
eventually test -e "$ROOTFS/ready"
timeout 20 script -qec "$RUNTIME --root $T/state exec -t $ID /bin/sh -c 'echo HAS \$(tty)'" /dev/null >"$T/out" 2>&1 </dev/null
! grep -q "HAS /" "$T/out" || stolen "the process has a terminal of another devpts: $(tail -n 1 "$T/out")"
host_intact || stolen "a link in /dev was followed"
