#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034,SC2154 # jq's variables, and those that bats reads or sets
# SPDX-License-Identifier: Apache-2.0
#
# What limits do on a cgroup v2 tree with controllers: docs/cgroups.md row by row, read from the host and from inside, and that
# they bite. As this takes a whole tree, it is for the virtual machine. Few containers and few processes, as all is slow there.
#
# CGROUP_DRIVER   cgroupfs (default) or systemd
# CLI_USER=yes    as an ordinary user with a delegated cgroup, below the user's systemd instance
load ../lib/cli

setup_file()
{
	[ "${VM:-}" = 1 ] || skip "meant for the virtual machine"
	cli_setup_file
	[ "${CLI_USER:-}" != yes ] || start_user_manager
}

teardown_file()
{
	[ "${CLI_USER:-}" != yes ] || systemctl stop "user@$(id -u "$CLI_SUBID_USER").service"
	cli_teardown_file
}

# By default a user is given memory, pids and cpu alone; docs/cgroups.md tells how to get all, and this is it.
start_user_manager()
{
	mkdir -p /run/systemd/system/user@.service.d
	printf '[Service]\nDelegate=cpu cpuset io memory pids\n' >/run/systemd/system/user@.service.d/delegate.conf
	systemctl daemon-reload
	systemctl start "user@$(id -u "$CLI_SUBID_USER").service"
}

setup()
{
	MANAGER=(--cgroup-manager "${CGROUP_DRIVER:-cgroupfs}")
	SYSTEMCTL=(systemctl)
	cli_setup
	if is_rootless; then
		RT_ENV+=(XDG_RUNTIME_DIR="/run/user/${AS_USER[2]}")
		SYSTEMCTL=("${AS_USER[@]}" "${RT_ENV[@]}" systemctl --user)
		OUTSIDE=("${RT_ENV[@]}")
		RT_ENV+=(systemd-run --user --scope --quiet --property Delegate=yes --)
	fi
	DISK=$(stat -c '%Hd:%Ld' /scratch)
}

# rt ARGUMENT...: as in cli.bash, with the driver
rt()
{
	"${AS_USER[@]}" "${RT_ENV[@]}" "$CLI_RUNTIME" --root "$STATE" "${MANAGER[@]}" "$@"
}

# device_programs: how many of berth's BPF programs there are in the kernel
device_programs()
{
	python3 -S - <<'PYTHON'
import ctypes, struct
libc, n, id = ctypes.CDLL(None), 0, 0
def bpf(command, data):
    buffer = ctypes.create_string_buffer(data, 128)
    r = libc.syscall(321, command, buffer, 128)
    return r, buffer.raw
while True:
    r, out = bpf(11, struct.pack("II", id, 0))  # BPF_PROG_GET_NEXT_ID
    if r < 0:
        break
    id = struct.unpack("II", out[:8])[1]
    fd, _ = bpf(13, struct.pack("II", id, 0))  # BPF_PROG_GET_FD_BY_ID
    if fd < 0:
        continue
    info = ctypes.create_string_buffer(256)
    bpf(15, struct.pack("IIQ", fd, 256, ctypes.addressof(info)))  # BPF_OBJ_GET_INFO_BY_FD
    libc.close(fd)
    n += info.raw[64:80].startswith(b"berth_devices")
print(n)
PYTHON
}

# resources FILTER [JQ OPTION...]: linux.resources, in jq's words, which have the disk as $disk
resources()
{
	edit "{major: ${DISK%:*}, minor: ${DISK#*:}} as \$disk | .linux.resources = $1" "${@:2}"
}

# running [SCRIPT]: as detached, and $CGROUP is the container's directory
running()
{
	detached "$@"
	FILES=()
	CGROUP=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
	[[ $CGROUP == *"$ID"* ]] || failed "the container has no cgroup of its own: $CGROUP"
}

# file_is NAME WANTED: the file of the container's cgroup says so on the host; same_inside reads all these inside
file_is()
{
	local outside
	outside=$(<"$CGROUP/$1")
	[ "$outside" = "$2" ] || failed "$1 is \"$outside\", not \"$2\""
	FILES+=("$1")
}

