# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian packages: which are missing, and getting them. Sourced by tests/run, tests/vm/setup and examples/run.

# missing_packages NAME...: those that are not installed, on one line.
missing_packages()
{
	local name installed missing=()
	installed=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
	for name in "$@"; do
		[[ $installed == *" $name=installed "* ]] || missing+=("$name")
	done
	echo "${missing[*]}"
}

# install_packages NAME...: as root, installs the missing ones; otherwise says how and fails.
install_packages()
{
	local missing log
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "Packages are missing. As root:" >&2
		echo "    apt-get install -y --no-install-recommends $missing" >&2
		return 1
	fi
	echo "installing $(wc -w <<<"$missing") packages: $missing"
	log=$(mktemp)
	# shellcheck disable=SC2086 # a list of names
	if ! apt_get install -y --no-install-recommends $missing >"$log" 2>&1; then
		# no lists yet, or they are so old that the mirror no longer has what they name
		if ! apt_get update >"$log" 2>&1 || ! apt_get install -y --no-install-recommends $missing >>"$log" 2>&1; then
			tail -n 20 "$log" >&2
			rm -f "$log"
			echo "apt-get install $missing failed" >&2
			return 1
		fi
	fi
	rm -f "$log"
}

apt_get()
{
	DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# without_services COMMAND...: what it installs is not started
without_services()
{
	local policy=/usr/sbin/policy-rc.d status=0
	if [ -e "$policy" ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	"$@" || status=$?
	rm -f "$policy"
	return $status
}

# To build berth; to run its tests; what is used inside virtual machines (tests/vm/setup has what runs them).
# shellcheck disable=SC2034 # for those who source this
{
	build_packages=(gcc libc6-dev libcap-dev libseccomp-dev libsystemd-dev libyajl-dev meson ninja-build pkg-config)
	test_packages=(bats busybox-static check iproute2 jq patch procps python3 strace uidmap util-linux)
	gate_packages=(valgrind)
	fuzz_packages=(clang libclang-rt-dev)
	lint_packages=(binutils clang clang-format clang-tidy cppcheck git jq shellcheck)
	example_packages=(busybox-static jq uidmap)
	vm_packages=(apparmor checkpolicy conmon criu dbus-user-session libpam-systemd podman systemd)
	engine_packages=(buildah catatonit conmon containerd crun dbus-user-session docker.io fuse-overlayfs iproute2 iptables kmod
		libpam-systemd podman runc slirp4netns systemd tini uidmap)
}
