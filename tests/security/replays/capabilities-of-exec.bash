# class: capabilities
# ids: CVE-2022-29162 CVE-2016-8867
# patch: exec-inheritable
# exec --cap fills the inheritable set, too; and a user other than root keeps what root had.
needs_root
needs_exec
start_container
output=$(rt exec --cap CAP_NET_RAW "$ID" grep CapInh /proc/self/status 2>&1 </dev/null)
[[ $output == *0000000000000000 ]] || stolen "exec --cap: $output"
output=$(rt exec --user 1000:1000 "$ID" grep -E 'CapInh|CapAmb' /proc/self/status 2>&1 </dev/null | tr -d '\t\n')
[ "$output" = CapInh:0000000000000000CapAmb:0000000000000000 ] || stolen "exec --user: $output"
