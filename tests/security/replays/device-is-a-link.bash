# class: terminals
# ids: CVE-2026-88265
# patch: device-followed
# The image's /dev/null is a link to a file of the host: it is taken for the null device, and its owner changed.
needs_root
image_dev
ln -s "$HOST/secret" "$ROOTFS/dev/null"
edit '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, uid: 4321, gid: 4321}]'
script true
run_container
host_intact || stolen "the owner of the host's file is now $(stat -c %u "$HOST/secret")"
