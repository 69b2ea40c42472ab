# class: sysctls, annotations
# ids: CVE-2022-0811
# patch: sysctl-any
# A key that is not of a namespace, or is spelt to look like one. The value is the one the host has.
needs_root
value=$(cat /proc/sys/kernel/panic)
for key in kernel.panic kernel/panic net/../kernel/panic net...kernel.panic net.ipv4/../../kernel/panic "kernel.shm_rmid_forced=1+kernel.panic" "kernel.shm_rmid_forced+kernel.panic" \
	/kernel/panic //proc/sys/kernel/panic kernel..panic "kernel.panic " kernel.shm_rmid_forced/../panic; do
	jq --arg k "$key" --arg v "$value" '.linux.sysctl = {($k): $v}' "$TEMPLATE/config.json" >"$BUNDLE/config.json"
	script 'echo RUNS'
	run_container
	[[ $output != *RUNS* ]] || stolen "the key '$key' was taken"
done
jq '.linux.sysctl = {"net.ipv4.ip_forward": "0"} | del(.linux.namespaces[] | select(.type == "network"))' "$TEMPLATE/config.json" >"$BUNDLE/config.json"
edit '.linux.sysctl["net.ipv4.ip_forward"] = $v' --arg v "$(cat /proc/sys/net/ipv4/ip_forward)"
script 'echo RUNS'
run_container
[[ $output != *RUNS* ]] || stolen "a parameter of the host's network was taken"
