# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: fds-kept
# What the program was given: three fds, the configuration's environment and HOME, its own name, nothing blocked or ignored, though the caller ignores signals and has files open.
needs_root
needs_exec
expected='fds: 0 1 2
environment: PATH TERM SECURITY_TEST HOME
program: /attack
secure: 0
dumpable: 1
death signal: 0
signals blocked or ignored: 0'
edit '.process.args = ["/attack", "self"]'
output=$(trap '' HUP USR1; SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
[ "$output" = "$expected" ] || stolen "run: $(tr '\n' ' ' <<<"$output")"
start_container
output=$(trap '' HUP USR1; SECRET_OF_THE_CALLER=$T "$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" exec "$ID" /attack self 2>&1 </dev/null)
[ "$output" = "$expected" ] || stolen "exec: $(tr '\n' ' ' <<<"$output")"
