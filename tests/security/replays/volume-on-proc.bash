# class: a false /proc or /sys
# ids: CVE-2019-16884
# patch: proc-destinations
# A volume right on /proc (or on a file of it): the image's VOLUME instruction is enough to ask for it.
needs_root
mkdir -p "$T/volume/self/attr"
for destination in /proc /proc/self/attr /proc/../proc/sys //proc/./sys/kernel; do
	jq --arg v "$T/volume" --arg d "$destination" '.mounts += [{destination: $d, type: "bind", source: $v, options: ["rbind"]}]' "$TEMPLATE/config.json" >"$BUNDLE/config.json"
	script 'echo IN'
	run_container
	[[ $output != *IN* ]] || stolen "a volume lies on $destination"
done
