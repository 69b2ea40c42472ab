# class: state directory
# ids: -
# patch: escapes-printed escapes-of-two-bytes
# What the runtime says about a file of the image goes to somebody's terminal or log: control characters in it must not, in neither of their two forms (ESC [, and U+009B).
needs_root
printf '#!/no\033]0;owned\007\r\033[2Jsuch\n' >"$ROOTFS/program"
printf '#!/no\302\2332Jsuch\n' >"$ROOTFS/other"
chmod 755 "$ROOTFS/program" "$ROOTFS/other"
for program in /program /other; do
	edit '.process.args = [$p]' --arg p "$program"
	rt --log "$T/log" run --bundle "$BUNDLE" "$ID" >>"$T/out" 2>&1 </dev/null
done
! grep -q $'\033' "$T/out" "$T/log" || stolen "an escape sequence of the image was printed"
! grep -q $'\302\233' "$T/out" "$T/log" || stolen "a control sequence of the image was printed"
