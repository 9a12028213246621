#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two hostile users of vGPUs by VFIO beside a neighbour who works. FUZZ_SECONDS (20) and
# FUZZ_SEED (1) come from "make fuzz-vfio". Exit status 1 where something was wrong.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 12

seconds=${FUZZ_SECONDS:-20} seed=${FUZZ_SEED:-1}
alone=$((seconds < 100 ? seconds / 4 + 3 : 30))
types=$gpu/device/mdev_supported_types
fuzz=build/selftests/vfio/vfio_fuzz
tracing=/sys/kernel/tracing/instances/vfio_fuzz
out=$NOVABPF_OUT
uuid() { echo "11111111-2222-3333-4444-55555555560$1"; }
failed=0
must() { "$@" || failed=1; }
ended() { # PID NAME: with status 0
	wait "$1"
	must is $? 0 "$2"
}

memory_kb() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(Slab|VmallocUsed|Percpu|KernelStack):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# How long vGPU 1 waited for the engine each time, in ns of the GPU's clock. What is
# lost of the trace makes no wait.
waits() {
	awk '
		/LOST/ { since = 0; next }
		{
			for (i = 1; i <= NF; i++)
				if (split($i, kv, "=") == 2)
					f[kv[1]] = kv[2]
			event = $0
			sub(/.*: sched_/, "", event)
			sub(/:.*/, "", event)
		}
		f["engine"] != 1 { next }
		event == "runnable" && f["gfid"] == 1 {
			wants = 1
			if (!on && !since)
				since = f["now_ns"]
		}
		event == "quiescent" && f["gfid"] == 1 { wants = since = 0 }
		event == "switch" && f["gfid"] == 1 {
			if (since)
				printf "%.0f\n", f["now_ns"] - since
			since = 0
			on = 1
		}
		event == "switch" && f["prev_gfid"] == 1 && f["gfid"] != 1 {
			on = 0
			since = wants ? f["now_ns"] : 0
		}' | sort -n >"$1"
}

watch() { # NAME: until unwatch
	cat $tracing/trace_pipe > >(waits "$out/waits.$1") &
	reader=$!
}
unwatch() { # NAME: sets waited, p50, p99, worst
	kill $reader
	wait $reader 2>/dev/null
	wait_for 60 test -s "$out/waits.$1"
	waited=$(wc -l <"$out/waits.$1")
	p50=$(sed -n "$((waited / 2 + 1))p" "$out/waits.$1")
	p99=$(sed -n "$((waited * 99 / 100 + 1))p" "$out/waits.$1")
	worst=$(tail -n 1 "$out/waits.$1")
	echo "# $1: $waited waits, median $p50, p99 $p99, longest $worst ns of GPU time"
}

neighbour() { # SECONDS: sets pid
	"$fuzz" neighbour "$seed" "$1" "$(uuid 1)" >"$out/neighbour" &
	pid=$!
	wait_for 60 grep -q open "$out/neighbour"
}

# Turns of its own, whether others use theirs or not.
load_sim clock=virtual fb_mb=24576
succeeds "the module loads" modprobe novabpf_vfio
# What odd seeds do to pinned rings, even ones do to copied ones; lockdep would report
# the type 1 IOMMU.
if ((seed % 2)) && [[ ! -e /proc/lockdep ]]; then
	echo Y >/sys/module/novabpf_vfio/parameters/pin_rings
fi
echo fixed-share >$gpu/sched/builtin
for i in 1 2 3; do uuid $i >$types/novabpf_sim-NOVA-4Q/create; done
is "$(cat $gpu/vgpu1/type $gpu/vgpu3/type)" $'NOVA-4Q\nNOVA-4Q' "three vGPUs"
mkdir $tracing
echo 8192 >$tracing/buffer_size_kb
for event in sched_runnable sched_quiescent sched_switch; do
	echo 1 >$tracing/events/novabpf/$event/enable
done

neighbour $alone
watch alone
ended $pid "alone, the neighbour's work is done"
unwatch alone
p99_alone=$p99 waited_alone=$waited
"$fuzz" hostile "$((seed + 1000000))" 3 "$(uuid 2)" >/dev/null 2>&1
before=$(memory_kb)

neighbour $((seconds + 2))
watch beside
"$fuzz" hostile "$seed" "$seconds" "$(uuid 2)" >"$out/hostile.2" 2>&1 &
h2=$!
"$fuzz" hostile "$((seed + 500000))" "$seconds" "$(uuid 3)" >"$out/hostile.3" 2>&1 &
h3=$!
ended $h2 "a hostile user: every call ends, its vGPU is never lost"
ended $h3 "so it is with another"
sed 's/^/# /' "$out"/hostile.[23]
must like "$(cat "$out"/hostile.[23])" "done [1-9][0-9]*.*done [1-9]" "some of what they asked for was work"
ended $pid "beside them all of the neighbour's work is done, and nothing of it touched"
unwatch beside
echo "# $(tail -n 1 "$out/neighbour")"
must is "$((waited_alone > 30 && waited > 30))" 1 "it waited often enough to tell"
must is "$((p99 * 10 <= p99_alone * 11))" 1 "99 % of its waits are as short as alone, within 10 %"

rmdir $tracing
for i in 1 2 3; do echo 1 >"/sys/bus/mdev/devices/$(uuid $i)/remove"; done
must is "$(cat $gpu/vgpu_count $gpu/vgpu_quarantined)" $'0\n0' "nothing is left of them"
after=$(memory_kb)
echo "# kernel memory: $((after - before)) KiB more"
must is "$((after - before < 8192))" 1 "kernel memory does not grow"
must succeeds "all unloads" unload_all
exit $failed
