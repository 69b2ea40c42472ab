# class: symlinks under the rootfs
# ids: CVE-2021-30465 CVE-2024-45310
# patch: in-root
# Two containers share a volume. One exchanges a directory and a link to the host in it, again and again, while the other one's
# mount below that directory is made.
needs_root
mkdir -p "$T/volume/dir"
ln -s "$HOST" "$T/volume/link"
edit '.mounts += [{destination: "/volume", type: "bind", source: $v, options: ["rbind"]}, {destination: "/volume/dir/made/below", type: "tmpfs", source: "tmpfs"}]' --arg v "$T/volume"
script true
background "$ATTACK" exchange "$T/volume/dir" "$T/volume/link"
for i in {1..25}; do
	run_container
	host_intact || stolen "after $i tries the host's folder has: $(ls -C "$HOST")"
	rm -rf "$T/volume/dir/made" 2>/dev/null
done