same_inside()
{
	local name outside='' within
	for name in "${FILES[@]}"; do
		outside+=$name:$(<"$CGROUP/$name")$'\n'
	done
	within=$(nsenter -t "$PID" -C -m /bin/sh -c \
		'cd /sys/fs/cgroup; for f; do echo -n "$f:"; while read -r line; do echo "$line"; done <$f; done' sh "${FILES[@]}")
	[ "$within"$'\n' = "$outside" ] || failed "outside: $outside" "inside: $within"
}

# unit_is PROPERTY=VALUE...: systemd says so of the container's scope
unit_is()
{
	local wanted
	[ "${CGROUP_DRIVER:-}" = systemd ] || return 0
	run "${SYSTEMCTL[@]}" show "berth-$ID.scope"
	for wanted; do
		has "^$wanted\$"
	done
}

@test "each property is in its file, on the host and inside, and update changes it live" {
	resources '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296}, pids: {limit: 50},
		cpu: {shares: 512, quota: 30000, period: 200000, burst: 1000, cpus: "0", mems: "0"},
		blockIO: {weight: 100,
			throttleReadBpsDevice: [$disk + {rate: 1000000}], throttleWriteBpsDevice: [$disk + {rate: 2000000}],
			throttleReadIOPSDevice: [$disk + {rate: 100}], throttleWriteIOPSDevice: [$disk + {rate: 200}]},
		unified: {"memory.high": "50331648", "cgroup.max.depth": "7"}}'
	# systemd has no name for this controller, so no unit is given it
	is_rootless || edit '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	running
	file_is memory.max 67108864
	file_is memory.low 33554432
	file_is memory.high 50331648
	file_is memory.swap.max 33554432
	file_is pids.max 50
	file_is cpu.weight 59
	file_is cpu.max "30000 200000"
	file_is cpu.max.burst 1000
	file_is cpuset.cpus 0
	file_is cpuset.mems 0
	file_is io.weight "default 910"
	file_is io.max "$DISK rbps=1000000 wbps=2000000 riops=100 wiops=200"
	file_is cgroup.max.depth 7
	if ! is_rootless; then
		file_is hugetlb.2MB.max 4194304
		file_is hugetlb.2MB.rsvd.max 4194304
	fi
	same_inside
	unit_is MemoryMax=67108864 MemoryLow=33554432 MemoryHigh=50331648 MemorySwapMax=33554432 TasksMax=50 CPUWeight=59 \
		CPUQuotaPerSecUSec=150ms CPUQuotaPeriodUSec=200ms AllowedCPUs=0 AllowedMemoryNodes=0 IOWeight=910 Delegate=yes
	rt update --memory 134217728 --memory-swap 134217728 --pids-limit 60 --cpu-quota 40000 --cpu-share 1024 "$ID"
	if [ "${CGROUP_DRIVER:-}" = systemd ]; then
		# what systemd does next puts nothing back
		"${SYSTEMCTL[@]}" daemon-reload
		"${SYSTEMCTL[@]}" set-property --runtime "berth-$ID.scope" CPUWeight=101
	fi
	file_is memory.max 134217728
	file_is memory.swap.max 0
	file_is memory.low 33554432
	file_is pids.max 60
	file_is cpu.max "40000 200000"
	file_is cpu.max.burst 1000
	file_is io.max "$DISK rbps=1000000 wbps=2000000 riops=100 wiops=200"
	same_inside
	unit_is MemoryMax=134217728 MemorySwapMax=0 MemoryLow=33554432 TasksMax=60 CPUQuotaPerSecUSec=200ms
	run rt update --resources - "$ID" <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
	refused 'linux.resources.memory'
	file_is memory.max 134217728
	rt delete --force "$ID"
	[ ! -e "$CGROUP" ]
}

@test "cpu.idle; the weights of the bfq scheduler" {
	local scheduler=/sys/dev/block/$DISK/queue/scheduler
	resources '{cpu: {idle: 1}}'
	if ! is_rootless && modprobe bfq && echo bfq >"$scheduler"; then
		resources '.linux.resources + {blockIO: {weight: 100, weightDevice: [$disk + {weight: 300}]}}'
	fi
	running
	file_is cpu.idle 1
	if [[ $(<"$scheduler") == *"[bfq]"* ]]; then
		file_is io.bfq.weight "default 100"$'\n'"$DISK 300"
		same_inside
		rt delete --force "$ID"
		echo none >"$scheduler"
		rmmod bfq
	else
		same_inside
	fi
}

