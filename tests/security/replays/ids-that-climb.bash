# class: state directory
# ids: -
# patch: ids-unchecked
# An id that is a path: the state is made, or removed, elsewhere.
needs_root
script true
mkdir "$T/state" 2>/dev/null
for id in ../host/made ../host/dir . .. "" -x a/b $'a\nb' 'a b' "$(printf 'x%.0s' {1..300})" ä; do
	taken=''
	rt create --bundle "$BUNDLE" -- "$id" >/dev/null 2>&1 </dev/null && taken=yes
	rt delete --force -- "$id" >/dev/null 2>&1
	[ -z "$taken" ] || [ -z "$IS_BERTH" ] || stolen "'$id' was taken as an id"
	host_intact || stolen "the id '$id' changed the host: $(ls -C "$HOST")"
done
