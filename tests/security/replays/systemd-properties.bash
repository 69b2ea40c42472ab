# class: sysctls, annotations
# ids: CVE-2024-3154
# patch: properties-any
# Annotations become properties of the container's systemd unit: one that runs a program as the host's root, that starts another unit, that lifts a limit; or one that is smuggled in by a line
# break. What systemd would be told is caught in the helper that tells it.
needs_root
needs_berth "the helper is berth's"
mkdir "$T/libexec"
cat >"$T/libexec/berth-systemd" <<HELPER
#!/bin/sh
dd bs=65536 count=1 <&3 >>"$T/told" 2>/dev/null
HELPER
chmod 755 "$T/libexec/berth-systemd"
attempt()
{
	: >"$T/told"
	jq --arg k "org.systemd.property.$1" --arg v "$2" '.linux.cgroupsPath = "system.slice:sec:x" | .annotations = {($k): $v}' "$TEMPLATE/config.json" >"$BUNDLE/config.json"
	output=$(BERTH_LIBEXECDIR=$T/libexec timeout 20 "$RUNTIME" --systemd-cgroup --root "$T/state" run --bundle "$BUNDLE" "$ID" 2>&1 </dev/null)
}
attempt TimeoutStopUSec "uint64 5000000"
[[ $output != *"built without the systemd"* ]] || skip "built without the systemd cgroup driver"
grep -q '^TimeoutStopUSec t 5000000$' "$T/told" || broken "systemd is not told of a harmless property: $output"
for property in "ExecStopPost=[('/bin/sh', ['sh', '-c', 'touch /tmp/x'], false)]" "ExecStart=[('/bin/sh', ['sh'], false)]" "Wants=['poweroff.target']" "OnFailure=['poweroff.target']" \
	"MemoryMax=uint64 18446744073709551615" "DevicePolicy='auto'" "DeviceAllow=[('/dev/sda', 'rwm')]" "Delegate=true" "User='root'" "BindsTo=['x.service']" "Slice='init.scope'" \
	"timeoutStopUSec=1" "TimeoutStopUSec =1" "CollectMode='inactive'
ExecStopPost s x" "After=['a.service'
ExecStopPost s x']" "TimeoutStopUSec
ExecStopPost s x=1" "KillMode='none' ExecStop" "After=['a b']"; do
	attempt "${property%%=*}" "${property#*=}"
	[ ! -s "$T/told" ] || stolen "the annotation ${property@Q} was taken: $(head -n 1 "$T/told") ..."
done
