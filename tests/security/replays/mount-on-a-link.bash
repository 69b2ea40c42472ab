# class: symlinks under the rootfs
# ids: CVE-2019-18837
# patch: in-root
# A mount's destination has a parent that is a link to a folder of the host: what is missing on the way is made there.
needs_root
ln -s "$HOST" "$ROOTFS/data"
edit '.mounts += [{destination: "/data/made/here", type: "tmpfs", source: "tmpfs"}, {destination: "/data/new", type: "bind", source: $f, options: ["bind"]}]' --arg f "$HOST/secret"
script true
run_container
host_intact || stolen "the host's folder now has: $(ls -C "$HOST")"
