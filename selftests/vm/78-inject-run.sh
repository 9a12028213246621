#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What rules of fault injection count and when they act, what ends them, and that hook
# and policy go on after a reset of the GPU.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

needs_struct_ops
plan 22
release=580.95.05
call=/sys/kernel/debug/novabpf_call/call
allow=/sys/module/novabpf/parameters/allow_injection
get_state=20801120
busy="function=GSP_RM_CONTROL action=fail status=NV_ERR_BUSY_RETRY"

# What COUNT calls of a vGPU end with: "." well, "x" with the status of a rule.
calls() { # GFID COUNT
	echo "$1 $get_state $2" >$call
	sed 's/^0 0 0$/./; s/^-121 0 3$/x/' $call | tr -d '\n'
}

add() { novabpf inject add "$*" >/dev/null; }
clear() { novabpf inject clear; }

# seen, hits, suppressed, left of the first rule
counts() { novabpf inject list | awk 'NR == 2 { print $2, $3, $4, $5 }'; }

held() { [[ $(<$gpu/rpc/held) == "$1" ]]; }
hooks() { awk 'NR > 1 { print $2 }' $gpu/rpc/hooks; }

# GPU time goes by while a call takes its time.
seconds() { # N
	set_timeout 600000
	fault next late "${1}000000"
	echo "0 $get_state 1" >$call
	set_timeout 6000
}

mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
load_sim fw=$release clock=virtual
echo 1 >$allow
modprobe novabpf_call release=$release

add "$busy times=2"
is "$(calls 1 5) $(counts)" "xx... 5 2 3 0" "times=2: what comes later is suppressed"
clear
add "$busy once-per=gfid"
is "$(calls 1 3)$(calls 2 3)$(calls 1 1)" "x..x..." "once per gfid"
is "$(counts)" "7 2 0 -" "what was there before is no injection, and not suppressed"
clear
add "$busy once-per=object"
is "$(calls 1 2)$(calls 2 2)" "x..." "once per object"
clear
add "$busy gfid=1 after=10s for=10s"
is "$(calls 1 2)" ".." "a window has not begun"
seconds 12
is "$(calls 1 2)" "xx" "has begun"
seconds 10
is "$(calls 1 2) $(counts)" ".. 2 2 0 -" "and is over; what is outside is not counted"
clear
for seed in 7 7 8; do
	add "$busy ppm=300000 seed=$seed"
	calls 1 60 >>/run/drawn
	echo >>/run/drawn
	clear
done
mapfile -t drawn </run/drawn
like "${drawn[0]}" "x.*\..*x" "drawn by probability"
is "${drawn[1]}" "${drawn[0]}" "the same seed draws the same"
[[ ${drawn[2]} != "${drawn[0]}" ]]
is $? 0 "another seed does not"

# --- a reset of the GPU leaves hook and policy where they are
echo type=NOVA-test name=a >$gpu/vgpu_create
novabpf attach build/bpf/sched/fair.bpf.o >/dev/null
add "$busy gfid=1 times=2"
is "$(calls 1 1)" x "a rule acts before a reset"
succeeds "the GPU is reset" sh -c "echo 1 >$gpu/recover && echo again >$call"
is "$(calls 1 3)" "x.." "the same rule goes on after it, with its counts"
is "$(hooks) $(<$gpu/sched/policy) $(<$gpu/sched/state)" "inject fair enabled" \
	"hook and policy are attached"
echo 1 >$gpu/vgpu1/reset
echo a >$gpu/vgpu_destroy
before=$(<$gpu/sched/decisions)
novabpf load demo --duration 0.1 --warmup 0 >/run/load 2>&1
(($(<$gpu/sched/decisions) > before))
is "$? $(<$gpu/sched/policy)" "0 fair" "and the policy decides" || sed 's/^/# /' /run/load
clear
novabpf detach gpu0 >/dev/null
rmmod novabpf_call
unload_all

# --- what is held: on the real clock, where the deadline is far
load_sim fw=$release
echo 1 >$allow
set_timeout 60000
modprobe novabpf_call release=$release
add "function=GSP_RM_CONTROL nth=1 action=hold"
add "function=GSP_RM_CONTROL nth=2 action=hold"
echo "flood 1 3" >$call &
succeeds "two calls are held" wait_for 20 held 2
novabpf inject release 1
is "$? $(<$gpu/rpc/held)" "0 1" "release 1 lets go what rule 1 holds"
novabpf inject release 2
wait
is "$(paste -sd, $call) $(<$gpu/rpc/held)" "0 0 0,0 0 0,0 0 0 0" "release 2 the other; all end well"
clear
add "function=GSP_RM_CONTROL nth=1 action=hold"
add "$busy gfid=2"
echo "1 $get_state 1" >$call &
wait_for 20 held 1
echo 0 >$allow
wait
is "$(<$call) $(<$gpu/rpc/held) $(calls 2 2)" "0 0 0 0 .." "the kill switch lets go, and stops the rest"
echo 1 >$allow
is "$(calls 2 2)" "xx" "until it is on again"
clear

echo "$busy" >/run/busy.rules
novabpf inject run /run/busy.rules -- sleep 100 >/run/out 2>&1 &
runs=$!
wait_for 20 eval '[[ $(hooks) == inject && $(calls 1 1) == x ]]'
kill -INT $runs
wait $runs
is "$? $(hooks) $(calls 1 1) $(ls /sys/fs/bpf)" "130  . " "Ctrl-C leaves no rule, no hook, no pin"
is "$(pgrep -x sleep -P $runs)" "" "and no command"
rmmod novabpf_call
unload_all
