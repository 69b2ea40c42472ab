# class: hooks
# ids: CVE-2025-23266
# patch: hooks-in-the-image
# The image's environment has LD_PRELOAD, its root a library of that name: a hook of the host, executed in the container's namespaces
# or with its working directory, loads it.
needs_root
cat >"$T/evil.c" <<'C'
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void evil(void)
{
	int fd = open(FILE_MADE, O_CREAT | O_WRONLY, 0600);
	if (fd >= 0)
		close(fd);
}
C
gcc -shared -fPIC -DFILE_MADE="\"$HOST/made\"" -o "$ROOTFS/evil.so" "$T/evil.c" || broken "gcc"
edit '.process.env += ["LD_PRELOAD=./evil.so"] | .hooks = {createContainer: [{path: "/usr/bin/env", args: ["env"]}], createRuntime: [{path: "/usr/bin/env"}], prestart: [{path: "/usr/bin/env"}]}'
script true
run_container
host_intact || stolen "a hook has loaded the image's library"
