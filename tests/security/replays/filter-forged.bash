# class: joining
# ids: -
# patch: filter-forgeable
# What exec brings into a created container, and may trace everybody there, looks for the memory in which the runtime keeps the seccomp filter, and writes another one.
needs_root
needs_exec
edit '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"]) | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: [], syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
script 'mkdir /tmp/made && echo MADE'
rt create --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null || broken create
rt exec "$ID" /attack forge-filter >"$T/forged" 2>&1 </dev/null
rt start "$ID" >/dev/null 2>&1
ended()
{
	[ "$(rt state "$ID" 2>/dev/null | jq -r .status)" = stopped ]
}
eventually ended
! grep -q MADE "$T/out" || stolen "a forbidden system call succeeded"
