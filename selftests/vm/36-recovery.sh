#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A firmware that fails is reset and booted again: what its callers, the vGPUs, the
# other GPU and the operator see of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 70

v() { cat "$gpu/$1" 2>/dev/null; }
result=/sys/kernel/debug/novabpf_test/result
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
is "$(v vgpu3/state) $(v vgpu_quarantined)" " 0" "frees what nobody got"
succeeds "and its gfid is used again" sh -c "echo type=NOVA-test gfid=3 >$gpu/vgpu_create"
param recoveries_max 1
fault halt
succeeds "reset within the limit" wait_for 20 serving 4
fault halt
succeeds "not more often than the limit" wait_for 20 grep -q failed "$gpu/state"
like "$(v failure)" "halted.*; was reset 1 times within 10 minutes, not again" "and says why"
succeeds "until it is asked for" sh -c "echo 1 >$gpu/recover"
param recoveries_max 3
unload_all

# One row each: what only the firmware can do wrong, and what is seen of it.
say() { dmesg_since "$mark"; }
rows=0
begin() { # FAULT...
	mark=$(dmesg_mark)
	rows=$(v counters/recoveries)
	echo x >$debug/report
	[[ $# -eq 0 ]] || fault "$@"
}
# The operator's line, one reset, in less than a second of GPU time, and calls work.
# The log leaves lines out where there are many within a minute; the report has the first.
reset_row() { # NAME LINE
	wait_for 20 serving $((rows + 1))
	[[ $(say; cat $debug/report) =~ $2 && $(say) =~ "in service again after "([0-9]+)" us" ]] &&
		((BASH_REMATCH[1] < 1000000)) && serving $((rows + 1)) && still_works "$rel"
	is $? 0 "$1: $2" || say | sed 's/^/# /'
	echo "# $1: $(say | grep -o 'in service again after [0-9]* us')"
}
no_reset_row() { # NAME
	serving "$rows" && still_works "$rel"
	is $? 0 "$1: calls go on, no reset" || say | sed 's/^/# /'
}
calls() { run_load "$rel" threads=1 calls=4 posts=0; }
# Some GPU time with a call waiting, so that hearts are seen to beat.
beats() {
	fault next late 1000000
	calls
}
load_rel() { # RELEASE
	rel=$1
	load_sim fw=$rel clock=virtual gpus=2
	param recoveries_max 16
	echo type=NOVA-test name=other >/sys/class/novabpf/gpu1/vgpu_create
}
other() {
	is "$(cat /sys/class/novabpf/gpu1/vgpu1/state) $(cat /sys/class/novabpf/gpu1/state)" \
		"ready ready" "$rel: the other GPU has seen nothing of it"
}

load_rel 595.45.04
begin mute on
calls
reset_row "no answers" "Xid 119 .*unanswered, RM slow, 1 in a row"
like "$(<$debug/report)" "incident	Xid 119 .*release	595.45.04.*call_fate	unanswered.*\[payload\].0000 " \
	"the report has the first incident and its payload"
begin
beats
fault mute on
fault heartbeat rm
calls
reset_row "RM hangs" "unanswered, RM unresponsive"
begin
beats
fault mute on
fault heartbeat core
calls
reset_row "the core hangs" "unanswered, core unresponsive"
begin
beats
fault mute on
fault heartbeat zero
calls
reset_row "heartbeats at 0 raise no alarm" "unanswered, 1 in a row"
begin stall on
calls
reset_row "requests are not taken" "not-consumed"
begin crash exception
reset_row "a crash report" "Xid 120 .*CrashCat report \(wayfinder 0x0001dead, version 1\)"
like "$(<$debug/report)" "\[crash\].0000 4372617368436174" "the report has what GSP left"
begin event pmu
reset_row "PMU_HALTED" "Xid 62 .*the PMU halted; the GPU is reset"
begin event action 3
reset_row "RECOVERY_ACTION" "Xid 154 .*the firmware asks for: GPU reboot"
begin wpr2 stuck
fails "WPR2 stuck" sh -c "echo 1 >$gpu/recover"
like "$(v state) $(v failure)" "failed WPR2 is still up" "is a failure with its reason"
is "$(say | grep -c 'Xid 143')" 1 "told once"
fault wpr2 ok
succeeds "and recovered from" sh -c "echo 1 >$gpu/recover"
begin init mute
fails "no INIT_DONE" sh -c "echo 1 >$gpu/recover"
like "$(v failure)" "did not end its boot within" "is a failure with its reason"
succeeds "and recovered from" sh -c "echo 1 >$gpu/recover"
begin init fail
fails "INIT_DONE with an error" sh -c "echo 1 >$gpu/recover"
like "$(v failure)" "ended its boot with NV_ERR_INVALID_STATE" "is a failure with its reason"
succeeds "and recovered from" sh -c "echo 1 >$gpu/recover"
begin image 999.99
fails "an image of an unknown release" sh -c "echo 1 >$gpu/recover"
like "$(v state) $(v release) $(v failure)" \
	"^failed $rel firmware 999.99 is unknown; nearest known: .*, none after it" \
	"is a failure with its reason; the release stays what it was"
succeeds "so does its ABI" sh -c "cat $gpu/abi/*"
fault image 570.144
fails "an image of another release" sh -c "echo 1 >$gpu/recover"
like "$(v state) $(v release) $(v failure)" \
	"^failed $rel firmware 570.144 is there where $rel ran: remove the GPU and add it again" \
	"is one, too"
fault image ok
succeeds "and recovered from" sh -c "echo 1 >$gpu/recover"

# Reports: of each kind in each run, and what an administrator does hides nothing.
reports() { # MEMBER of each report
	novabpf gsp report 0 --list -j |
		python3 -c "import json, sys; print(*(r['$1'] for r in json.load(sys.stdin)))"
}
begin
echo 1 >"$gpu/recover"
fault halt
wait_for 20 serving $((rows + 2))
like "$(<$debug/report)" "^incident	Xid 120 " "a reset that was asked for hides no incident"
echo 1 >"$gpu/recover"
is "$(reports kind)" "request error request" "each has its report"
like "$(<$debug/report)" "^incident	Xid 120 " "nor does one that comes after it"
for _ in 1 2 3 4; do echo 1 >"$gpu/recover"; done
is "$(reports kind)" "error request request request request" "of each kind the last are kept"
like "$(novabpf gsp report 0 --id "$(reports id | cut -d' ' -f1)")" \
	"Xid 120 .*kind +error" "one of them by its number"
# What a report is made of is freed meanwhile.
(until [[ -e /run/enough ]]; do
	echo x >$debug/report
	cat $debug/report $debug/reports
done) >/dev/null 2>&1 &
for _ in 1 2 3 4 5; do echo 1 >"$gpu/recover"; done
touch /run/enough
wait
succeeds "reports are made while the GPU is reset" still_works "$rel"
rm /run/enough

begin lockdown
calls
like "$(say)" "lockdown has not ended in 5000 ms; going on" "a lockdown without end is noticed"
no_reset_row "a lockdown without end"
for f in "next badsum" "wptr 63" "storm 500"; do
	# shellcheck disable=SC2086 # words are meant
	begin $f
	calls
	no_reset_row "$f"
done
echo type=NOVA-test name=a >"$gpu/vgpu_create"
echo type=NOVA-test name=b >"$gpu/vgpu_create"
begin plugin crash 1
succeeds "a plugin crash" wait_for 10 grep -q error "$gpu/vgpu1/state"
is "$(v vgpu2/state)" ready "concerns its vGPU only"
no_reset_row "a plugin crash"
succeeds "a crashed vGPU is made anew" sh -c "echo 1 >$gpu/vgpu1/reset"
begin
param allow_injection 1
novabpf attach build/selftests/bpf/hook/ask.bpf.o --set phase=1 --set cmd=0x20804002 \
	--set action=6 --set arg=7000000000 >/dev/null
succeeds "SHUTDOWN that takes 7 s" sh -c "echo a >$gpu/vgpu_destroy"
novabpf detach gpu0 --hook ask >/dev/null
param allow_injection 0
no_reset_row "SHUTDOWN that takes 7 s"
echo type=NOVA-test name=a >"$gpu/vgpu_create"
begin
echo a >"$gpu/vgpu_destroy" &
echo b >"$gpu/vgpu_destroy"
wait
is "$(v vgpu_count) $(v vgpu_quarantined)" "0 0" "two vGPUs torn down at once"
no_reset_row "two vGPUs torn down at once"
other
unload_all

load_rel 535.183.01
begin halt
reset_row "a code in the mailbox" "Xid 120 .*GSP halted: code 0x01, reason 0x0f, task 0"
other
unload_all

# Callers from before a reset go on after it, and none is told another's answer.
load_rel 580.95.05
before=$(counter rpc_submitted)
busy() { (($(counter rpc_submitted) > before + 500)); }
# So many that they last until the fault is there, also where the shell is slow.
modprobe novabpf_test release=580.95.05 threads=8 calls=40000 resets=1 &
wait_for 20 busy
fault halt
wait
while read -r key value; do declare "load_$key=$value"; done <$result
rmmod novabpf_test
resets=$(counter recoveries)
echo "# $resets resets ended $load_reset calls; $load_anew times objects were made anew"
is "$load_wrong $load_failures $((load_calls >= 40000))" "0 0 1" "a reset under load: all calls end"
is "$((resets > 0 && load_reset > 0 && load_reset <= 4 * 8 * resets && load_anew <= 8 * resets))" \
	1 "it costs each thread what it has out, and its objects, once"
unload_all
