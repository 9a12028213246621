#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots one release of every class of wire format, without rebuilding, and lets
# an independent checker read the queue memory right after the boot and after
# 1,000 mixed calls.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

# release: element header, queue arguments, control header, init RPCs, sequence
classes='
515.43.04  8  32 24 before-start none
525.60.13  8  32 24 before-start none
535.54.03  8  48 24 before-start none
535.113.01 48 48 24 before-start none
535.161.07 48 48 24 before-start none
550.163.01 48 48 24 before-start none
570.144    48 32 24 before-start none
570.190    48 32 24 before-start echoed
580.65.06  48 32 40 before-start none
580.95.05  48 32 40 before-start echoed
595.45.04  48 64 40 after-start  echoed'

plan $((11 * 6))

one_release() { # RELEASE HEADER ARGS CONTROL INIT SEQUENCE
	local abi

	succeeds "$1 boots" load_sim "fw=$1"
	is "$(cat $gpu/state) $(cat $gpu/release)" "ready $1" "$1 is ready"
	abi=$(cd $gpu/abi && cat element_header_bytes queue_args_bytes \
		control_header_bytes init_rpcs sequence | paste -sd ' ')
	is "$abi" "$2 $3 $4 $5 $6" "$1 speaks the wire format of its class"
	succeeds "$1: queues are well formed after the boot" ringcheck "$1"
	run_load "$1" threads=2 calls=1000 large=250
	is "$load_wrong $load_timeouts $load_failures $(counter records_bad)" "0 0 0 0" \
		"$1 answers 1,000 mixed calls rightly"
	succeeds "$1: queues are well formed after them" ringcheck "$1"
	unload_all
}

while read -r line; do
	# shellcheck disable=SC2086 # words are meant
	[[ $line ]] && one_release $line
done <<<"$classes"
