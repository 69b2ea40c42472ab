# class: sysctls, annotations
# ids: CVE-2022-0811
# patch: own-namespace-written
# The network namespace has a path, so it looks like one of the container's own; but it is that of a process of the host, as with "network of another container" that has the host's. The same
# for the host's name.
needs_root
unshare -n -u true || skip "needs namespaces"
cat >"$T/inner" <<INNER
ip_forward=\$(cat /proc/sys/net/ipv4/ip_forward)
timeout 20 "$RUNTIME" --root "$T/state" run --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null
[ "\$(cat /proc/sys/net/ipv4/ip_forward)" = "\$ip_forward" ] || echo CHANGED ip_forward
hostname
INNER
script true
cp "$BUNDLE/config.json" "$T/plain"
# the host is played by namespaces of this test's own
edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net" | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
[[ $(unshare -n -u sh "$T/inner") != *CHANGED* ]] || stolen "a parameter of the host's network was changed"
cp "$T/plain" "$BUNDLE/config.json"
edit '(.linux.namespaces[] | select(.type == "uts")).path = "/proc/self/ns/uts" | .hostname = "stolen"'
[[ $(unshare -n -u sh "$T/inner") != *stolen* ]] || stolen "the host's name was changed"
