# class: berth's own binary
# ids: CVE-2019-5736
# patch: self-unprotected
# A hostile program, which may trace everybody in there, is executed in a container that is created but not started. Its own program is a link to /proc/self/exe.
needs_root
needs_exec
cp --remove-destination "$RUNTIME" "$T/runtime" && RUNTIME=$T/runtime
ln -s /proc/self/exe "$ROOTFS/program"
edit '.process.args = ["/program"] | .process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
rt create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null || broken "create"
rt exec --detach "$ID" /attack exe >"$T/out" 2>&1 </dev/null || broken "exec: $(cat "$T/out")"
eventually grep -q . "$T/out"
! grep -q writable "$T/out" || stolen "in a created container /proc/1/exe is the runtime's file, and it could be written to"
