# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the firmware side share; after lib.sh.

gpu=/sys/class/novabpf/gpu0
debug=/sys/kernel/debug/novabpf/gpu0
fault_file=/sys/kernel/debug/novabpf_sim/gpu0/fault

counter() { cat "$gpu/counters/$1"; }

fault() { echo "$*" >"$fault_file"; }

set_timeout() { echo "$1" >/sys/module/novabpf/parameters/rpc_timeout_ms; }

# Runs the test load, sets load_ok, load_wrong, load_timeouts and so on.
run_load() { # RELEASE [PARAMETER=VALUE...]
	local key value

	modprobe novabpf_test "release=$1" "${@:2}" || return
	while read -r key value; do
		declare -g "load_$key=$value"
	done </sys/kernel/debug/novabpf_test/result
	rmmod novabpf_test
}

# One call that must be answered rightly: the driver still works.
still_works() { # RELEASE
	run_load "$1" threads=1 calls=20 && [[ $load_wrong == 0 && $load_timeouts == 0 ]] &&
		[[ $load_failures == 0 && $(cat $gpu/state) == ready ]]
}

ringcheck() { # RELEASE
	local dump=/run/queues

	cat $debug/queues >$dump &&
		python3 "$(dirname "${BASH_SOURCE[0]}")/ringcheck.py" --release "$1" $dump
}
