# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016 # scripts for the container's shell
#
# common.bash: what the command lines of docker and podman have in common. Whoever sources it has
#
#	P ...		the engine
#	R ...		P run --rm, without a network
#	ROOT		yes: the engine has root's privilege
#	LIMITS		no: there is no cgroup to be had

state_is() # NAME STATUS
{
	[ "$(P inspect --format '{{.State.Status}}' "$1")" = "$2" ]
}

logged() # NAME PATTERN
{
	P logs "$1" 2>&1 | grep -q "$2"
}

run_failures()
{
	ends 'run: no such command' 127 R busybox /no/such
	ends 'run: no such command in PATH' 127 R busybox nosuchcommand
	ends 'run: a directory cannot be executed' 126 R busybox /etc
	ends 'run: a file that is not executable' 126 R busybox /etc/plain
	fails 'run: a script whose interpreter is missing' 'no such file' R busybox /etc/script
	fails 'run: a file that is no program' 'exec format' R busybox /etc/garbage
	fails 'run: a bind mount of what does not exist' 'no such file|does not exist' R --mount type=bind,src=/no/such,dst=/mnt busybox true
	fails 'run: a parameter of the host kernel' 'sysctl|not allowed|separate kernel namespace' R --sysctl kernel.panic=5 busybox true
}

run_basics()
{
	says 'run: output' '^hello$' R busybox echo hello
	ends 'run: exit status' 42 R busybox sh -c 'exit 42'
	ends 'run: ended by a signal' 137 R --pid host busybox sh -c 'kill -9 $$'
	says 'run -i: standard input' '^through$' eval 'echo through | R -i busybox cat'
	says 'run -i: all of standard input and output' '^1000000$' eval 'head -c 1000000 /dev/zero | R -i busybox cat | wc -c'
	says 'run: standard output and error apart' '^out$' eval 'R busybox sh -c "echo out; echo err >&2" 2>/dev/null'
	not_said 'run: standard error alone' '^err$'
	says 'run -t: a terminal' '/dev/pts/0' R -t busybox sh -c 'tty; stty -a; ls -l /dev/console'
	also 'run -t: /dev/console is it' '^c.* 136, +[0-9]+ .* /dev/console'
}

# what a container is like where nothing was asked for
run_defaults()
{
	says 'run: seccomp is on' '^Seccomp:.2$' R busybox sh -c 'cat /proc/self/status; ls -l /dev /dev/fd/; cat /proc/mounts; umask
		echo pid $$; cat /proc/timer_list /proc/keys 2>/dev/null | wc -c | sed "s/^/masked /"; tty; readlink /proc/self/ns/user
		touch /proc/sys/kernel/panic 2>&1; echo 1 2>&1 >/proc/sys/kernel/panic; mkdir /sys/fs/cgroup/x 2>&1; cat /proc/self/cgroup
		mknod /tmp/x b 254 0 && cat /tmp/x 2>&1; echo x >/dev/null && echo null works; ls /proc/self/fd | wc -l | sed "s/^/fds /"
		mount -t tmpfs x /mnt 2>&1; ps | wc -l | sed "s/^/processes /"; wc -c </proc/1/environ; test -w / && echo root is writable'
	also 'run: no inheritable capabilities' '^CapInh:.0000000000000000$'
	also 'run: no ambient capabilities' '^CapAmb:.0000000000000000$'
	also 'run: some capabilities' '^CapEff:.000000000?[1-9a-f]'
	also 'run: devices' ' /dev/full|1, +7 .* full$'
	also 'run: /dev/fd' 'fd -> /proc/self/fd'
	also 'run: /dev/ptmx' 'ptmx -> (/dev/)?pts/ptmx'
	also 'run: a shared memory file system' '^shm /dev/shm tmpfs rw'
	also 'run: a queue file system' ' /dev/mqueue mqueue rw'
	also 'run: umask' '^0022$'
	also 'run: process 1' '^pid 1$'
	also 'run: masked paths are empty' '^masked 0$'
	also 'run: no terminal' '^not a tty$'
	also 'run: parameters of the kernel are read-only' 'kernel/panic: Read-only file system'
	also 'run: cgroup file system is read-only' "can't create directory '/sys/fs/cgroup/x': Read-only"
	[ "${LIMITS:-yes}" = no ] || also 'run: its own cgroup is the root of what it sees' '^0::/$'
	also 'run: other devices are denied' "mknod: /tmp/x: Operation not permitted|can't open '/tmp/x': Operation not permitted"
	also 'run: /dev/null' '^null works$'
	also 'run: no more open files than it should have' '^fds 4$'
	also 'run: mounting is denied' 'mount: permission denied|mount: mounting x on /mnt failed: (Permission denied|Operation not permitted)'
	also 'run: the root is writable' '^root is writable$'
}

