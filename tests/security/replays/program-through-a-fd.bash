# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: fds-kept
# The same with the program: a file of the host is executed in the container (and then is /proc/self/exe there).
needs_root
cp "$ATTACK" "$HOST/dir/program"
for path in dir/program "../../../../../../../../../..$HOST/dir/program"; do
	for n in 3 4 5 6 7 8 9 10; do
		edit '.process.args = [$p, "exe"]' --arg p "/proc/self/fd/$n/$path"
		output=$("$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
		[[ $output != unreachable && $output != writable ]] || stolen "a program of the host was executed through fd $n"
	done
done
