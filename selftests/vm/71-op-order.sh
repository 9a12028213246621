#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every operation of a policy is called, in its turn, while vGPUs come, work and go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/selftests/bpf
[[ -x $bpf/order ]] || skip_all "not built: make test-programs"
needs_struct_ops

# Two vGPUs, a batch one and an interactive one, work at the same time.
scene() {
	local gpu=/sys/class/novabpf/gpu0 type gfid

	type=$(ls "$gpu/vgpu_types" | head -n 1)
	echo "type=$type gfid=1 priority=0" >"$gpu/vgpu_create" &&
		echo "type=$type gfid=2 priority=2" >"$gpu/vgpu_create" &&
		echo 200 >"$gpu/vgpu1/weight" &&
		"$bpf/work" 300 1 2 &&
		echo 1 >"$gpu/vgpu_destroy" &&
		echo 2 >"$gpu/vgpu_destroy"
}

load_sim
[[ -e $gpu/vgpu_create ]] || { unload_all; skip_all "this core has no vGPUs"; }
export bpf
export -f scene
# It plans and counts by itself.
trap - EXIT
"$bpf/order" "$bpf/maximal.bpf.o" bash -c scene
status=$?
unload_all || status=1
exit $status
