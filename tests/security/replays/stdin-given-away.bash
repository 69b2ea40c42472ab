# class: leaked fds, odd cwd
# ids: -
# patch: files-given-away
# A file of the host is the program's standard input. Were it given to the program's user, as pipes are, that could write to it.
needs_root
edit '.process.user = {uid: 1000, gid: 1000} | .process.args = ["/bin/sh", "-c", "echo overwritten 1<>/proc/self/fd/0"]'
chmod 600 "$HOST/secret"
rt run --bundle "$BUNDLE" "$ID" <"$HOST/secret" >/dev/null 2>&1
host_intact || stolen "the file now belongs to uid $(stat -c %u "$HOST/secret") and says: $(cat "$HOST/secret")"
rt run --bundle "$BUNDLE" "$ID" </dev/null >>"$HOST/secret" 2>/dev/null
[ "$(stat -c %u "$HOST/secret")" = 0 ] || stolen "the file that is standard output now belongs to uid $(stat -c %u "$HOST/secret")"
