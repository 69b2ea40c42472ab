# class: symlinks under the rootfs
# ids: CVE-2026-41579 CVE-2026-47766 CVE-2026-87766
# patch: in-root
# The image's /dev is a link to a folder of the host, and nothing is mounted there: what the runtime makes and removes in /dev
# (ptmx, links, nodes) happens on the host.
needs_root
image_dev
rmdir "$ROOTFS/dev"
ln -s "$HOST" "$ROOTFS/dev"
script true
run_container
host_intact || stolen "the host's folder now has: $(ls -C "$HOST")"
