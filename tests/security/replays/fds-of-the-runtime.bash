# class: leaked fds, odd cwd
# ids: CVE-2024-21626
# patch: own-fds-passed
# The caller says that it passes fds on, and has none: what stands at their numbers is the runtime's own, its state directory above all, and ".." leads to the host's files from there.
needs_root
needs_exec
start_container
# shellcheck disable=SC2016
look='for n in 3 4 5 6 7 8; do cat "/proc/self/fd/$n/../../../../../../../..$0/secret"; done 2>/dev/null; true'
for n in 1 2 3 4 5 6; do
	output=$(rt exec --preserve-fds $n "$ID" /bin/sh -c "$look" "$HOST" 2>&1 </dev/null)
	[[ $output != *secret* ]] || stolen "exec --preserve-fds $n hands on a directory of the host"
	output=$(LISTEN_FDS=$n rt exec "$ID" /bin/sh -c "$look" "$HOST" 2>&1 </dev/null)
	[[ $output != *secret* ]] || stolen "LISTEN_FDS=$n: exec hands on a directory of the host"
done
rt delete --force "$ID" </dev/null >/dev/null 2>&1
edit '.process.args = ["/bin/sh", "-c", $look, $host]' --arg look "$look" --arg host "$HOST"
for n in 1 2 3 4 5 6; do
	output=$(rt run --preserve-fds $n --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
	[[ $output != *secret* ]] || stolen "run --preserve-fds $n hands on a directory of the host"
done
