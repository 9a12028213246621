#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Long runs in the virtual machine (make soak): round by round another release, mix of
# faults and seed, under calls whose answers are known. After each round everything
# that must hold is looked at; at the end, whether enough went wrong to show anything.
# Documentation/testing.rst describes it.
# usage: soak.sh [--check] CALLS SEED [ROUND]

check=
[[ ${1-} != --check ]] || { check=1; shift; }

number() { # WHAT VALUE LEAST MOST
	[[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) && return
	echo "soak: $1 is '$2'; want a number from $3 to $4" >&2
	exit 2
}
number SOAK_CALLS "${1-}" 100 999999999
number SOAK_SEED "${2-}" 0 1000000
[[ ! ${3-} ]] || number SOAK_ROUND "$3" 0 100000
[[ ! $check ]] || exit 0

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/selftests/vm/lib.sh"
. "$top/selftests/vm/gsp.sh"
trap - EXIT
. "$top/selftests/soak/actors.sh"
. "$top/selftests/soak/after.sh"

calls=$((10#$1)) seed=$((10#$2)) only=${3:+$((10#$3))}
# A round is bounded, so that what goes wrong is near its cause; a short run has all mixes.
per_round=$((calls / 20))
((per_round >= 400)) || per_round=400
((per_round <= 50000)) || per_round=50000
round_limit_s=900
threads=8
# In a run of so many rounds each kind of trouble must have come up.
full_rounds=16
releases=(580.95.05 570.144 595.45.04 535.113.01 570.190 550.163.01)
# Name, clock, whether the GPU may be reset, who is at work.
mixes=(
	"wire real no hooks"
	"vgpus virtual no vgpus vgpus hooks"
	"reset virtual yes firmware vgpus"
	"policies virtual no tenants policies"
	"unknown virtual yes unknown vgpus vgpus operator"
	"plugins virtual no tenants crashes vgpus"
	"hooks virtual no tenants hooks policies"
	"all virtual yes tenants firmware vgpus policies hooks crashes"
)
params=/sys/module/novabpf/parameters
churn=$top/build/selftests/bpf/churn
tracing=/sys/kernel/tracing/instances/soak
stop=/run/novabpf-soak-stop
did=/run/novabpf-soak-did
never=/run/novabpf-soak-never
klog=/run/novabpf-soak-log
bad=0 rounds=0 told=
declare -A sum
# In the order in which they are told.
counted=(calls ok rm_errors timeouts reset wrong resets broken recovered quarantined rule
	silent created remade errors crashed policies ejected hook items)
# What a full run must have provoked.
provoked=(timeouts reset resets quarantined created errors crashed policies ejected hook items)

param() { echo "$2" >"$params/$1"; }

# What a firmware of the release may do to its replies. Tenants make many more calls than
# the load: the scheduler's. One whose control is lost twice in a row is not scheduled
# any more, and would have no part in the rest of the round.
wire_faults() {
	local part=1 list

	[[ " ${actors[*]} " != *" tenants "* ]] || part=10
	list="corrupt=$((RANDOM % 3000 / part)) drop=$((RANDOM % 2000 / part))"
	list+=" delay=$((RANDOM % 2000))"
	[[ $(<$gpu/abi/sequence) != echoed ]] ||
		list+=" dup=$((RANDOM % 5000)) reorder=$((RANDOM % 5000))"
	# shellcheck disable=SC2086 # the list is several words
	fault random $list delay_us=150000
}

set_params() { # CLOCK RESETS
	set_timeout 500
	[[ $1 == virtual ]] || set_timeout 60
	param rpc_slow_timeout_ms 2000
	param vgpu_boot_timeout_ms 500
	# Waiting for a boot that does not end is slow, whatever the clock.
	[[ $1 != virtual ]] || param boot_timeout_ms 1000
	param recoveries_max 16
	param rpc_timeouts_reset 0
	[[ $2 == no ]] || param rpc_timeouts_reset $((2 + RANDOM % 2))
	param allow_injection 1
}

# Each with a seed of its own.
start_actors() { # SEED ACTOR...
	local n=$1 actor

	rm -f $stop
	: >$did
	for actor in "${@:2}"; do
		n=$((n + 100003))
		(RANDOM=$n; $actor >>$did 2>/dev/null) &
	done
}

# Everything goes right from here on.
stop_actors() {
	touch $stop
	wait_children
	for f in "random off" "storm off" "irq on" "wpr2 ok" "plugin mute 0" "init mute 0" \
		"init fail 0" "mute off" "stall off"; do
		# shellcheck disable=SC2086 # words are meant
		fault $f 2>/dev/null
	done
	novabpf detach gpu0 >/dev/null 2>&1
}

# All but the guard, and the reader of the log.
wait_children() {
	local pid

	for pid in $(jobs -p); do
		[[ $pid == "$guard" || $pid == "$reader" ]] || wait "$pid"
	done
}

one_round() { # NUMBER
	local mix release clock resets actors round_seed=$((seed * 1000 + $1))

	read -r -a mix <<<"${mixes[$1 % ${#mixes[@]}]}"
	clock=${mix[1]} resets=${mix[2]} actors=("${mix[@]:3}")
	release=${releases[($1 + $1 / ${#mixes[@]}) % ${#releases[@]}]}
	RANDOM=$round_seed
	what="round $1 ${mix[0]} $release"
	declare -gA got=()
	objects=$("$churn" count)
	mark=$(stat -c %s $klog)
	began=$SECONDS
	load_calls=0 load_ok=0 load_rm_errors=0 load_timeouts=0 load_reset=0 load_wrong=0
	load_failures=0 load_anew=0
	(sleep $round_limit_s; hangs) &
	guard=$!
	load_sim "fw=$release" "clock=$clock" latency_us=5 jitter_us=5 "seed=$round_seed" || {
		problem "it does not boot"
		return
	}
	trace_on
	set_params "$clock" "$resets"
	start_actors $round_seed "${actors[@]}"
	wire_faults
	run_load "$release" threads=$threads calls=$per_round "seed=$round_seed" large=2000 \
		"resets=$((${#resets} == 3))" || problem "the calls were not made"
	stop_actors
	count_up
	look_at_calls
	look_at_gpu "$release"
	look_at_rest
	kill $guard
	wait $guard 2>/dev/null
	tell "# $what, seed $round_seed" $((SECONDS - began)) got
}

tell() { # HEAD SECONDS ARRAY
	local -n told=$3
	local name line=

	for name in "${counted[@]}"; do
		((told[$name] == 0)) || line+=", ${told[$name]} ${name/rm_errors/refused}"
	done
	echo "$1: ${line#, }; $2 s"
}

start=$SECONDS
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing
[[ -p $never ]] || mkfifo $never
cat /proc/kmsg >$klog &
reader=$!
while ((sum[calls] < calls)); do
	one_round "${only:-$rounds}"
	for name in "${counted[@]}"; do
		sum[$name]=$((sum[$name] + got[$name]))
	done
	rounds=$((rounds + 1))
	[[ ! $only ]] || break
	remember_memory
	((bad < 10)) || break
done
look_at_memory
if ((rounds >= full_rounds)); then
	for name in "${provoked[@]}"; do
		((sum[$name] > 0)) || problem "a full run, and nothing of this came up: $name"
	done
fi
tell "# $rounds rounds" $((SECONDS - start)) sum
kill $reader
((bad > 0)) || echo "ok - soak of ${sum[calls]} calls, seed $seed"
exit $((bad > 0))
