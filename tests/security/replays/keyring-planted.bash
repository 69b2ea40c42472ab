# class: setgroups, LSM
# ids: -
# patch: keyring-by-name
# A container without a user namespace has made a session keyring with the name that the next one's will have, open to all: what that keeps in its keyring is the first one's, too.
needs_root
cp -al "$BUNDLE" "$T/second"
for name in "$ID-victim" "_ses.$ID-victim"; do
	rt delete --force "$ID" >/dev/null 2>&1
	: >"$T/out"
	start_container "exec /attack plant $name"
	eventually grep -q . "$T/out"
	grep -q planted "$T/out" || skip "the kernel has no keyrings: $(cat "$T/out")"
	jq '.process.args = ["/attack", "keys"]' "$BUNDLE/config.json" >"$T/second/new.json" && mv "$T/second/new.json" "$T/second/config.json"
	output=$(rt run --bundle "$T/second" "$ID-victim" 2>&1 </dev/null)
	[[ $output != *found* ]] || stolen "the second container has the first one's keyring $name"
done
