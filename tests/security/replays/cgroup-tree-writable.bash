# class: cgroup reach
# ids: CVE-2023-25809 CVE-2022-0492
# patch: cgroup-writable
# Without a cgroup namespace a cgroup mount shows the whole tree of the host: the container makes a cgroup, or sets a release agent.
needs_root
edit 'del(.linux.namespaces[] | select(.type == "cgroup")) | (.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["nosuid", "noexec", "nodev", "rw"]'
script 'find /sys/fs/cgroup -maxdepth 2 -type d | head -n 40 | while read d; do mkdir $d/'"$ID"'-escape && rmdir $d/'"$ID"'-escape && echo MADE in $d; done 2>/dev/null; true'
run_container
[[ $output != *MADE* ]] || stolen "$(grep -m 1 MADE <<<"$output")"
