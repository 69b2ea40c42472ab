# class: numbers
# ids: CVE-2024-40635
# patch: config-numbers-lenient
# The same in config.json: a number beyond 32 bits that wraps round to root.
needs_root
for user in 4294967296 4294967295 -1 18446744073709551616 1e9 1.5 '"1"' null '" "' true '[0]'; do
	jq '.process.user = {uid: 12345, gid: 12345}' "$TEMPLATE/config.json" | sed "s/\"uid\": 12345/\"uid\": $user/" >"$BUNDLE/config.json"
	script 'echo UID=$(id -u)'
	grep -qF -- "$user" "$BUNDLE/config.json" || sed -i -E "0,/\"uid\": [^,]*/s//\"uid\": $user/" "$BUNDLE/config.json"
	run_container
	[[ $output != *UID=* ]] || stolen "uid $user became ${output##*UID=}"
done
