#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies that go wrong under load: they are ejected, it is said why, and the
# tenants are served again in time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/bpf/sched
test_bpf=$top/build/selftests/bpf
sched=$gpu/sched
out=$(mktemp -d)
tracing=/sys/kernel/tracing
[[ -e $bpf/rr.bpf.o && -x $test_bpf/work ]] || skip_all "not built: make bpf test-programs"
needs_struct_ops
plan 89
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
mountpoint -q $tracing || mount -t tracefs none $tracing

cat >"$out/busy.load" <<'END'
title "three that never rest"
slots 8
tenant a
	arrival closed
	length const 3ms
tenant b
	arrival closed
	length const 3ms
tenant c
	arrival closed
	length const 3ms
END

# Runs the mix under FILE:FAULT; keeps the report and the trace.
run() { # POLICY FAULT SECONDS
	echo >$tracing/trace
	timeout 120 novabpf load "$out/busy.load" --warmup 0 --seeds 1 --duration "$3" \
		--policy "$bpf/$1.bpf.o:$2" -j >"$out/report" 2>"$out/err" ||
		echo "# novabpf load: $(head -c 300 "$out/err")"
}

# True where the condition holds; vgpus are those of the report, by name.
report() { # NAME CONDITION
	local said

	if said=$(python3 - "$out/report" "$2" 2>&1 <<'END'
import json
import sys
run = json.load(open(sys.argv[1]))["policies"][0]["runs"][0]
vgpus = {v["name"]: v for v in run["vgpus"]}
waits = [v["longest_wait_ms"] for v in vgpus.values()]
ok = eval(sys.argv[2])
print(run["ejected"], waits, [v["share_pct"] for v in vgpus.values()])
sys.exit(not ok)
END
	); then ok "$1"; else not_ok "$1" "condition: $2" "$said"; fi
	tail -n 1 <<<"# $said"
}

# The first event of that name, or its field.
event() { # EVENT [FIELD]
	local line

	line=$(grep -m 1 " $1: " $tracing/trace)
	[[ ${2-} ]] && line=$(sed -n "s/.* $2=\([^ ]*\).*/\1/p" <<<"$line")
	echo "$line"
}

# A policy with a fault is ejected, and everything that says so says the same.
ejected() { # POLICY FAULT KIND CODE GFID REASON MESSAGE WAIT_MS
	local name="$1, $2" kind msg

	run "$1" "$2" 3
	is "$(<$sched/state) $(<$sched/policy)" "faulted " "$name: ejected"
	kind=$(<$sched/exit_kind)
	like "$(<$sched/exit_policy) $kind $(<$sched/exit_code) $(<$sched/exit_gfid)" \
		"^$1 $3 $4 $5\$" "$name: kind, code and vGPU"
	msg=$(<$sched/exit_msg)
	[[ $(<$sched/exit_reason) == "$6" ]]
	like "$? $msg" "^0 $7\$" "$name: reason and message"
	like "$(novabpf status 0)" "state faulted.*last exit +policy '$1' was ejected: $6" \
		"$name: status tells it"
	like "$(<$debug/sched_dump)" "policy $1 .*ends: $6.*runlist gr0 .*vgpu2 slot" \
		"$name: the dump has the policy, the runlist and the vGPU"
	like "$(event policy_eject)" "gpu=0 gfid=$5 .*name=$1 msg=${msg:0:20}" "$name: it is traced"
	# What it left undone costs no more than a slice of the one that runs, and a switch.
	report "$name: everybody was served again in time" \
		"max(waits) <= $8 + 2.2 and min(v['share_pct'] for v in vgpus.values()) > 15"
	echo 1 >$sched/reset
	is "$(<$sched/state) $(<$sched/exit_kind) $(<$sched/exit_msg)" "builtin 0 " "$name: reset clears"
}

load_sim clock=virtual
for e in policy_attach policy_detach policy_eject sched_stall; do
	echo 1 >$tracing/events/novabpf/$e/enable
