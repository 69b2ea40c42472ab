# class: state directory
# ids: -
# patch: pid-file-followed
# --pid-file lies in a directory that somebody else may write to: its name is a link to a file of the host, or is exchanged with one between the look at it and its opening.
needs_root
needs_berth "only berth writes to what is no file"
mkdir "$T/theirs" && chmod 777 "$T/theirs"
mkfifo "$T/theirs/fifo"
ln -s "$HOST/file" "$T/theirs/pid"
ln -s "$T/theirs/fifo" "$T/theirs/other"
script true
rt run --bundle "$BUNDLE" --pid-file "$T/theirs/pid" "$ID" </dev/null >/dev/null 2>&1
host_intact || stolen "the host's file says: $(cat "$HOST/file")"
[ -L "$T/theirs/pid" ] || broken "the link is gone"
background sh -c 'exec cat 3<>"$0" <&3' "$T/theirs/fifo" >/dev/null
background "$ATTACK" exchange "$T/theirs/pid" "$T/theirs/other"
for i in {1..15}; do
	rt run --bundle "$BUNDLE" --pid-file "$T/theirs/pid" "$ID" </dev/null >/dev/null 2>&1
	host_intact || stolen "after $i tries the host's file says: $(cat "$HOST/file")"
done
