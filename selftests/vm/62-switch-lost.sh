#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A control of a switch whose answer is lost: once it is asked again, and the vGPU stays
# in turn; where no answer ever comes the vGPU is given up, and the other goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
ask=$top/build/selftests/bpf/hook/ask.bpf.o
work=$top/build/selftests/bpf/work
[[ -e $ask && -x $work ]] || skip_all "not built: make test-programs"
needs_struct_ops
plan 10
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

given_up() { dmesg_since "$mark" | grep -c 'is not scheduled any more'; }
retries() { awk '$1 == "switch_retries" { print $2 }' $gpu/sched/events; }
runs() { cat $gpu/vgpu$1/stats/runs; }

for release in 580.95.05 570.144; do
	load_sim fw=$release clock=virtual
	set_timeout 200
	echo 1 >/sys/module/novabpf/parameters/allow_injection
	echo 0 >/sys/module/novabpf/parameters/rpc_timeouts_reset
	echo type=NOVA-test gfid=1 >$gpu/vgpu_create
	echo type=NOVA-test gfid=2 >$gpu/vgpu_create
	for cmd in 0xa06c0101 0xa06c0103 0xa06c0105; do
		mark=$(dmesg_mark)
		# Told anew where they change, and short enough that there are preemptions.
		slice=$((slice == 1000 ? 2000 : 1000))
		echo $slice >$gpu/sched/slice_us
		asked=$(retries)
		# The 2nd call of that kind is answered, and nobody hears of it.
		novabpf attach "$ask" --set phase=1 --set action=5 --set nth=2 \
			--set cmd=$cmd >/dev/null
		"$work" 3000 1 2 >/dev/null
		before="$(runs 1) $(runs 2)"
		"$work" 1000 1 2 >/dev/null
		is "$(given_up) $((${before% *} < $(runs 1) && ${before#* } < $(runs 2))) \
$(($(retries) - asked))" "0 1 1" "$release: a lost answer to $cmd: asked again, both go on"
		novabpf detach gpu0 --hook ask >/dev/null
	done
	mark=$(dmesg_mark)
	novabpf attach "$ask" --set phase=1 --set action=5 --set cmd=0xa06c0101 \
		>/dev/null
	"$work" 3000 1 2 >/dev/null
	is "$(given_up)" 2 "$release: no answer ever: both are given up"
	novabpf detach gpu0 --hook ask >/dev/null
	echo 1 >$gpu/recover
	echo 1 >$gpu/vgpu1/reset
	before=$(runs 1)
	"$work" 1000 1 >/dev/null
	is "$((before < $(runs 1)))" 1 "$release: made anew it has its turns"
	unload_all
done
