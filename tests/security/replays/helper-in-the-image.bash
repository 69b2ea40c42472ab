# class: helpers
# ids: CVE-2026-84042
# patch: helpers-of-the-image
# The image brings a newuidmap of its own.
needs_root
make_user
needs_berth "the configuration is berth's"
cat >"$ROOTFS/newuidmap" <<HELPER
#!/bin/sh
echo \$(id -u) >>$T/executed
exec /usr/bin/newuidmap "\$@"
HELPER
for place in usr/bin bin usr/local/bin usr/sbin sbin; do
	mkdir -p "$ROOTFS/$place"
	cp "$ROOTFS/newuidmap" "$ROOTFS/$place/newuidmap"
	chmod 755 "$ROOTFS/$place/newuidmap"
done
: >"$T/executed"
chmod 666 "$T/executed"
chown -R "$USER_MADE:" "$BUNDLE"
rm "$BUNDLE/config.json"
mkdir "$T/run" && chown "$USER_MADE:" "$T/run"
(cd "$BUNDLE" && as_user env XDG_RUNTIME_DIR="$T/run" "$RUNTIME" spec --rootless) || broken "spec --rootless"
edit '.process.terminal = false | .process.args = ["/bin/true"] | .linux.uidMappings += [{containerID: 1, hostID: 400000, size: 100}] | .linux.gidMappings += [{containerID: 1, hostID: 400000, size: 100}]'
as_user env XDG_RUNTIME_DIR="$T/run" timeout 20 "$RUNTIME" run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null
[ ! -s "$T/executed" ] || stolen "the image's newuidmap was executed on the host by uid $(cat "$T/executed")"
