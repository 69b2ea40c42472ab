# class: joining
# ids: CVE-2016-9962
# patch: traceable
# A process of the container stops whoever enters, and looks at its files, its root and its memory.
needs_root
needs_exec
start_container 'exec /attack peek 4'
for _ in {1..60}; do
	timeout 5 "$RUNTIME" --root "$T/state" exec "$ID" /bin/busybox true >/dev/null 2>&1 </dev/null
	! grep -q . "$T/out" || break
done
! grep -q "^reached" "$T/out" || stolen "$(grep "^reached" "$T/out" | tr '\n' ' ')"
