# class: hooks
# ids: -
# patch: hooks-unbounded
# A hook that does not end holds the runtime for ever, though it has a timeout.
needs_root
edit '.hooks = {createRuntime: [{path: "/bin/sleep", args: ["sleep", "15"], timeout: 1}]}'
script true
start=$SECONDS
run_container
[ $((SECONDS - start)) -lt 9 ] || stolen "the runtime waited $((SECONDS - start)) s for a hook that was given 1 s"
