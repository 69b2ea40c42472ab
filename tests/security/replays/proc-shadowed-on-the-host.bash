# class: a false /proc or /sys
# ids: CVE-2019-16884 CVE-2025-52881
# patch: procfs-unchecked
# In the caller's mount namespace /proc is a tmpfs full of files that look right: what the runtime writes there has no effect.
needs_root
needs_berth "other runtimes do not start without a real /proc"
edit '.process.oomScoreAdj = 500'
script 'cat /proc/self/oom_score_adj'
cat >"$T/shadow" <<SHADOW
mkdir "$T/real"
mount --bind /proc "$T/real"
mount -t tmpfs tmpfs /proc
p=\$\$
mkdir \$(seq -f /proc/%g \$p \$((p + 2000)))
i=\$p
while [ \$i -lt \$((p + 2000)) ]; do
	: >/proc/\$i/oom_score_adj
	echo "\$i (berth) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0" >/proc/\$i/stat
	i=\$((i + 1))
done
ln -s \$p /proc/self
# what is only read may be the kernel's
ln -s "$T/real/self/ns" /proc/\$p/ns
exec "$RUNTIME" --cgroup-manager disabled --root "$T/state" run --bundle "$BUNDLE" "$ID"
SHADOW
output=$(timeout 30 unshare -m sh "$T/shadow" 2>&1 </dev/null)
[ "$output" != 0 ] || stolen "the container runs, its OOM score went into a false file"
