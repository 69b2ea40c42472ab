# class: setgroups, LSM
# ids: CVE-2014-8989
# patch: -
# An ordinary user maps only the own id, and drops a group that keeps it out of a file. (No patch: without "deny" the kernel refuses
# the map, and newgidmap writes "deny" itself; the replay proves that berth asks for nothing else.)
needs_root
make_user
user_bundle
edit '.linux.uidMappings = [{containerID: 0, hostID: ($u | tonumber), size: 1}] | .linux.gidMappings = [{containerID: 0, hostID: ($g | tonumber), size: 1}]
	| (.mounts[] | select(.type == "devpts")).options -= ["gid=5"]' \
	--arg u "$(id -u "$USER_MADE")" --arg g "$(id -g "$USER_MADE")"
script 'cat /proc/self/setgroups'
output=$(user_rt run --bundle "$BUNDLE" "$ID" 2>&1)
[ "$output" != allow ] || stolen "setgroups is allowed"
[ "$output" = deny ] || broken "$output"
