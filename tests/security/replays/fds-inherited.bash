# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: fds-kept
# The caller has directories of the host open, not close-on-exec: the program inherits them.
needs_root
script 'for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat /proc/$$/fd/$n/secret 2>/dev/null; done; true'
output=$("$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
[[ $output != *secret* ]] || stolen "the host's secret was read through an inherited fd"
