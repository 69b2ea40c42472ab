# class: joining
# ids: CVE-2016-9962
# patch: traceable
# A process of the container stops whoever enters, and looks at its files, its root and its memory. As root; and in a user namespace that has the caller's own id, where it may trace everybody.
needs_root
needs_exec
start_container 'exec /attack peek 3'
for ((i = 0, end = SECONDS + 3; SECONDS < end; i++)); do
	timeout 5 "$RUNTIME" --root "$T/state" exec "$ID" /bin/busybox true >/dev/null 2>&1 </dev/null
	! grep -q . "$T/out" || break
done
! grep -q "^reached" "$T/out" || stolen "$(grep "^reached" "$T/out" | tr '\n' ' ')"
[ -n "$IS_BERTH" ] || withstood # the user's configuration is berth's
make_user
user_bundle
edit '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
script 'exec /attack peek 3'
user_rt run --bundle "$BUNDLE" --detach "$ID" >"$T/out" 2>&1 || broken "a container of a user: $(cat "$T/out")"
for ((i = 0, end = SECONDS + 3; SECONDS < end; i++)); do
	user_rt exec "$ID" /bin/busybox true >"$T/entered" 2>&1 || break
	! grep -q . "$T/out" || break
done
user_rt delete --force "$ID" >/dev/null 2>&1
! grep -q "^reached" "$T/out" || stolen "of a user: $(head -n 1 "$T/out")"
[ "$i" -gt 0 ] || broken "exec as a user: $(cat "$T/entered")"
