# class: berth's own binary
# ids: CVE-2019-5736
# patch: self-unprotected
# The container replaces its /bin/sh by a script for the interpreter /proc/self/exe. Somebody execs it; a process inside gets hold of
# the file that is executed, the runtime's, and overwrites it once that is no longer busy.
needs_root
needs_exec
before=$(sha256sum <"$RUNTIME")
cp --remove-destination "$RUNTIME" "$T/runtime" && RUNTIME=$T/runtime
start_container 'exec /attack overwrite 12'
rm -f "$ROOTFS/bin/sh"
printf '#!/proc/self/exe\n' >"$ROOTFS/bin/sh"
chmod 755 "$ROOTFS/bin/sh"
for ((i = 0, end = SECONDS + 12; SECONDS < end; i++)); do
	rt exec "$ID" /bin/sh >/dev/null 2>&1
	! grep -q . "$T/out" || break
done
eventually grep -q . "$T/out"
sleep 0.2
[ "$before" = "$(sha256sum <"$T/runtime")" ] || stolen "the runtime's file was overwritten"
