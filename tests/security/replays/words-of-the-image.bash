# class: state directory
# ids: -
# patch: escapes-printed
# What the runtime says about a file of the image goes to somebody's terminal or log: control characters in it must not.
needs_root
printf '#!/no\033]0;owned\007\r\033[2Jsuch\n' >"$ROOTFS/program"
chmod 755 "$ROOTFS/program"
edit '.process.args = ["/program"]'
rt --log "$T/log" run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null
! grep -q $'\033' "$T/out" "$T/log" || stolen "an escape sequence of the image was printed"
