# class: setgroups, LSM
# ids: -
# patch: labels-passed-over
# A label is asked for that this host cannot give: the program would run without.
needs_root
for label in apparmorProfile selinuxLabel; do
	jq ".process.$label = \"system_u:system_r:no_such_profile_t:s0\"" "$TEMPLATE/config.json" >"$BUNDLE/config.json"
	script 'echo RUNS'
	run_container
	[[ $output != *RUNS* ]] || stolen "the program runs without its $label"
done
