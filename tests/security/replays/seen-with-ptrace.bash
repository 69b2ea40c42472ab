# class: joining
# ids: CVE-2016-9962 CVE-2024-21626
# patch: fds-kept environment-kept
# The same with CAP_SYS_PTRACE, which opens every process: there must be nothing of the host to be had.
needs_root
needs_exec
edit '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
script true
SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken create
output=$(rt exec "$ID" /bin/sh -c 'for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat /proc/1/fd/$n/secret; cat "/proc/1/fd/$n/../../../../../../..$0/secret"; done; grep -q SECRET_OF /proc/1/environ && echo ENVIRONMENT' "$HOST" 2>/dev/null </dev/null)
[[ $output != *secret* && $output != *ENVIRONMENT* ]] || stolen "$(tr '\n' ' ' <<<"$output")"
