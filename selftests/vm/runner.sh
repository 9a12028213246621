#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs tests of this folder inside the virtual machine, one after another, and
# prints their TAP between marks for selftests/run. After each test: no kernel
# fault may be in the log, no module or BPF object of ours may be left.
# Before each, it asks for the next one: the host writes its path to the file
# QUEUE/NUMBER, or nothing at the end.
# usage: runner.sh QUEUE

queue=$1
here=$(dirname "$(readlink -f "$0")")
splat_scan=$here/../../tools/vm/splat-scan
limit_s=${NOVABPF_TEST_LIMIT_S:-900}
log=/run/novabpf-dmesg

objects() {
	local what

	lsmod | awk '$1 ~ /^novabpf/ { print "module " $1 }'
	for what in prog map link; do
		bpftool "$what" show 2>/dev/null | grep -v pid_iter | sed -n "s/^[0-9]\+: /bpf $what &/p"
	done
	find /sys/fs/bpf -mindepth 1 -type f -printf 'pinned %p\n'
}

left_behind() {
	local now end=$((SECONDS + 3))

	while :; do
		now=$(comm -13 <(sort <<<"$before") <(objects | sort))
		[[ $now ]] || return
		((SECONDS < end)) || break
		sleep 0.2
	done
	echo "$now"
}

clean_up() {
	find /sys/fs/bpf -mindepth 1 -depth -delete 2>/dev/null
	(. "$here/lib.sh" && unload_all && trap - EXIT) >/dev/null 2>&1
}

asked=0
next_file() { # sets $path
	asked=$((asked + 1))
	echo "=== next $asked"
	until [[ -e $queue/$asked ]]; do
		sleep 0.1
	done
	path=$(<"$queue/$asked")
	[[ $path ]]
}

before=$(objects)
# The log is read as it grows: what scrolls out of the ring is not lost.
cat /proc/kmsg >"$log" &
reader=$!
trap 'kill "$reader"' EXIT
sleep 0.5

while next_file; do
	test=${path##*/}
	start=$(stat -c %s "$log")
	echo "=== begin $test"
	timeout -k 5 "$limit_s" bash "$path" </dev/null 2>&1
	status=$?
	echo
	[[ $status -eq 124 ]] && echo "not ok 9001 - time limit of $limit_s s"
	left=$(left_behind)
	if [[ $left ]]; then
		echo "not ok 9002 - nothing left behind"
		sed 's/^/# /' <<<"$left"
		clean_up
	fi
	sleep 0.2
	tail -c +$((start + 1)) "$log" | sed 's/^<[0-9]*>//' >"$log.test"
	cp "$log.test" "$NOVABPF_OUT/${test%.sh}.dmesg.log"
	if ! splat=$("$splat_scan" "$log.test"); then
		echo "not ok 9003 - no kernel splat"
		sed 's/^/# /' <<<"$splat" | head -n 40
	fi
	echo "=== end $test $status"
done