done

refused='too many decisions were refused'
for p in rr fair; do
	# Without a fault nobody waits for more than 6 turns.
	ejected $p fault_stall_gfid=2 1027 0 2 'a runnable vGPU did not run' \
		'vgpu2 on gr0 was runnable for 1000 ms and did not run' 1000
	ejected $p fault_bad_gfid_every=1 1028 5 513 "$refused" \
		'17 of 17 decisions refused, the last one: reject-gfid \(gfid 513, 2000000 ns\)' 12.9
	ejected $p fault_bad_slice_every=10 1028 7 '[123]' "$refused" \
		'65 of 650 decisions refused, the last one: reject-slice \(gfid [123], 0 ns\)' 12.9
	ejected $p fault_error_after=100 1026 100 0 'the policy reported an error' \
		'pick: fault_error_after decisions were made' 12.9
done

# Within the budget it goes on.
before=$(<$sched/nr_rejected)
run rr fault_bad_gfid_every=100 3
is "$(<$sched/exit_kind) $(($(<$sched/nr_rejected) - before > 10))" "64 1" \
	"a policy that is refused now and then goes on"
report "and nobody is any the worse for it" "run['ejected'] is None and max(waits) <= 12.9"

# --- decisions that take long, by loops within loops
for gfid in 1 2; do
	echo "type=NOVA-test gfid=$gfid" >$gpu/vgpu_create
done
slow() { awk '$1 == "slow_operations" { print $2 }' $sched/events; }
novabpf attach "$test_bpf/loops.bpf.o" >/dev/null
"$test_bpf/work" 300 1 2 >/dev/null
wait_for 10 grep -q faulted $sched/state
is "$(<$sched/state) $(<$sched/exit_kind) $(<$sched/exit_reason)" \
	"faulted 1030 its operations took too long" "a policy that holds the lock is ejected"
like "$(<$sched/exit_msg)" "^pick held gr0 for [2-9][0-9]+ ms" "and it is said for how long"
novabpf sched reset gpu0
before=$(slow)
# Not all that are slow are measured.
novabpf attach "$test_bpf/loops.bpf.o" --set every=40 >/dev/null
"$test_bpf/work" 6000 1 2 >/dev/null
is "$(<$sched/state) $(($(slow) - before > 0))" "enabled 1" \
	"what happens now and then is counted, and forgiven" || echo "# $(<$sched/exit_msg)"
novabpf detach >/dev/null
for gfid in 1 2; do
	echo $gfid >$gpu/vgpu_destroy
done

# --- init() that fails
fails "init() that fails" novabpf attach "$test_bpf/attach/good.bpf.o" --set init_ret=-12
is "$(<$sched/state) $(<$sched/exit_kind) $(<$sched/exit_code) $(<$sched/exit_msg)" \
	"faulted 1025 -12 init returned -12" "its code is kept"
succeeds "another policy can be attached after that" novabpf attach "$bpf/rr.bpf.o"
is "$(<$sched/state) $(<$sched/policy)" "enabled rr" "and decides"

# --- the watchdog: not while idle, and not against slow firmware
type=$(basename "$(grep -l '^8$' $gpu/vgpu_types/*/max_instances | head -n 1 | xargs dirname)")
for gfid in 1 2 3 4 5; do
	echo "type=$type gfid=$gfid" >$gpu/vgpu_create
done
"$test_bpf/work" 100 1 2 3 4 5 >/dev/null
sleep 1
before=$(<$sched/now_ns)
sleep 2
is "$(($(<$sched/now_ns) - before))" 0 "nothing is armed while all are idle"
stalls() { awk '$1 == "stalls" { print $2 }' $sched/events; }
before=$(stalls)
set_timeout 60000
# Four switches are longer than the policy's time-out, and none of them is half of it.
fault random delay=1000000 delay_us=400000
"$test_bpf/work" 20000 1 2 3 4 5 >/dev/null
fault random off
like "$(<$sched/state) $(<$sched/policy) $(($(stalls) - before))" "^enabled rr [1-9]" \
	"slow firmware makes vGPUs wait, and the policy is not blamed" ||
	echo "# $(<$sched/exit_msg)"
