# class: terminals
# ids: -
# patch: session-shared
# The program has the caller's terminal as standard input, and no terminal of its own: it types commands there (TIOCSTI).
needs_root
command -v script >/dev/null || skip "needs script(1)"
edit '.process.args = ["/attack", "type", "touch made-by-the-container\n"]'
cat >"$T/caller" <<CALLER
cd "$HOST"
timeout --foreground 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID"
timeout --foreground 1 cat >"$T/typed"
CALLER
timeout 30 script -qec "sh $T/caller" /dev/null >"$T/out" 2>&1 </dev/null
! grep -q "^typed" "$T/out" || stolen "the program has typed into the caller's terminal"
! grep -q "^controls" "$T/out" || stolen "the caller's terminal controls the program"
