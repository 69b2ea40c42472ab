# class: numbers
# ids: -
# patch: fds-wrap
# --preserve-fds and LISTEN_FDS that add up to 2^32, or are none: neither a program with the runtime's own fds, nor a crash.
needs_root
needs_berth "only berth has to refuse all of these"
script 'echo RUNS'
for n in -1 +1 "" " 1" 0x1 4294967295 4294967296 18446744073709551616 1000000; do
	output=$(timeout 20 "$RUNTIME" --root "$T/state" run --preserve-fds "$n" --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
	[ $? = 1 ] || stolen "--preserve-fds '$n': $output"
done
output=$(LISTEN_FDS=2 timeout 20 "$RUNTIME" --root "$T/state" run --preserve-fds 4294967294 --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
[ $? = 1 ] || stolen "--preserve-fds 4294967294 and LISTEN_FDS=2 became no fds at all: $output"
