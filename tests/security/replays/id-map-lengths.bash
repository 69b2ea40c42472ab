# class: numbers
# ids: CVE-2021-43784
# patch: id-maps-unbounded
# So many id mappings that their text is longer than its length can say.
needs_root
needs_berth
edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [range(2000) | {containerID: (. * 2), hostID: (100000 + . * 2), size: 1}] | .linux.gidMappings = .linux.uidMappings'
script true
run_container
[ $status -lt 128 ] && [ $status != 0 ] || stolen "exit status $status: $output"
