# class: berth's own binary
# ids: CVE-2019-5736
# patch: self-unprotected
# With CAP_SYS_ADMIN the container tries to make the runtime's file writable again.
needs_root
needs_exec
edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE"])'
script true
rt create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken "create"
rt exec "$ID" /attack remount >"$T/out" 2>&1 </dev/null
rt exec "$ID" /attack exe >>"$T/out" 2>&1 </dev/null
! grep -Eq "mount|copy|writable" "$T/out" || stolen "the runtime's file can be had writable: $(tr '\n' ' ' <"$T/out")"
