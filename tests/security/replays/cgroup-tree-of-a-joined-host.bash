# class: cgroup reach
# ids: CVE-2023-25809
# patch: cgroup-namespace-unchecked
# The cgroup namespace has a path, so it looks like one of the container's own; but it is the host's.
needs_root
edit '(.linux.namespaces[] | select(.type == "cgroup")).path = "/proc/self/ns/cgroup" | (.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["rw"]'
script 'find /sys/fs/cgroup -maxdepth 2 -type d | head -n 40 | while read d; do mkdir $d/'"$ID"'-escape && rmdir $d/'"$ID"'-escape && echo MADE in $d; done 2>/dev/null; true'
run_container
[[ $output != *MADE* ]] || stolen "$(grep -m 1 MADE <<<"$output")"
