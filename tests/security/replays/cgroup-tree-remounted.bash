# class: cgroup reach
# ids: CVE-2023-25809
# patch: cgroup-remounted cgroup-writable
# The same by detours: the words come with a propagation, which is applied when the mount is made already, or in a remount. And without a cgroup of the container's own, where a new cgroup namespace shows that of the runtime's caller.
needs_root
script 'find /sys/fs/cgroup -maxdepth 2 -type d | head -n 40 | while read d; do mkdir $d/'"$ID"'-escape && rmdir $d/'"$ID"'-escape && echo MADE in $d; done 2>/dev/null; true'
cp "$BUNDLE/config.json" "$T/plain"
with()
{
	cp "$T/plain" "$BUNDLE/config.json"
	edit 'del(.linux.namespaces[] | select(.type == "cgroup")) | (.mounts[] | select(.destination == "/sys/fs/cgroup")) as $m | '"$1"
	run_container
	[[ $output != *MADE* ]] || stolen "$2: $(grep -m 1 MADE <<<"$output")"
}
with '(.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["rw", "private"]' "with a propagation"
with '.mounts += [$m + {options: ["remount", "rw"]}]' "by a remount"
with '.mounts += [$m + {options: ["bind", "remount", "rw"]}]' "by a remount of the mount alone"
[ -n "$IS_BERTH" ] || withstood # the option is berth's
cp "$T/plain" "$BUNDLE/config.json"
edit '(.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["rw"]'
output=$(rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID" </dev/null 2>&1)
[[ $output != *MADE* ]] || stolen "without a cgroup: $(grep -m 1 MADE <<<"$output")"
