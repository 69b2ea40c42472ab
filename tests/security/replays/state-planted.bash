# class: state directory
# ids: -
# patch: state-unchecked
# The state directory belongs to another user, or others may write to it: a state planted there says which files are the container's,
# which hooks to run at its deletion.
needs_root
needs_berth "only berth looks at the owner"
mkdir -p "$T/planted/x"
cat >"$T/planted/x/config.json" <<JSON
{"ociVersion": "1.0.0", "root": {"path": "/"}, "hooks": {"poststop": [{"path": "/bin/sh", "args": ["sh", "-c", "touch $HOST/made"]}]}, "linux": {}}
JSON
script true
rt run --keep --bundle "$BUNDLE" made </dev/null >/dev/null 2>&1 || broken "a container to take the state of"
jq '.id = "x" | .endsQuietly = false' "$T/state/made/state.json" >"$T/planted/x/state.json"
chown -R 12345 "$T/planted"
"$RUNTIME" --root "$T/planted" delete x >/dev/null 2>&1
host_intact || stolen "a planted hook was executed (directory of another user)"
chown -R 0 "$T/planted"
chmod 777 "$T/planted"
"$RUNTIME" --root "$T/planted" delete x >/dev/null 2>&1
host_intact || stolen "a planted hook was executed (directory that others may write to)"
