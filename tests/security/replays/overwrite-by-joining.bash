# class: berth's own binary
# ids: CVE-2019-5736
# patch: self-unprotected
# The same without exec: a container that shares the pid namespace of a hostile one (as in a pod) has a program that is a link to
# /proc/self/exe.
needs_root
before=$(sha256sum <"$RUNTIME")
cp --remove-destination "$RUNTIME" "$T/runtime" && RUNTIME=$T/runtime
start_container 'exec /attack overwrite 12'
hostile=$ID
ln -s /proc/self/exe "$ROOTFS/program"
edit '(.linux.namespaces[] | select(.type == "pid")).path = $p | .process.args = ["/program"]' --arg p "/proc/$PID/ns/pid"
for ((i = 0, end = SECONDS + 12; SECONDS < end; i++)); do
	rt run --bundle "$BUNDLE" "$hostile-$i" >/dev/null 2>&1 </dev/null
	! grep -q . "$T/out" || break
done
eventually grep -q . "$T/out"
sleep 0.2
[ "$before" = "$(sha256sum <"$T/runtime")" ] || stolen "the runtime's file was overwritten"
