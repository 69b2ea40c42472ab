# class: numbers
# ids: CVE-2026-30892 CVE-2016-3697
# patch: numbers-lenient
# exec --user with what is no number, or one too many: the image's passwd file calls them all root.
needs_root
needs_exec
for name in 1 +1 " 1" 1a 0x1 4294967296 18446744073709551617 root "" :; do
	printf '%s:x:0:0:root:/:/bin/sh\n' "$name"
done >"$ROOTFS/etc/passwd"
start_container
for user in 1 1: :1 "" : 1:x x +1 "1 " " 1" $'1\n' 0x1 1e0 01x １ ٣ 4294967295 4294967296 4294967297 18446744073709551616 18446744073709551617 -1 -4294967295 1:4294967296 \
	1:-1 root 1:1:1 1,1 99999999999999999999999999; do
	output=$(rt exec --user "$user" "$ID" /bin/sh -c 'echo "$(id -u 2>/dev/null):$(id -g 2>/dev/null)"' 2>/dev/null </dev/null) || continue
	case $user in
	1) [[ $output == 1:* ]] || stolen "--user 1 became $output" ;;
	*) stolen "--user ${user@Q} was taken for $output" ;;
	esac
done
