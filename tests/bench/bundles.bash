# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The bundles that are measured, all with one root: the default configuration, and those of engines (tests/decode/engines). Sourced by run and gate.

# make_bundle NAME JQ-FILTER < CONFIG: a bundle that runs /bin/true, below $bundles_outside
make_bundle()
{
	mkdir -p "$bundles_outside/$1"
	jq --arg root "$bundles_inside/rootfs" --arg file "$bundles_inside/file" '.process.terminal = false
		| .process.args = ["/bin/true"] | .root.path = $root | '"$2" >"$bundles_outside/$1/config.json"
}

make_root()
{
	local root=$bundles_outside/rootfs
	mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,run}
	cp /bin/busybox "$root/bin/busybox"
	ln -sf busybox "$root/bin/true"
	ln -sf busybox "$root/bin/sleep"
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
	touch "$root/etc/"{hostname,hosts,resolv.conf} "$bundles_outside/file"
	chmod 755 "$bundles_outside" "$root"
}

# make_bundles FOLDER INSIDE BERTH: default, docker and podman in FOLDER, which those who run them see as INSIDE
make_bundles()
{
	local source local_engine
	source=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
	bundles_outside=$1 bundles_inside=$2
	# What an engine's configuration says of its own machine: paths, limits higher than may be had here, controllers that a hybrid tree lacks.
	# shellcheck disable=SC2016 # jq's variables
	local_engine='.mounts |= map(if .type == "bind" then .source = $file else . end | select(.destination != "/run/.containerenv"))
		| del(.process.rlimits, .linux.cgroupsPath, .linux.resources.pids, .linux.resources.blockIO)
		| (.mounts[] | select(.destination == "/dev/shm")) |= {destination, type: "tmpfs", source: "shm", options: ["mode=1777"]}'
	make_root
	mkdir -p "$bundles_outside/spec"
	"$3" spec -b "$bundles_outside/spec"
	make_bundle default . <"$bundles_outside/spec/config.json"
	make_bundle docker "$local_engine" <"$source/tests/decode/engines/docker-28-default.json"
	make_bundle podman "$local_engine" <"$source/tests/decode/engines/podman-5.8-default.json"
}
