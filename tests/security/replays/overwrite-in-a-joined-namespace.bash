# class: berth's own binary
# ids: CVE-2019-5736
# patch: maps-believed
# As overwrite-by-exec, in a user namespace that is joined by its path. It maps root to the host's root; the configuration's maps, which are for idmapped mounts, say otherwise.
needs_root
needs_exec
before=$(sha256sum <"$RUNTIME")
cp --remove-destination "$RUNTIME" "$T/runtime" && RUNTIME=$T/runtime
background unshare --user --map-root-user sleep 100
eventually grep -q '^ *0 *0 *1$' "/proc/$!/uid_map" || broken "no user namespace with a map"
edit '(.mounts[] | select(.destination == "/dev/pts")).options |= map(select(. != "gid=5")) | .linux.namespaces += [{type: "user", path: $p}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings' --arg p "/proc/$!/ns/user"
start_container 'exec /attack overwrite 20'
: >"$T/out" # the warnings
rm -f "$ROOTFS/bin/sh"
printf '#!/proc/self/exe\n' >"$ROOTFS/bin/sh"
chmod 755 "$ROOTFS/bin/sh"
for ((i = 0, end = SECONDS + 20; SECONDS < end; i++)); do
	rt exec "$ID" /bin/sh >/dev/null 2>&1
	! grep -q . "$T/out" || break
done
eventually grep -q . "$T/out"
sleep 0.2
[ "$before" = "$(sha256sum <"$T/runtime")" ] || stolen "the runtime's file was overwritten"