run_options()
{
	# no network, since a user namespace owns one that it makes itself
	says 'run --env' '^A=1$' R -e A=1 -w /tmp -h box -u 1000:1000 --group-add 7 --ulimit nofile=77:77 --ulimit nproc=500:600 \
		--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=9000 --oom-score-adj 500 --shm-size 1m --add-host a.b:10.1.2.3 \
		--tmpfs /data:size=1m,mode=1777 --security-opt no-new-privileges --read-only --cap-drop all --cap-add net_bind_service \
		busybox sh -c 'env; pwd; hostname; id; echo nofile $(ulimit -n); grep processes /proc/self/limits; cat /proc/sys/net/ipv4/ip_forward | sed "s/^/forward /"
		cat /proc/sys/kernel/msgmax; cat /proc/self/oom_score_adj; cat /proc/mounts; cat /etc/hosts; cat /proc/self/status
		touch /x 2>&1; touch /data/x 2>&1 && echo tmpfs is writable; stat -c %a /data'
	also 'run --workdir' '^/tmp$'
	also 'run --hostname' '^box$'
	also 'run --user' '^uid=1000.* gid=1000'
	also 'run --group-add' '^uid=1000.*groups=.*\b7\b'
	also 'run --ulimit' '^nofile 77$'
	also 'run --ulimit: soft and hard' '^Max processes +500 +600 '
	also 'run --sysctl of the network' '^forward 1$'
	also 'run --sysctl of ipc' '^9000$'
	also 'run --oom-score-adj' '^500$'
	also 'run --shm-size' '/dev/shm .*size=1024k'
	also 'run --add-host' '10.1.2.3.*a.b'
	also 'run --tmpfs' 'tmpfs /data tmpfs rw.*size=1024k'
	also 'run --tmpfs is writable' '^tmpfs is writable$'
	also 'run --security-opt no-new-privileges' '^NoNewPrivs:.1$'
	also 'run --read-only' 'touch: /x: Read-only file system'
	also 'run --cap-drop all --cap-add: bounding set' '^CapBnd:.0000000000000400$'
	also 'run --cap-drop all --cap-add, not root: nothing but what was asked for' '^CapEff:.0000000000000[04]00$'
	says 'run --security-opt seccomp=unconfined' '^Seccomp:.0$' R --security-opt seccomp=unconfined --pid host --ipc host --uts host \
		--cap-drop chown --entrypoint /bin/sh busybox -c 'grep -E "Seccomp:|CapBnd" /proc/self/status; hostname; readlink /proc/self/ns/ipc; readlink /proc/self/ns/pid'
	also 'run --uts host' "^$(hostname)\$"
	also 'run --ipc host' "^$(readlink /proc/self/ns/ipc | sed 's/[][]/\\&/g')\$"
	also 'run --pid host' "^$(readlink /proc/self/ns/pid | sed 's/[][]/\\&/g')\$"
	also 'run --cap-drop' '^CapBnd:.*[02468ace]$'
	says 'run --privileged: all capabilities of the caller' '^CapEff:.00000[01][0-9a-f]*ff' R --privileged busybox sh -c \
		'cat /proc/self/status; mount -t tmpfs x /mnt && grep /mnt /proc/mounts; grep -c " /proc/.* ro," /proc/mounts || true'
	also 'run --privileged: no seccomp' '^Seccomp:.0$'
	also 'run --privileged: mounting' '^x /mnt tmpfs'
	also 'run --privileged: nothing is masked' '^0$'
	says 'run --init' '^init .*(tini|docker-init|catatonit|podman-init|/dev/init)' R --init busybox sh -c 'echo init $(tr "\0" " " </proc/1/cmdline)'
	says 'run --network host' "^$(readlink /proc/self/ns/net | sed 's/[][]/\\&/g')\$" P run --rm --network host --dns 10.9.8.7 busybox sh -c 'readlink /proc/self/ns/net; cat /etc/resolv.conf'
	also 'run --dns' '10.9.8.7'
	says 'run --annotation or --label' '^x$' R --label a=b busybox echo x
}