@test "rdma.max" {
	needs_root
	local device
	device=$(find /sys/class/infiniband -mindepth 1 -printf '%f\n' -quit 2>/dev/null || true)
	[ -n "$device" ] || skip "there is no RDMA device here"
	resources '{rdma: {($device): {hcaHandles: 2, hcaObjects: 2000}}}' --arg device "$device"
	running
	file_is rdma.max "$device hca_handle=2 hca_object=2000"
	same_inside
}

@test "more processes than pids.max cannot be, and cpu.max throttles" {
	resources '{pids: {limit: 5}, cpu: {quota: 20000, period: 100000}}'
	in_container 'n=0; until grep "^nr_throttled [1-9]" /sys/fs/cgroup/cpu.stat || [ $n = 200 ]; do n=$((n + 1)); done
		grep "^throttled_usec [1-9]" /sys/fs/cgroup/cpu.stat
		for n in 1 2 3 4 5 6; do sleep 100 & done; echo made all'
	has '^nr_throttled [1-9]'
	has '^throttled_usec [1-9]'
	has "can't fork"
	has_not 'made all'
}

@test "more memory than memory.max is killed, and state, events and the log tell" {
	resources '{memory: {limit: 16777216, swap: 16777216}}'
	writable
	running 'until [ -e /go ]; do sleep 0.1; done; exec tail /dev/zero'
	rt_background events --interval 1h "$ID" >"$T/events" 2>&1 </dev/null
	sleep 2
	touch "$ROOTFS/go"
	eventually status_is stopped
	wait $! || true
	if [ "${CGROUP_DRIVER:-}" = systemd ] && is_rootless; then
		# the cgroup goes with the process; what is left is systemd's word in the journal
		"${AS_USER[@]}" journalctl --quiet --lines 1 "USER_UNIT=berth-$ID.scope" | grep -q . || skip "the user may not read the journal here"
	fi
	jq -e '.type == "oom"' "$T/events"
	# the scope that systemd-run made goes with the last process, and the container's cgroup in it
	[ "${CGROUP_DRIVER:-}" = systemd ] || ! is_rootless || return 0
	rt state "$ID" >"$T/stopped"
	jq -e '.oom.kills >= 1 and .oom.limit == 16777216' "$T/stopped"
	[ "${CGROUP_DRIVER:-}" = systemd ] || jq -e '.oom.peak > 8000000' "$T/stopped"
	run rt delete "$ID"
	[ "$status" = 0 ]
	has "warning: container $ID: the OOM killer ended [1-9][0-9]* of its processes \(memory limit 16777216 bytes"
}

@test "io.max throttles on the scratch disk" {
	resources '{blockIO: {throttleWriteBpsDevice: [$disk + {rate: 524288}]}}'
	edit '.mounts += [{destination: "/disk", type: "bind", source: $dir, options: ["bind", "rw"]}]' --arg dir "$T"
	# 4 MiB at 0.5 MiB/s, of which the first second's worth may go at once
	inside 's=$(date +%s); dd if=/dev/zero of=/disk/blob bs=256k count=16 conv=fsync 2>/dev/null; echo took $(($(date +%s) - s))'
	[ "${output##*took }" -ge 6 ] || failed "$output"
}

