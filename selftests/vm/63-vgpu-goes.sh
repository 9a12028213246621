#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A GPU that goes while others make, start and end its vGPUs: who was first ends them, and
# who comes too late is told so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
needs_struct_ops
plan 13

v() { cat "$gpu/$1" 2>/dev/null || echo gone; }
slow_end() { # GFID TIME
	novabpf inject add "cmd=0x20804008 gfid=$1 phase=reply action=late time=$2 times=1" >/dev/null
}
begin() { # Two vGPUs, the first of which takes its time to end
	load_sim fb_mb=24576
	echo 1 >/sys/module/novabpf/parameters/allow_injection
	novabpf vgpu create 0 NOVA-4Q --count 2
	slow_end 1 2s
}
gone() { [[ ! -d $gpu ]]; }
# shellcheck disable=SC2329 # called by name
closing() { [[ $(v "vgpu$1/state") == closing ]]; }

mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

# One that is being destroyed when the GPU's own end comes to it
begin
slow_end 2 4s
echo 2 >"$gpu/vgpu_destroy" &
destroy=$!
succeeds "a vGPU is being destroyed" wait_for 10 closing 2
rmmod novabpf_sim &
rmmod=$!
wait $rmmod
is $? 0 "its GPU goes meanwhile"
wait $destroy
is $? 0 "the vGPU was destroyed"
succeeds "the GPU is gone" gone

# Others come while the GPU ends its first vGPU. Those who come before it waits for who is
# inside do what they want; the others are told that it goes.
begin
slow_end 2 4s
rmmod novabpf_sim &
rmmod=$!
succeeds "a GPU goes" wait_for 10 closing 1
like "$(echo 2 2>&1 >"$gpu/vgpu_destroy")" "No such device" "to destroy a vGPU fails with ENODEV"
like "$(dmesg | tail -n 5)" "vgpu_destroy: the GPU goes" "and the log says why"
like "$(echo type=NOVA-4Q 2>&1 >"$gpu/vgpu_create")" "No such device" "so does to create one"
like "$(echo 1 2>&1 >"$gpu/vgpu2/reset")" "No such device" "and to reset one"
wait $rmmod
is $? 0 "it is gone"

# The rules of a GPU that is gone
find /sys/fs/bpf/novabpf -depth -delete

# Many at once, in any order
load_sim fb_mb=24576
novabpf vgpu create 0 NOVA-test --count 12
for g in {1..12}; do
	echo "$g" 2>/dev/null >"$gpu/vgpu_destroy" &
	echo "$((13 - g))" 2>/dev/null >"$gpu/vgpu_destroy" &
	echo "type=NOVA-test gfid=$((g + 12))" 2>/dev/null >"$gpu/vgpu_create" &
	echo 1 2>/dev/null >"$gpu/vgpu$g/reset" &
done
rmmod novabpf_sim
is $? 0 "a GPU goes with steps of all its vGPUs under way"
wait
succeeds "nothing of it stays" gone
succeeds "all unloads" unload_all
