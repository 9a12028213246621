#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Long runs in the virtual machine (make soak): round by round another release, seed
# and mix of faults, of the firmware and of hooks, under calls whose answers are
# known, while vGPUs are created and destroyed and policies come and go. After each
# round everything that must hold is looked at.
# usage: soak.sh CALLS SEED

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
. "$top/selftests/vm/lib.sh"
. "$top/selftests/vm/gsp.sh"
trap - EXIT
calls=${1:?number of calls} seed=${2:?seed}
# A round is bounded, so that what goes wrong is near its cause.
per_round=20000
releases=(580.95.05 570.144 595.45.04 535.113.01 570.190 550.163.01)
params=/sys/module/novabpf/parameters
ask=$top/build/selftests/bpf/hook/ask.bpf.o
stop=/run/novabpf-soak-stop
bad=0 rounds=0 total=0 timeouts=0 refused=0 recoveries=0 created=0 quarantined=0 policies=0

RANDOM=$seed

problem() { # TEXT
	echo "not ok - round $rounds: $1"
	bad=$((bad + 1))
}

memory_kb() {
	sync
	sleep 1
	awk '/^(Slab|VmallocUsed|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# vGPUs come and go; a gfid in quarantine must not come back before a reset.
vgpus() { # SEED
	local gfid resets held

	RANDOM=$1
	while [[ ! -e $stop ]]; do
		gfid=$((1 + RANDOM % 6))
		resets=$(counter recoveries)
		held=$(cat $gpu/vgpu$gfid/state 2>/dev/null)
		if ((RANDOM % 2)); then
			if echo "type=NOVA-test gfid=$gfid" >$gpu/vgpu_create; then
				echo created
				[[ $held != quarantined || $(counter recoveries) != "$resets" ]] ||
					echo "reused $gfid"
			fi
		else
			echo $gfid >$gpu/vgpu_destroy
		fi
		sleep 0.05
	done 2>/dev/null
}

# Policies and hooks come and go.
programs() { # SEED
	local all=("$top"/build/bpf/sched/*.bpf.o) n

	RANDOM=$1
	while [[ ! -e $stop ]]; do
		n=$((RANDOM % ${#all[@]}))
		novabpf attach "${all[n]}" --replace && echo policy
		novabpf attach "$ask" --set action=3 --set arg=3 --set nth=$((1 + RANDOM % 9)) \
			--set cmd=0xa06c0104 --replace
		sleep 0.$((1 + RANDOM % 5))
		((RANDOM % 3)) || novabpf detach gpu0
	done 2>/dev/null
	novabpf detach gpu0 2>/dev/null
	novabpf detach gpu0 --hook ask 2>/dev/null
}

faults() { # RELEASE: what a firmware of it may do; order and echo differ
	local list="corrupt=$((RANDOM % 3000)) drop=$((RANDOM % 2000)) delay=$((RANDOM % 2000))"

	if [[ $(cat $gpu/abi/seq_echo 2>/dev/null) == 1 || $1 == 580.95.05 || $1 == 595.45.04 ||
	      $1 == 570.190 ]]; then
		list+=" dup=$((RANDOM % 5000)) reorder=$((RANDOM % 5000))"
	fi
	# shellcheck disable=SC2086 # the list is several words
	fault random $list delay_us=150000
	echo "$list"
}

one_round() { # RELEASE
	local what

	load_sim "fw=$1" clock=virtual latency_us=5 jitter_us=5 seed=$((seed + rounds)) ||
		{ problem "$1 does not boot"; return; }
	set_timeout 500
	echo 0 >$params/rpc_timeouts_reset
	((rounds % 3)) || echo 5 >$params/rpc_timeouts_reset
	echo 16 >$params/recoveries_max
	echo 1 >$params/allow_injection
	rm -f $stop
	vgpus $((seed + rounds)) >/run/novabpf-soak-vgpus &
	programs $((seed + rounds)) >/run/novabpf-soak-programs &
	what=$(faults "$1")
	run_load "$1" threads=8 calls=$per_round "seed=$((seed + rounds))" ||
		problem "the load did not run"
	touch $stop
	wait
	fault random off
	set_timeout 6000
	timeouts=$((timeouts + load_timeouts))
	refused=$((refused + load_rm_errors))
	total=$((total + load_calls))
	what+=": $load_ok ok, $load_rm_errors refused, $load_timeouts timeouts"
	[[ $load_wrong == 0 ]] || problem "$load_wrong wrong answers"
	((load_calls >= per_round)) || problem "$load_calls calls ended, of $per_round"
	! grep reused /run/novabpf-soak-vgpus || problem "a gfid in quarantine was used again"
	[[ $(<$gpu/state) == failed ]] && echo 1 >$gpu/recover
	[[ $(<$gpu/state) == ready ]] || problem "the GPU is $(<$gpu/state)"
	wait_for 20 still_works "$1" || problem "calls do not work any more"
	recoveries=$((recoveries + $(counter recoveries)))
	quarantined=$((quarantined + $(<$gpu/vgpu_quarantined)))
	created=$((created + $(grep -c created /run/novabpf-soak-vgpus)))
	policies=$((policies + $(grep -c policy /run/novabpf-soak-programs)))
	no_starving
	unload_all || problem "a module cannot be unloaded"
	[[ ! $(bpftool link show 2>/dev/null) ]] || problem "a link is left"
	echo "# round $rounds: $1 $what"
}

# After all that: tenants are served by their shares.
no_starving() {
	local vgpu

	echo 1 >$gpu/recover
	for vgpu in $gpu/vgpu[0-9]*; do
		[[ ! -d $vgpu ]] || echo "${vgpu##*vgpu}" >$gpu/vgpu_destroy
	done
	timeout 120 novabpf load check-halves --seeds 1 --warmup 0.1 --duration 0.5 -j \
		>/run/novabpf-soak-load 2>&1 ||
		{ problem "tenants are not served: $(head -c 300 /run/novabpf-soak-load)"; return; }
	python3 - /run/novabpf-soak-load <<-'END' || problem "a tenant starves"
		import json, sys
		d = json.load(open(sys.argv[1]))
		for p in d["policies"]:
		    t = [x["share_pct"] for x in p["median"]["tenants"]]
		    if min(t) < 0.95 * max(t):
		        sys.exit(f"shares {t}")
	END
}

start=$SECONDS
while ((total < calls)); do
	load_calls=0 load_timeouts=0 load_rm_errors=0
	one_round "${releases[rounds % ${#releases[@]}]}"
	rounds=$((rounds + 1))
	# Caches fill up once.
	((rounds != 3)) || base=$(memory_kb)
	((bad < 10)) || break
done
if ((rounds > 3)); then
	grown=$(($(memory_kb) - base))
	echo "# memory grew by $grown KiB over $((rounds - 3)) rounds"
	((grown < 8192)) || problem "memory grows"
fi
echo "# $rounds rounds, $total calls, $timeouts timeouts, $refused refused, $recoveries resets," \
	"$created vGPUs, $quarantined in quarantine, $policies policies, $((SECONDS - start)) s"
((bad == 0)) && echo "ok - soak of $total calls, seed $seed"
exit $((bad > 0))
