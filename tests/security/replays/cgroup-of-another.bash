# class: cgroup reach
# ids: -
# patch: cgroup-populated
# linux.cgroupsPath is that of a container which runs: its limits would become ours, and its processes would be killed with ours.
needs_root
needs_berth
edit '.linux.cgroupsPath = $p' --arg p "/berth-test/$ID"
start_container
cp -r "$BUNDLE" "$T/second"
if rt run --bundle "$T/second" --detach "$ID-second" >/dev/null 2>&1 </dev/null; then
	kill -9 "$PID" # or the end of one would wait for the other
	stolen "two containers share a cgroup"
fi
[ "$(rt state "$ID" | jq -r .status)" = running ] || stolen "the first container was killed"
