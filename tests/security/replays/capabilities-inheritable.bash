# class: capabilities
# ids: CVE-2022-27650 CVE-2025-27612
# patch: capabilities-inheritable
# A set that the configuration leaves empty is not: inheritable capabilities, with which an image's file gains more.
needs_root
edit '.process.capabilities = {bounding: ["CAP_KILL", "CAP_SYS_ADMIN"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
script 'grep Cap /proc/self/status | tr -d "\t\n"'
run_container
[ $status = 0 ] || broken "$output"
[[ $output == *CapInh:0000000000000000CapPrm:0000000000000020CapEff:0000000000000020CapBnd:0000000000200020CapAmb:0000000000000000* ]] ||
	stolen "the sets are not those of the configuration: $output"
