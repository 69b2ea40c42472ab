# class: masked and read-only paths
# ids: CVE-2025-31133
# patch: device-followed
# The image's /dev/null is there already, but as another device.
needs_root
image_dev
mknod "$ROOTFS/dev/null" c 1 1
script 'stat -c "NODE %t:%T" /dev/null'
run_container
[[ $output != *"NODE 1:1"* ]] || stolen "/dev/null is the machine's memory"
