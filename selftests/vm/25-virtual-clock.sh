#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clock=virtual: boot, calls, faults and unload as with the real clock; the same
# calls take the same GPU time to the digit; waiting costs no time. What the core does
# for such a clock is off while there is none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 25
here=$(dirname "$(readlink -f "$0")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; lib_end' EXIT

# All of the history but the number of the process.
stamps() { cut -f 1-6,8- $debug/history; }

mark=$(dmesg_mark)
fails "a clock that does not exist is refused" load_sim clock=sundial
like "$(dmesg_since "$mark")" 'novabpf_sim: clock=sundial; want real or virtual' \
	"and the log says which there are"

vtime_key() { "$here/static_key.py" nova_vtime_key; }
modprobe novabpf
is "$(vtime_key)" 0 "idle accounting is off without a GPU"
load_sim fw=580.95.05
is "$(vtime_key)" 0 "it is off while the only GPU is in real time"
unload_all
load_sim fw=580.95.05 clock=virtual gpus=2
is "$(vtime_key)" 2 "each GPU with a virtual clock turns it on"
rmmod novabpf_sim
is "$(vtime_key)" 0 "it is off again when they are gone"
unload_all

# Boot and calls of one thread, twice.
load_sim fw=580.95.05 clock=virtual seed=3
is "$(cat $gpu/state)" ready "boots on a virtual clock"
stamps >"$tmp/boot"
run_load 580.95.05 threads=1 calls=200 posts=0
stamps >"$tmp/calls"
is "$load_wrong $load_timeouts $load_failures" "0 0 0" "200 calls are answered"
unload_all
load_sim fw=580.95.05 clock=virtual seed=3
is "$(stamps | diff "$tmp/boot" -)" "" "a second boot takes the same GPU time to the digit"
sleep 1
run_load 580.95.05 threads=1 calls=200 posts=0
is "$(stamps | diff "$tmp/calls" -)" "" "so do the same calls, a second of real time later"
unload_all
load_sim fw=580.95.05 clock=virtual seed=4
stamps | cmp -s "$tmp/boot" -
is $? 1 "another seed gives other times"
unload_all

one_release() { # RELEASE
	local before elapsed

	load_sim "fw=$1" clock=virtual
	run_load "$1" threads=4 calls=1000 large=100
	echo "# $load_calls calls in $load_elapsed_ms ms"
	is "$load_wrong $load_timeouts $load_failures" "0 0 0" "$1: 1,000 mixed calls"

	set_timeout 120000
	before=$(counter rpc_timeouts)
	fault next drop
	run_load "$1" threads=1 calls=20
	elapsed=$load_elapsed_ms
	# Without echoed numbers, the same call tried again waits behind the lost reply.
	[[ $load_wrong == 0 && $(counter rpc_timeouts) -gt $before ]]
	is $? 0 "$1: a dropped reply times out"
	((elapsed < 60000))
	is $? 0 "$1: two minutes of GPU time pass at once" || echo "# $elapsed ms"

	set_timeout 1000
	before=$(counter rpc_late)
	fault next late 2000000
	run_load "$1" threads=1 calls=30
	is "$load_wrong $(($(counter rpc_late) - before))" "0 1" "$1: a late reply is recognised"

	before=$(counter events)
	fault storm 2000
	run_load "$1" threads=2 calls=200
	is "$load_wrong $load_timeouts $load_failures" "0 0 0" \
		"$1: an event storm does not disturb calls"
	wait_for 10 test $(($(counter events) - before)) -ge 2000
	is $? 0 "$1: no event of the storm is missed"
	succeeds "$1: it unloads" unload_all
}

one_release 570.144
one_release 595.45.04
