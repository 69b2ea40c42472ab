# class: masked and read-only paths
# ids: CVE-2025-31133 CVE-2025-62161
# patch: null-of-the-container
# /dev/null of the container is a link to what the attacker wants to see at a masked path.
needs_root
mkdir "$T/dev"
echo "what was to be hidden" >"$ROOTFS/hidden"
ln -s /exposed "$T/dev/null"
echo EXPOSED >"$ROOTFS/exposed"
edit '.mounts |= map(select(.destination | startswith("/dev") | not)) | .mounts += [{destination: "/dev", type: "bind", source: $d, options: ["bind"]}] | .linux.maskedPaths += ["/hidden"]' --arg d "$T/dev"
script 'cat /hidden'
run_container
[[ $output != *EXPOSED* ]] || stolen "the masked path shows: $output"
