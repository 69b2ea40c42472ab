# class: hooks
# ids: -
# patch: start-hooks-unconfined
# A startContainer hook is executed out of the image, which has put something else there: it must not be able to do more than the program.
needs_root
edit '.hooks = {startContainer: [{path: "/sbin/ldconfig"}]} | .root.readonly = false'
mkdir -p "$ROOTFS/sbin" "$ROOTFS/evil"
printf '#!/bin/sh\nmount -t tmpfs none /mnt && echo mounted >/evil/out\nexit 0\n' >"$ROOTFS/sbin/ldconfig"
chmod 755 "$ROOTFS/sbin/ldconfig"
script true
run_container
! grep -q mounted "$ROOTFS/evil/out" 2>/dev/null || stolen "a hook of the image could mount file systems"
