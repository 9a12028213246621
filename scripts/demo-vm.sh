#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What "make demo" shows, inside the virtual machine. DEMO_FW chooses the
# firmware release.

fw=${DEMO_FW:-570.144}
out=$NOVABPF_OUT
trace=$out/gsp-trace.txt
bpf=build/bpf/sched
gpu=/sys/class/novabpf/gpu0

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }

show() {
	echo "\$ $*"
	"$@" || exit
}

# The same, kept in FILE for the table at the end.
show_kept() { # FILE COMMAND...
	echo "\$ ${*:2}"
	"${@:2}" >"$1"
	local status=$?
	cat "$1"
	((status == 0)) || exit $status
}

# On a loaded machine bpftrace was seen to stay after SIGINT; all is in its file by then.
stop_tracer() {
	for _ in {1..3}; do
		kill -INT "$tracer" 2>/dev/null
		timeout 10 tail --pid="$tracer" -f /dev/null && break
	done
	kill -KILL "$tracer" 2>/dev/null && echo "(bpftrace did not end by itself.)"
	wait "$tracer" 2>/dev/null
}

# GPU time passes only while there is work, and then quickly.
busy_meanwhile() { # FILE SECONDS: tenants work for so much GPU time, in the background
	echo "\$ novabpf load demo --duration $2 &"
	novabpf load demo --duration "$2" >"$1" &
	load=$!
	for _ in {1..100}; do
		[[ $(cat $gpu/vgpu4/stats/runs 2>/dev/null) -gt 10 ]] && return
		sleep 0.1
	done
	echo "the load did not start"
	exit 1
}

side_by_side() { # BEFORE AFTER: the columns of the tenants that tell the difference
	awk 'FNR == 1 { file++ }
	     /^TENANT/ { for (i = NF; i > 0; i--) col[$i] = i }
	     /^(desktop|game|resnet50|batch) / {
		if (file == 1)
			name[++n] = $1
		policy[file] = $2
		wait[file, $1] = $col["P99"]
		late[file, $1] = $col["MISS%"]
		work[file, $1] = $col["WORK_MS"]
	     }
	     END {
		printf "%-10s|%26s |%26s |%26s\n", "", "99 % of waits end in, ms",
			"deadlines missed, %", "work, ms"
		printf "%-10s", "tenant"
		for (i = 0; i < 3; i++)
			printf "|%14s%12s ", policy[1], policy[2]
		print ""
		for (i = 1; i <= n; i++)
			printf "%-10s|%14s%12s |%14s%12s |%14s%12s\n", name[i],
				wait[1, name[i]], wait[2, name[i]], late[1, name[i]],
				late[2, name[i]], work[1, name[i]], work[2, name[i]]
	     }' "$1" "$2"
}

say "The core. It drives nothing by itself: a backend brings GPUs."
show modprobe novabpf

say "bpftrace watches every call to the firmware (this compiles for some seconds)."
echo "\$ tools/bpftrace/gsp-trace.bt &"
tools/bpftrace/gsp-trace.bt >"$trace" 2>&1 &
tracer=$!
for _ in {1..600}; do
	grep -q ^TIME "$trace" && break
	kill -0 "$tracer" 2>/dev/null || { cat "$trace"; exit 1; }
	sleep 0.1
done
sleep 2

say "A simulated GPU boots firmware $fw over real message queues."
show modprobe novabpf_sim "fw=$fw"
show novabpf gpu list

say "Two threads call the firmware; each knows what every answer must be."
show modprobe novabpf_test "release=$fw" threads=2 calls=20
show cat /sys/kernel/debug/novabpf_test/result
show rmmod novabpf_test

say "Clean unload: the firmware is told, it acknowledges, its memory is given back."
show rmmod novabpf_sim

say "What bpftrace saw: the boot, the calls with their times, the unload."
sleep 1
stop_tracer
cat "$trace"

say "The same modules, another release: other layouts, headers, order of the boot."
show modprobe novabpf_sim fw=595.45.04
show novabpf gpu show gpu0
show rmmod novabpf_sim novabpf

if ! grep -qw __register_bpf_struct_ops /proc/kallsyms; then
	say "Kernel $(uname -r) takes no policies in BPF (6.9 and later do): this is the end."
	exit 0
fi

say "Four vGPUs share a GPU: somebody waits for three of them, the fourth is a batch code."
echo "The clock of this GPU is virtual: it jumps to the next event, so that seconds of GPU"
echo "time need not be waited for, and each run repeats to the digit."
show modprobe novabpf_sim "fw=$fw" clock=virtual
show sed '/^#/d; /^$/d' tools/load/demo.load

say "Before: best effort. The batch code has four channel groups, so four slices a turn."
show_kept "$out/before.txt" novabpf load demo

say "A policy in BPF takes over while they work: fair, which divides by weight."
busy_meanwhile "$out/during.txt" 30
show novabpf attach $bpf/fair.bpf.o
sleep 1
show novabpf status
wait $load || exit

say "After: the same mix, the same arrivals, to the digit."
show_kept "$out/after.txt" novabpf load demo
say "Before and after."
side_by_side "$out/before.txt" "$out/after.txt"
show novabpf detach

say "A policy that starves vGPU 2 takes over. Who waits for a second is starved."
busy_meanwhile "$out/starved.txt" 30
show novabpf attach $bpf/fair.bpf.o --set fault_stall_gfid=2
for _ in {1..300}; do
	[[ $(<$gpu/sched/state) == faulted ]] && break
	sleep 0.1
done

say "It was ejected. The reason can be read, and the built-in policy decides."
show novabpf status
[[ $(<$gpu/sched/exit_kind) == 1027 ]] || { echo "it was not ejected"; exit 1; }

say "The tenants went on to the end; the second that the game stood still is in its waits."
wait $load || exit
cat "$out/starved.txt"
show novabpf sched reset gpu0

say "Who had the engine, as a picture for a browser: ${out#"$PWD"/}/sched.svg."
show novabpf trace sched --svg "$out/sched.svg" -- \
	novabpf load demo --duration 0.1 --warmup 0 --policy $bpf/fair.bpf.o

say "Clean unload."
show rmmod novabpf_sim novabpf

say "Nothing is left loaded."
! lsmod | grep '^novabpf'
