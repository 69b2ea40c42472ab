# class: masked and read-only paths
# ids: -
# patch: mask-passed-over
# A masked path that cannot be reached for another reason than that it does not exist: passed over, the container runs unmasked.
needs_root
ln -s loop "$ROOTFS/loop"
edit '.linux.maskedPaths += ["/loop"]'
script 'echo RUNS'
run_container
[[ $output != *RUNS* ]] || stolen "the container runs though /loop could not be masked"
