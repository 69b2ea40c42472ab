# class: symlinks under the rootfs
# ids: -
# patch: passwd-opened
# The image's /etc/passwd, where the runtime looks for HOME, is a device or a fifo: to open it, as the host's root and before the device rules hold, is to do something.
needs_root
rm -f "$ROOTFS/etc/passwd"
mkfifo "$ROOTFS/etc/passwd"
edit 'del(.process.env[] | select(startswith("HOME=")))'
script true
(timeout 15 sh -c ': >"$1"' - "$ROOTFS/etc/passwd" && echo opened >"$T/opened") 2>/dev/null &
PIDS+=($!)
sleep 0.3
run_container
sleep 0.2
[ ! -e "$T/opened" ] || stolen "the runtime has opened a fifo of the image"