@test "a device that is not allowed gives EPERM, also after an update; without privilege the rules are passed over" {
	if is_rootless; then
		resources '{devices: [{allow: false}]}'
		inside ': >/dev/null && echo null'
		has '^null$'
		return
	fi
	local programs device='$disk + {type: "b"}' look='(head -c 1 /dev/disk >/dev/null && echo read); (: >>/dev/disk) && echo written; : >/dev/null && echo null'
	resources "{devices: [{allow: false}, ($device + {allow: true, access: \"r\"})]}"
	edit '.linux.devices = [$disk]' --argjson disk "{\"path\": \"/dev/disk\", \"type\": \"b\", \"major\": ${DISK%:*}, \"minor\": ${DISK#*:}}"
	running
	run rt exec "$ID" sh -c "$look"
	is $'read\nsh: can\'t create /dev/disk: Operation not permitted\nnull'
	programs=$(device_programs)
	edit '.linux.resources.devices |= [.[0], .[1] + {access: "w"}]'
	jq .linux.resources "$BUNDLE/config.json" | rt update --resources - "$ID"
	[ "$(device_programs)" = "$programs" ]
	run rt exec "$ID" sh -c "$look"
	is $'head: /dev/disk: Operation not permitted\nwritten\nnull'
	rt delete --force "$ID"
	[ "$(device_programs)" = $((programs - 1)) ]
}

@test "pause freezes, resume thaws, events reports, a paused one is deleted" {
	resources '{memory: {limit: 67108864}}'
	running 'while :; do sleep 0.1; done'
	rt pause "$ID"
	status_is paused
	grep -qx 'frozen 1' "$CGROUP/cgroup.events"
	rt resume "$ID"
	status_is running
	rt events --stats "$ID" >"$T/stats"
	jq -e '.data.memory.usage.limit == 67108864 and .data.cpu.usage.total > 0 and .data.pids.current >= 1' "$T/stats"
	rt pause "$ID"
	rt delete --force "$ID"
	[ ! -e "$CGROUP" ]
}

has_processes()
{
	[ "$(wc -l <"$CGROUP/cgroup.procs")" -ge "$1" ]
}

# tests/cli/cgroup.bats has it with 500, which is too much for an emulated processor
@test "a hundred forking processes are killed and deleted in one call, paused or not" {
	local paused
	resources '{pids: {limit: 300}}'
	for paused in no yes; do
		running 'n=0; while [ $n -lt 100 ]; do while :; do (:); done & n=$((n + 1)); done 2>/dev/null; wait'
		eventually has_processes 100
		[ $paused = no ] || rt pause "$ID"
		rt delete --force "$ID"
		[ ! -e "$CGROUP" ]
		nothing_left
	done
}

@test "many containers made and deleted at once, several rounds" {
	local round n pids errors=0
	resources '{pids: {limit: 50}}'
	sh_c exit
	for ((round = 0; round < ${ROUNDS:-2}; round++)); do
		pids=()
		for ((n = 0; n < ${AT_ONCE:-10}; n++)); do
			rt run --bundle "$BUNDLE" "$ID-$n" >>"$T/out" 2>&1 &
			pids+=($!)
		done
		for n in "${pids[@]}"; do
			wait "$n" || errors=$((errors + 1))
		done
	done
	[ $errors = 0 ] || failed "$(cat "$T/out")"
	nothing_left
}

@test "a failed create leaves nothing" {
	resources '{memory: {limit: 67108864}, unified: {"memory.high": "x"}}'
	run rt create --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'linux.resources.unified: "x": write memory.high: Invalid argument'
	nothing_left
	resources '{memory: {limit: 67108864}}'
	edit '.process.args = ["/missing"]'
	run rt create --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	nothing_left
}

@test "the smallest memory.max that /bin/true starts with is 512 KiB or less" {
	needs_root
	resources '{memory: {limit: 524288, swap: 524288}}'
	edit '.process.args = ["/bin/true"]'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 0 ] || failed "$status: $output"
}

@test "limits without a delegated cgroup: the error tells how to get one" {
	is_rootless || skip "for ordinary users"
	RT_ENV=("${OUTSIDE[@]}")
	resources '{pids: {limit: 50}}'
	run rt run --bundle "$BUNDLE" "$ID"
	[ "$status" = 1 ]
	has 'systemd-run --user --scope'
	nothing_left
}

@test "no unit, no cgroup, no device program is left of all that" {
	[ "$(device_programs)" = 0 ]
	[ -z "$(find /sys/fs/cgroup -name 'berth*' ! -path '*/run-*' -o -name 't[0-9]*-*')" ]
	[ "${CGROUP_DRIVER:-}" != systemd ] || [ -z "$("${SYSTEMCTL[@]}" list-units --all --plain --no-legend "berth-t*")" ]
}
