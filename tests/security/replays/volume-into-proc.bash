# class: a false /proc or /sys
# ids: CVE-2023-28642 CVE-2025-62596 CVE-2025-54867
# patch: target-unchecked
# A volume's destination is a link of the image into /proc: it hides kernel files, so that what is written there goes elsewhere.
needs_root
ln -s /proc/sys/net "$ROOTFS/data"
edit '.mounts += [{destination: "/data", type: "tmpfs", source: "tmpfs"}]'
script 'grep " /proc/sys/net .* - tmpfs" /proc/self/mountinfo'
run_container
[[ $output != *" - tmpfs "* ]] || stolen "a tmpfs lies on /proc/sys/net"
