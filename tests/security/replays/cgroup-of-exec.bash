# class: cgroup reach
# ids: -
# patch: exec-cgroup-path
# exec --cgroup climbs out of the container's cgroup.
needs_root
needs_berth
tree=/sys/fs/cgroup
[ -e $tree/cgroup.procs ] || tree=/sys/fs/cgroup/unified
[ -e $tree/cgroup.procs ] || skip "no cgroup v2 tree"
edit '.linux.cgroupsPath = $p' --arg p "/berth-test/$ID"
start_container
[ -d "$tree/berth-test/$ID" ] || skip "the container has no cgroup here"
mkdir "$tree/$ID-victim" || skip "cannot make a cgroup"
for path in "../../$ID-victim" "x/../../../$ID-victim" "/../../$ID-victim"; do
	output=$(rt exec --cgroup "$path" "$ID" /bin/echo RUNS 2>&1 </dev/null)
	[[ $output != *RUNS* ]] || { rmdir "$tree/$ID-victim"; stolen "$path was taken"; }
done
rmdir "$tree/$ID-victim"
