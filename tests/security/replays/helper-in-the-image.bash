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
command -v newuidmap >/dev/null || skip "newuidmap is not installed"
user_bundle
# spec maps the user's subordinate ids, which takes the helper
[ "$(jq '.linux.uidMappings | length' "$BUNDLE/config.json")" -gt 1 ] || broken "no range is mapped"
script true
chown -R "$USER_MADE:" "$BUNDLE"
user_rt run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1
status=$?
[ ! -s "$T/executed" ] || stolen "the image's newuidmap was executed on the host by uid $(cat "$T/executed")"
[ $status = 0 ] || broken "$(cat "$T/out")"
