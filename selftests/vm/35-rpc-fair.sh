#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Firmware time is shared: a tenant that floods the firmware with controls leaves
# another's calls as fast as they were, up to a factor of two, on the virtual clock.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 17

parameters=/sys/module/novabpf/parameters
result=/sys/kernel/debug/novabpf_callers/result

# Sets calls and p99 of each group: calls_0 p99_0 calls_1 ...
call() { # RELEASE GROUPS [PARAMETER=VALUE...]
	local nr gfid callers calls failed rate p50 p99 rest

	modprobe novabpf_callers "release=$1" "groups=$2" "${@:3}" || return
	while IFS=$'\t' read -r nr gfid callers calls failed rate p50 p99 rest; do
		[[ $nr != \#* ]] || continue
		echo "# $1 gfid $gfid: $callers callers, $calls calls ($failed failed)," \
			"$rate/s, p50 $p50 ns, p99 $p99 ns"
		declare -g "calls_$nr=$calls" "p99_$nr=$p99" "failed_$nr=$failed"
	done <$result
	rmmod novabpf_callers
}

# The random times of the firmware begin anew.
again() { echo "50000 8" >"${fault_file%/*}/service"; }

windows() { # ALL FLOW
	echo "$1" >$parameters/rpc_window
	echo "$2" >$parameters/rpc_flow_window
}

one_release() { # RELEASE
	local noisy

	load_sim "fw=$1" clock=virtual latency_us=0 jitter_us=0 rpc_ns=50000 rpc_parallel=8
	call "$1" 2:1 calls=150
	quiet=$p99_0
	[[ $failed_0 == 0 && $quiet -gt 50000 && $quiet -lt 80000 ]]
	is $? 0 "$1: a quiet GPU: a call takes the firmware's time"

	again
	call "$1" 1:64,2:1 calls=150
	((p99_1 <= 2 * quiet && failed_0 + failed_1 == 0))
	is $? 0 "$1: another tenant floods: p99 at most twice the quiet one"
	noisy="$calls_0 $p99_0 $p99_1"
	((calls_0 > 4 * calls_1))
	is $? 0 "$1: and the flood gets what is left"
	again
	call "$1" 1:64,2:1 calls=150
	is "$calls_0 $p99_0 $p99_1" "$noisy" "$1: the same again, to the digit"

	# That the test can fail.
	windows 0 0
	call "$1" 1:64,2:1 calls=30
	((p99_1 > 4 * quiet))
	is $? 0 "$1: without windows the flood fills the ring, and the other one waits"
	windows 8 6
}

shares() { # RELEASE
	call "$1" 1:32,3:32,4:32,2:1 calls=150
	((p99_3 <= 2 * quiet))
	is $? 0 "$1: three tenants flood: the same bound"

	call "$1" 1:64,1u:1 calls=150
	((p99_1 <= 2 * quiet))
	is $? 0 "$1: the scheduler's calls are not behind a flood of the same vGPU"

	echo "3 8" >$gpu/rpc/weight
	call "$1" 3:32,4:32 calls=300
	((calls_0 > 17 * calls_1 / 10 && calls_0 < 23 * calls_1 / 10))
	is $? 0 "$1: twice the weight, twice the calls"
	like "$(grep -P '^3\t' $gpu/rpc/flows)" $'^3\t8\t0\t0\t[0-9]+\t[0-9]+\t[0-9]+\t[0-9]+$' \
		"$1: the flow is listed, nothing waits and nothing is out"
}

# With echoed numbers replies may overtake each other, without they come in order.
one_release 595.45.04
shares 595.45.04
unload_all
one_release 570.144
unload_all

load_sim
fails "a weight of 0 is refused" bash -c "echo '3 0' >$gpu/rpc/weight"
fails "so is a weight without a gfid" bash -c "echo 3 >$gpu/rpc/weight"
fails "and a window that is too large" bash -c "echo 129 >$parameters/rpc_window"
unload_all
