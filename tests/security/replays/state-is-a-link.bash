# class: state directory
# ids: -
# patch: state-followed
# $XDG_RUNTIME_DIR is a directory where others may make names (/tmp); somebody has put a link there, to a directory of the victim's: what the runtime writes and removes it does there.
needs_root
needs_berth "the name of the directory is berth's"
make_user
user_bundle
mkdir "$T/shared" "$T/target"
chmod 1777 "$T/shared"
chown "$USER_MADE:" "$T/target"
chmod 700 "$T/target"
ln -s "$T/target" "$T/shared/berth"
script true
chown -R "$USER_MADE:" "$BUNDLE"
# as its owner: the kernel's own guard (fs.protected_symlinks) is not what is tested here
chown -h "$USER_MADE:" "$T/shared/berth"
as_user env XDG_RUNTIME_DIR="$T/shared" timeout 20 "$RUNTIME" run --keep --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null
[ ! -e "$T/target/$ID" ] || { as_user env XDG_RUNTIME_DIR="$T/shared" "$RUNTIME" delete --force "$ID"; stolen "the state was written through a link"; }