run_volumes()
{
	mkdir -p "$DIR/v/sub" "$DIR/v2"
	echo outside >"$DIR/v/sub/file"
	chmod -R 777 "$DIR/v" "$DIR/v2"
	says 'run -v: read-only' 'touch: /ro/x: Read-only file system' R -v "$DIR/v:/v" -v "$DIR/v:/ro:ro" -v "$DIR/v/sub/file:/etc/one:ro" -v named:/named \
		--mount "type=bind,src=$DIR/v2,dst=/v/new/deep,readonly" --mount type=tmpfs,dst=/t,tmpfs-size=2m -v "$DIR/v2:/p:rshared" \
		busybox sh -c 'touch /ro/x 2>&1; cat /etc/one; touch /v/new/deep/x 2>&1; echo written >/v/f; echo kept >/named/f; cat /proc/self/mountinfo; touch /etc/one 2>&1 || true'
	also 'run -v: a file' '^outside$'
	also 'run -v: a file, read-only' 'touch: /etc/one: Read-only'
	also 'run --mount: a new directory below a volume, read-only' 'touch: /v/new/deep/x: Read-only'
	also 'run --mount type=tmpfs' ' /t .* tmpfs .*size=2048k'
	also 'run -v: propagation' ' /p .* (shared|master):'
	does 'run -v: what was written is outside' grep -q written "$DIR/v/f"
	says 'run -v: a named volume keeps what was written' '^kept$' R -v named:/named:ro busybox cat /named/f
}

life()
{
	does 'run -d' P run -d --name box --network none busybox sh -c 'trap "exit 3" TERM; trap "echo got usr1" USR1; echo ready; while :; do sleep 0.2; done'
	says 'ps' '^box$' P ps --format '{{.Names}}'
	eventually logged box ready
	says 'logs' '^ready$' P logs box
	says 'exec' '^in here$' P exec box echo in here
	ends 'exec: exit status' 5 P exec box sh -c 'exit 5'
	ends 'exec: ended by a signal' 137 P exec box sh -c 'kill -9 $$'
	ends 'exec: no such command' "${EXEC_MISSING:-127}" P exec box nosuch
	ends 'exec: no such file' "${EXEC_MISSING:-127}" P exec box /no/such
	ends 'exec: not executable' 126 P exec box /etc
	says 'exec --user, --env, --workdir' '^/tmp B=2 5:6$' P exec --user 5:6 -e B=2 -w /tmp box sh -c 'echo $PWD B=$B $(id -u):$(id -g); cat /proc/self/status /proc/self/cgroup; ls /proc/self/fd | wc -l | sed "s/^/fds /"; (readlink /proc/1/ns/pid; readlink /proc/self/ns/pid) | uniq | wc -l | sed "s/^/pid namespaces /"'
	also 'exec: no effective capabilities for a user' '^CapEff:.0000000000000000$'
	also 'exec: no inheritable capabilities' '^CapInh:.0000000000000000$'
	also 'exec: seccomp is on' '^Seccomp:.2$'
	[ "${LIMITS:-yes}" = no ] || also 'exec: in the cgroup of the container' '^0::/$'
	also 'exec: no more open files than it should have' '^fds 4$'
	says 'exec -t' '/dev/pts/' P exec -t box sh -c 'tty; echo uid $(stat -c %u $(tty))'
	also 'exec -t: owner of the terminal' '^uid 0$'
	says 'exec -i' '^typed$' eval 'echo typed | P exec -i box cat'
	says 'exec -i: all of a large input' '^1000000$' eval 'head -c 1000000 /dev/zero | P exec -i box cat | wc -c'
	says 'exec --privileged' '^CapEff:.00000[01][0-9a-f]*ff' P exec --privileged box grep CapEff /proc/self/status
	does 'exec -d' P exec -d box sh -c 'sleep 0.1; touch /detached; exec sleep 300'
	does 'exec -d has run' eventually P exec box test -e /detached
	says 'top' 'sleep 300' P top box
	says 'inspect: pid' '^[1-9][0-9]*$' P inspect --format '{{.State.Pid}}' box
	does 'cp into the container' P cp "$HERE/lib.bash" box:/tmp/copied
	says 'cp: it is there' 'lib.bash: how' P exec box cat /tmp/copied
	does 'cp out of the container' P cp box:/tmp/copied "$DIR/copied"
	says 'diff' '^A /tmp/copied$' P diff box
	if [ "${LIMITS:-yes}" = yes ]; then
		says 'stats' '^box [1-9][0-9.]*' P stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' box
		also 'stats: processes' '^box .* [2-9]$'
		does 'pause' P pause box
		does 'paused' state_is box paused
		fails 'exec while paused' 'paus|improper' P exec box true
		does 'unpause' P unpause box
		does 'running again' state_is box running
		says 'exec after unpause' '^alive$' P exec box echo alive
	fi
	does 'kill with a signal' P kill --signal USR1 box
	does 'kill: the signal has arrived' eventually logged box 'got usr1'
	does 'stop' P stop --time 60 box
	says 'stop: exit status' '^exited 3$' P inspect --format '{{.State.Status}} {{.State.ExitCode}}' box
	fails 'exec in a stopped one' 'not running|improper' P exec box true
	fails 'kill of a stopped one' 'not running|improper|can only kill running' P kill box
	does 'start again' P start box
	does 'restart' P restart --time 60 box
	does 'running after the restart' state_is box running
	does 'kill' P kill box
	does 'kill: it has exited' eventually state_is box exited
	says 'kill: exit status' '^137$' P inspect --format '{{.State.ExitCode}}' box
	says 'wait' '^137$' P wait box
	says 'start --attach' '^ready$' eval '(eventually state_is box running; P stop --time 60 box >&2) & P start --attach box; wait'
	does 'commit' P commit box committed
	does 'rm' P rm box
	fails 'exec: no such container' 'no (such )?container' P exec box true
	does 'create' P create --name made --network none busybox sleep 1000
	does 'start of a created one' P start made
	does 'rm --force of a running one' P rm --force made
	does 'create, never started' P create --name made --network none busybox sleep 1000
	does 'rm of a created one' P rm made
}

