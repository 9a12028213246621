#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A firmware that fails is reset and booted again: what its callers, the vGPUs, the
# other GPU and the operator see of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 20

v() { cat "$gpu/$1" 2>/dev/null; }
param() { echo "$2" >"/sys/module/novabpf/parameters/$1"; }

serving() { [[ $(v counters/recoveries) == "$1" && $(v state) == ready ]]; }

load_sim fw=580.95.05 clock=virtual gpus=2
echo type=NOVA-test name=a >"$gpu/vgpu_create"
echo type=NOVA-test name=b >"$gpu/vgpu_create"
echo type=NOVA-test name=c >/sys/class/novabpf/gpu1/vgpu_create

# Three calls in a row time out.
mark=$(dmesg_mark)
fault mute on
run_load 580.95.05 threads=1 calls=4 posts=0
succeeds "after three timeouts in a row the GPU is reset and serves again" wait_for 20 serving 1
succeeds "calls are answered" still_works 580.95.05
is "$(v vgpu1/state) $(v vgpu2/state)" "error error" "its vGPUs are in error"
like "$(v vgpu1/failure)" "the GPU was reset: 3 calls in a row timed out" "and say why"
is "$(cat /sys/class/novabpf/gpu1/vgpu1/state) $(cat /sys/class/novabpf/gpu1/counters/recoveries)" \
	"ready 0" "the other GPU goes on"
like "$(dmesg_since "$mark")" "in service again after" "the log says that it is over"
succeeds "a vGPU is made anew" sh -c "echo 1 >$gpu/vgpu1/reset"
is "$(v vgpu1/state)" ready "and is ready"
succeeds "another is destroyed" sh -c "echo b >$gpu/vgpu_destroy"
succeeds "and created again" sh -c "echo type=NOVA-test gfid=2 >$gpu/vgpu_create"
is "$(v vgpu2/state)" ready "with the same gfid"

fault halt
succeeds "a halt is recovered from" wait_for 20 serving 2
echo 1 >"$gpu/vgpu1/reset"
echo 500 >/sys/module/novabpf/parameters/vgpu_boot_timeout_ms
fault plugin mute 1
echo type=NOVA-test name=q >"$gpu/vgpu_create"
is "$(v vgpu3/state) $(v vgpu_quarantined)" "quarantined 1" "a vGPU in quarantine"
succeeds "a reset on request" sh -c "echo 1 >$gpu/recover"
is "$(v vgpu3/state) $(v vgpu_quarantined)" "error 0" "takes it out of quarantine"
succeeds "and it can be destroyed" sh -c "echo q >$gpu/vgpu_destroy"
param recoveries_max 1
fault halt
succeeds "reset within the limit" wait_for 20 serving 4
fault halt
succeeds "not more often than the limit" wait_for 20 grep -q failed "$gpu/state"
like "$(v failure)" "halted.*; was reset 1 times within 10 minutes, not again" "and says why"
succeeds "until it is asked for" sh -c "echo 1 >$gpu/recover"
param recoveries_max 3
unload_all
