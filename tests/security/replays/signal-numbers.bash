# class: numbers
# ids: -
# patch: numbers-lenient
# A signal that is none: the container must survive it.
needs_root
needs_berth "other runtimes take some of these"
start_container
for signal in "" +9 " 9" "9 " 0x9 ９ 9.0 9e0 4294967305 18446744073709551625 -9 009x $'9\n' SIG9 SIG SIGSIGKILL "KILL " RTMIN+99 RTMAX+1 65; do
	rt kill "$ID" "$signal" >/dev/null 2>&1 && stolen "'$signal' was taken for a signal"
done
[ "$(rt state "$ID" | jq -r .status)" = running ] || stolen "the container was killed"