limits()
{
	[ "${LIMITS:-yes}" = yes ] || return 0
	says 'run --memory' '^max 67108864$' R --memory 64m --memory-swap 128m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 \
		--pids-limit 33 busybox sh -c 'cd /sys/fs/cgroup; echo max $(cat memory.max); echo swap $(cat memory.swap.max); echo low $(cat memory.low)
		echo cpu $(cat cpu.max); echo weight $(cat cpu.weight); echo cpus $(cat cpuset.cpus); echo pids $(cat pids.max); true'
	also 'run --memory-swap' '^swap (67108864|max|)$'
	also 'run --memory-reservation' '^low 33554432$'
	also 'run --cpus' '^cpu 50000 100000$'
	also 'run --cpu-shares' '^weight (20|59)$' # the formula of runc 1.1, and that of later runtimes
	also 'run --cpuset-cpus' '^cpus 0$'
	also 'run --pids-limit' '^pids 33$'
	fails 'run --pids-limit: it holds' "can't fork|Resource temporarily unavailable" R --pids-limit 5 busybox sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1; exit 0'
	P run --name oom --network none --memory 32m --memory-swap 32m busybox sh -c 'tail -c 200m /dev/zero; exec tail -c 200m /dev/zero' >/dev/null 2>&1
	says 'out of memory: exit status' '^137 ' P inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}' oom
	[ -z "${OOM_KNOWN:-}" ] || also 'out of memory: the engine knows' ' true$'
	P rm --force oom >/dev/null 2>&1
}

health()
{
	does 'health check: run' P run -d --name sick --network none --health-cmd 'test -e /etc/passwd' --health-interval "$1" busybox sleep 1000
	[ "$1" = disable ] || does 'health check: healthy' eventually eval '[ "$(P inspect --format "{{.State.Health.Status}}" sick)" = healthy ]'
}

many_execs() # NUMBER
{
	local n=$1 i pids=() limit=(--pids-limit 4096)
	[ "${LIMITS:-yes}" = yes ] || limit=()
	P run -d --name many --network none "${limit[@]}" busybox sleep 1000 >/dev/null || return 1
	for ((i = 0; i < n; i++)); do
		await_turn
		{
			[ "$(P exec many echo "number $i" 2>"$DIR/many.$i")" = "number $i" ] || echo "$i: $(cat "$DIR/many.$i")" >>"$DIR/many.failed"
		} &
		pids+=($!)
	done
	wait "${pids[@]}"
	P rm --force many >/dev/null 2>&1
	no_failures
}

many_containers() # NUMBER
{
	local n=$1 i pids=()
	for ((i = 0; i < n; i++)); do
		await_turn
		{
			[ "$(R --name "many$i" busybox echo "number $i" 2>"$DIR/many.$i")" = "number $i" ] || echo "$i: $(cat "$DIR/many.$i")" >>"$DIR/many.failed"
		} &
		pids+=($!)
	done
	wait "${pids[@]}"
	no_failures
}

no_failures()
{
	local said
	said=$(cat "$DIR/many.failed" 2>/dev/null)
	rm -f "$DIR"/many.*
	[ -z "$said" ] || echo "$said"
	[ -z "$said" ]
}
