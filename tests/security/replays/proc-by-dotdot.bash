# class: a false /proc or /sys
# ids: CVE-2019-19921
# patch: dotdot-destination
# procfs is to go to "/data/../proc", and /data is a link of the image: then it lies elsewhere, and what is to be masked and read-only is looked for at /proc.
needs_root
mkdir -p "$ROOTFS/elsewhere/data" "$ROOTFS/elsewhere/proc"
ln -s elsewhere/data "$ROOTFS/data"
edit '(.mounts[] | select(.destination == "/proc")).destination = "/data/../proc"'
script '[ ! -e /elsewhere/proc/sys/kernel/panic ] || echo ELSEWHERE'
run_container
[[ $output != *ELSEWHERE* ]] || stolen "procfs lies at /elsewhere/proc, unmasked"
