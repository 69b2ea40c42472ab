# class: cgroup reach
# ids: -
# patch: cgroup-path
# linux.cgroupsPath climbs with "..", to where another container's cgroup is.
needs_root
needs_berth
tree=/sys/fs/cgroup
[ -e $tree/cgroup.procs ] || tree=/sys/fs/cgroup/unified
[ -e $tree/cgroup.procs ] || skip "no cgroup v2 tree"
mkdir -p "$tree/$ID-victim" || skip "cannot make a cgroup"
script 'cat /proc/self/cgroup; echo RUNS'
edit 'del(.linux.namespaces[] | select(.type == "cgroup"))'
for path in "/berth/../$ID-victim" "../$ID-victim" "/berth/x/../../$ID-victim"; do
	edit '.linux.cgroupsPath = $p' --arg p "$path"
	run_container
	[[ $output != *RUNS* ]] || { rmdir "$tree/$ID-victim"; stolen "$path was taken"; }
done
rmdir "$tree/$ID-victim" 2>/dev/null
