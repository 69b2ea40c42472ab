# class: joining
# ids: CVE-2016-9962
# patch: traceable
# All that procfs has of the runtime's process in a container that is created: its file, root, fds, environment, auxiliary vector, memory.
needs_root
needs_exec
script true
SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken create
output=$(rt exec "$ID" /attack see 1 2>&1 </dev/null)
[[ $output == "opened:"* ]] || broken "$output"
[ "$output" = "opened: " ] || stolen "$output"
