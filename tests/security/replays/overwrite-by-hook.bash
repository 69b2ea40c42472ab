# class: berth's own binary
# ids: CVE-2019-5736
# patch: alone-with-hooks
# A startContainer hook is a program of the image, with the container's capabilities: while the runtime waits for it, it finds the runtime's file at /proc/1/exe.
needs_root
cp --remove-destination "$RUNTIME" "$T/runtime" && RUNTIME=$T/runtime
edit '.ociVersion = "1.0.2" | .process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"]) | .hooks = {startContainer: [{path: "/bin/sh", args: ["sh", "-c", "/attack exe >/tmp/told"], env: ["PATH=/bin"]}]}'
script true
run_container
! grep -q writable "$ROOTFS/tmp/told" 2>/dev/null || stolen "/proc/1/exe is the runtime's file, and it could be written to"