novabpf detach >/dev/null
for gfid in 1 2 3 4 5; do
	echo $gfid >$gpu/vgpu_destroy
done

# --- a runaway neighbour: 30 ms that cannot be preempted, beside a slice and the credit
# (2 and 4 ms) of each of three
timeout 120 novabpf load "$top/tools/load/runaway.load" --warmup 1 --seeds 1 --duration 10 \
	--policy "$bpf/fair.bpf.o" -j >"$out/report" 2>"$out/err"
report "a runaway neighbour harms nobody beyond a bound" \
	"run['ejected'] is None and max(v['longest_wait_ms'] for v in run['vgpus'] \
	if v['name'] != 'runaway') <= 50"

# --- the GPU goes
novabpf attach "$bpf/fair.bpf.o" >/dev/null
echo >$tracing/trace
like "$(rmmod novabpf 2>&1)" "in use" "the core stays while a policy is attached"
like "$(novabpf doctor 2>&1)" "gpu0 has the policy 'fair'.*novabpf detach" "doctor says what holds it"
succeeds "the GPU goes, with its policy" rmmod novabpf_sim
like "$(event policy_detach)" "kind=gpu-gone .*name=fair" "the policy is told so"
is "$(novabpf -j list | python3 -c 'import json, sys; print([l["attached"] for l in json.load(sys.stdin)])')" \
	"[False]" "its link is inert"
rm -f /sys/fs/bpf/novabpf/gpu0/sched
succeeds "nothing holds the core" rmmod novabpf

# --- as a user sees it, in real time
load_sim
for gfid in 1 2 3; do
	echo "type=$type gfid=$gfid" >$gpu/vgpu_create
done
"$test_bpf/work" 60000 1 2 3 >/dev/null &
work=$!
runs() { cat $gpu/vgpu$1/stats/runs; }
served() { # GFID: once more
	local before

	before=$(runs "$1")
	wait_for 10 eval "[[ \$(runs $1) -gt $before ]]"
}

novabpf attach "$bpf/fair.bpf.o" --no-pin --set fault_stall_gfid=2 >"$out/fg" 2>&1
is "$? $(tail -n 1 "$out/fg")" "1 novabpf: gpu0: policy 'fair' was ejected: a runnable vGPU did not \
run: $(<$sched/exit_msg)" "in the foreground: one line, and exit status 1"
succeeds "the tenant is served again" served 2
succeeds "the next policy is attached" novabpf attach "$bpf/fair.bpf.o"
is "$(<$sched/state) $(<$sched/policy)" "enabled fair" "and decides"
novabpf detach >/dev/null

# Killed, not asked to end.
pin=/sys/fs/bpf/novabpf/gpu0/sched
attached() { [[ $(<$sched/policy) == "$1" ]]; }
novabpf attach "$bpf/fair.bpf.o" --no-pin >"$out/fg" 2>&1 &
loader=$!
wait_for 20 attached fair
kill -9 $loader
wait_for 10 attached ""
served 1 && served 2 && served 3
is "$? $(<$sched/state) $(<$sched/exit_kind)" "0 builtin 64" \
	"loader killed, not pinned: cleanly gone, and all are served"
novabpf attach "$bpf/fair.bpf.o" >"$out/fg" 2>&1 &
loader=$!
wait_for 20 test -e $pin
kill -9 $loader 2>/dev/null
served 1 && served 2 && served 3
is "$? $(<$sched/state) $(<$sched/policy)" "0 enabled fair" \
	"loader killed, pinned: the policy goes on"
succeeds "and can be detached" novabpf detach
kill $work
wait $work 2>/dev/null
rm -r "$out"
unload_all
