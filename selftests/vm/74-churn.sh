#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies come and go a thousand times under load, in virtual time: nobody stands
# still meanwhile, and nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
churn=$top/build/selftests/bpf/churn
sched=$gpu/sched
[[ -x $churn ]] || skip_all "not built: make test-programs"
needs_struct_ops
plan 23

slice_us=2000
# A switch costs 50 us, up to 20 us until work can be preempted, and the calls.
switch_us=150

declare -A got
run_churn() { # ARGS...
	local key value out status

	out=$("$churn" "$@" 2>&1)
	status=$?
	got=()
	while read -r key value; do
		got[$key]=$value
	done <<<"$out"
	echo "# $(tr '\n' ' ' <<<"$out")"
	return $status
}

load_sim clock=virtual
type=$(basename "$(grep -l '^8$' $gpu/vgpu_types/*/max_instances | head -n 1 | xargs dirname)")
for gfid in 1 2 3; do
	echo "type=$type gfid=$gfid" >$gpu/vgpu_create
done
is "$(ls -d $gpu/vgpu[0-9]* | wc -l)" 3 "three vGPUs"
objects=$("$churn" count)

# --- once: from the built-in to a policy, to another of the kind, and back
once() { # NAME FILE TURNS: nobody may wait for more than TURNS turns
	run_churn 5 20000 "$2" "$2" 1 2 3
	is "$? ${got[changes]}" "0 5" "$1: attached, replaced and detached under load"
	is "$((got[first_us] > 0 && got[last_us] > got[first_us] &&
		got[ended_us] > got[last_us] && got[lost] == 0))" 1 "$1: work went on all the time"
	is "$((got[gap_max_us] <= slice_us))" 1 "$1: the engine was never idle for a slice" ||
		echo "# ${got[gap_max_us]} us at ${got[gap_at_us]}"
	is "$((got[wait_max_us] <= $3 * (slice_us + switch_us)))" 1 \
		"$1: nobody waited for more than $3 turns" || echo "# ${got[wait_max_us]} us"
}

# Two others have a turn each, and one may begin anew; credit is two turns of each.
once rr "$top/build/bpf/sched/rr.bpf.o" 3
for name in fair deadline; do
	once $name "$top/build/bpf/sched/$name.bpf.o" 6
done
# Its turns are three times as long, and its credit may make them two in a row.
once latency "$top/build/bpf/sched/latency.bpf.o" 12

# --- a thousand times
before=$(<$sched/decisions)
seq=$(<$sched/enable_seq)
start=$SECONDS
run_churn 1000 0 "$top/build/bpf/sched/rr.bpf.o" "$top/build/bpf/sched/fair.bpf.o" 1 2 3
is "$? ${got[changes]}" "0 1000" "1,000 changes under load"
echo "# $((SECONDS - start)) s"
is "$((got[gap_max_us] <= slice_us)) ${got[lost]}" "1 0" "the engine was never idle for a slice"
is "$((got[wait_max_us] <= 6 * (slice_us + switch_us)))" 1 "nobody waited for more than 6 turns"
is "$(($(<$sched/enable_seq) - seq)) $(($(<$sched/decisions) - before > got[ended_us] / 4000))" \
	"750 1" "each policy took over, and decisions were made all the time"
is "$(<$sched/state) $(<$sched/policy) $(<$sched/exit_kind)" "builtin  64" "the built-in decides again"
same_objects() { [[ $("$churn" count) == "$objects" ]]; }
wait_for 20 same_objects
is "$("$churn" count)" "$objects" "no map, program or link is left"
unload_all
