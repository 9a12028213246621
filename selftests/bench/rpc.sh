#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Firmware calls: how many per second and how long they take, against the way of one
# at a time; then what hooks and tracepoints cost, in instructions. Runs inside the
# virtual machine of "make bench"; the first part needs no counted instructions, its
# times are those of the virtual clock. Prints two tables of reStructuredText.

here=$(dirname "$(readlink -f "$0")")
result=/sys/kernel/debug/novabpf_callers/result
trace=/sys/kernel/tracing/events/novabpf
release=595.45.04
objects=$here/../../build

fail() { echo "bench: $*" >&2; exit 1; }

# Sets per_s, p50, p99 of the first group, and cpu, the instructions of a call.
call() { # [PARAMETER=VALUE...]
	local line

	modprobe novabpf_callers release=$release "$@" || fail "novabpf_callers does not load"
	line=$(sed -n 's/^0\t//p' $result)
	read -r _ _ _ failed per_s p50 p99 _ <<<"$line"
	cpu=$(sed -n 's/^# cpu_ns_per_call //p' $result)
	rmmod novabpf_callers
	[[ $failed == 0 ]] || fail "calls failed: $line"
}

load() { # [PARAMETER=VALUE...]
	modprobe novabpf_sim fw=$release clock=virtual latency_us=0 jitter_us=0 "$@" ||
		fail "the simulator does not load"
}

# RPCs per second: fixed 50 us, 8 of them at once.
throughput() {
	local callers base

	modprobe novabpf_sim fw=$release clock=virtual latency_us=50 jitter_us=0 inflight=8 ||
		fail "the simulator does not load"
	echo "=======  ================  ===========  ==========  ===========  ========"
	echo "callers  one at a time /s  p99 (us)     novabpf /s  p99 (us)     times"
	echo "=======  ================  ===========  ==========  ===========  ========"
	for callers in 1 4 16; do
		call groups=0:$callers calls=2000 one_at_a_time=1
		base="$per_s $p99"
		call groups=0:$callers calls=2000
		# shellcheck disable=SC2086 # words are meant
		awk -v callers=$callers -v base="$base" -v per_s="$per_s" -v p99="$p99" 'BEGIN {
			split(base, b, " ")
			printf "%7d  %16d  %11.1f  %10d  %11.1f  %8.1f\n", callers, b[1],
				b[2] / 1000, per_s, p99 / 1000, per_s / b[1] }'
	done
	echo "=======  ================  ===========  ==========  ===========  ========"
	rmmod novabpf_sim
}

row() { # WHAT
	call groups=0:1 calls=2000
	[[ $none ]] || none=$cpu
	printf '%-26s  %12d  %10d  %8s%%\n' "$1" "$cpu" $((cpu - none)) \
		"$(awk -v a="$cpu" -v b="$none" 'BEGIN { printf "%.2f", 100 * (a - b) / b }')"
}

with() { # NAME FILE
	[[ -e $2 ]] || { echo "bench: $1 is not built, left out" >&2; return; }
	novabpf attach "$2" >/dev/null || fail "$1 is not attached"
	row "$1"
	novabpf detach gpu0 --hook "$1" >/dev/null || fail "$1 is not detached"
}

costs() {
	local rule="==========================  ============  ==========  ========="
	local name

	none=
	load
	# Once before it counts: caches of the allocator fill up.
	call groups=0:1 calls=2000
	echo "$rule"
	echo "what is on                  instructions        more"
	echo "$rule"
	row "nothing"
	with hook "$objects/selftests/bench/hook.bpf.o"
	for name in firewall ratelimit rpclat slow; do
		with $name "$objects/bpf/rpc/$name.bpf.o"
	done
	for name in gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done; do
		echo 1 >$trace/$name/enable
	done
	row "four tracepoints"
	for name in gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done; do
		echo 0 >$trace/$name/enable
	done
	row "nothing again"
	echo "$rule"
	rmmod novabpf_sim
}

throughput
# Only where an instruction is a nanosecond the second table means anything.
[[ $1 == throughput ]] || costs
