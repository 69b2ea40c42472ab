# class: joining
# ids: CVE-2016-9962
# patch: traceable
# What exec brings into a container that is created, but not started, looks at the runtime's process that waits there.
needs_root
needs_exec
script true
SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken create
output=$(rt exec "$ID" /bin/sh -c 'ls /proc/1/fd/ /proc/1/root/ /proc/1/cwd/ && echo REACHED; for n in 3 4 5 6 7 8 9 10; do cat /proc/1/fd/$n/secret; done; grep -q SECRET_OF /proc/1/environ && echo ENVIRONMENT' 2>/dev/null </dev/null)
[[ $output != *REACHED* && $output != *secret* && $output != *ENVIRONMENT* ]] || stolen "$(tr '\n' ' ' <<<"$output")"
