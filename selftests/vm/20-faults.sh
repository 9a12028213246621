#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the firmware may do wrong on the wire: each is counted under its name,
# consumed, and the driver works afterwards. With and without echoed sequence.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

# fault: counter that must move, calls that may time out
kinds='
badsum bad_checksum 1
badlen bad_length 1
elem0 bad_elemcount 1
elem17 bad_elemcount 1
badsig bad_header 1
badver bad_header 1
badfn bad_function 1
wrongfn rpc_unmatched 1
lost records_lost 0
stale bad_sequence 0
drop rpc_timeouts 1
dup rpc_unmatched 0'

plan $((2 * (12 * 2 + 14)))

one_kind() { # RELEASE KIND COUNTER TIMEOUTS
	local before

	before=$(counter "$3")
	fault next "$2"
	run_load "$1" threads=1 calls=40
	[[ $load_wrong == 0 && $load_timeouts -le $4 && $(counter "$3") -gt $before ]]
	is $? 0 "$1: $2 is counted as $3, calls end" ||
		echo "# wrong $load_wrong, timeouts $load_timeouts, $3 $before -> $(counter "$3")"
	succeeds "$1: works after $2" still_works "$1"
}

late_reply() { # RELEASE
	local late

	late=$(counter rpc_late)
	fault next late 2000000
	run_load "$1" threads=1 calls=30
	is "$load_wrong" 0 "$1: a late reply answers no newer call"
	wait_for 5 test "$(counter rpc_late)" -gt "$late"
	[[ $(counter rpc_late) -gt $late ]]
	is $? 0 "$1: the late reply is recognised"
	like "$(cat $debug/history)" $'\tlate\t' "$1: the history says that the reply came late"
}

one_release() { # RELEASE
	local before line

	load_sim "fw=$1" || return
	# What is seen of a failure itself; 36-recovery.sh is about what follows.
	echo 0 >/sys/module/novabpf/parameters/rpc_timeouts_reset
	echo 0 >/sys/module/novabpf/parameters/recoveries_max
	# Long enough for a slow machine: only a damaged reply may time out.
	set_timeout 1000
	while read -r line; do
		# shellcheck disable=SC2086 # words are meant
		[[ $line ]] && one_kind "$1" $line
	done <<<"$kinds"
	late_reply "$1"

	before=$(counter bad_pointer)
	fault wptr 63
	run_load "$1" threads=1 calls=20
	is "$(($(counter bad_pointer) - before)) $load_wrong" "1 0" \
		"$1: a write pointer out of range is counted"

	before=$(counter events)
	fault storm 2000
	run_load "$1" threads=2 calls=200
	is "$load_wrong $load_timeouts $load_failures" "0 0 0" \
		"$1: an event storm does not disturb calls"
	wait_for 10 test $(($(counter events) - before)) -ge 2000
	is $? 0 "$1: no event of the storm is missed"

	set_timeout 300
	fault stall on
	run_load "$1" threads=8 calls=80
	like "$(cat $debug/history)" 'not-consumed' "$1: calls that GSP never took are told apart"
	fault stall off
	set_timeout 1000
	succeeds "$1: works after the firmware took nothing" wait_for 20 still_works "$1"
	set_timeout 300

	before=$(counter rpc_timeouts)
	fault mute on
	run_load "$1" threads=4 calls=8
	[[ $(counter rpc_timeouts) -gt $before ]] && grep -q unanswered $debug/history
	is $? 0 "$1: calls that GSP took and never answered are told apart"
	fault mute off
	set_timeout 1000
	succeeds "$1: works after the firmware was mute" wait_for 20 still_works "$1"

	fault mute on
	(sleep 1; fault halt) &
	run_load "$1" threads=4 calls=8
	wait
	is "$load_calls" 0 "$1: calls in flight end when the firmware halts"
	is "$(cat $gpu/state)" failed "$1: the GPU is marked as failed"
	like "$(cat $gpu/failure)" 'halted' "$1: and says why"
	succeeds "$1: it unloads all the same" unload_all
}

one_release 570.144
one_release 595.45.04
