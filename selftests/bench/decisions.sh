#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a scheduling decision costs, by who makes it and by how many vGPUs wait for
# the engine. Runs inside the virtual machine of "make bench", where a nanosecond
# is an instruction. Prints a table; decisions.csv in $NOVABPF_OUT has all numbers.

here=$(dirname "$(readlink -f "$0")")
policy=$here/../../build/selftests/bpf/policy
objects=$here/../../build/bpf/sched
gpu=/sys/class/novabpf/gpu0
bench=/sys/kernel/debug/novabpf_bench
trace=/sys/kernel/tracing/events/novabpf
csv=${NOVABPF_OUT:-/tmp}/decisions.csv

fail() { echo "bench: $*" >&2; exit 1; }

load_modules() {
	rmmod novabpf 2>/dev/null
	modprobe novabpf vgpus_max=512 && modprobe novabpf_sim vgpus_max=512 ||
		fail "the modules do not load"
	modprobe novabpf_bench || fail "novabpf_bench does not load"
}

# The smallest type, so that as many as possible fit.
smallest_type() {
	local type bytes least='' name=''

	for type in $gpu/vgpu_types/*/; do
		bytes=$(<"${type}profile_bytes")
		if [[ -z $least ]] || ((bytes < least)); then
			least=$bytes name=$(basename "$type")
		fi
	done
	echo "$name"
}

create_to() { # NUMBER: so many vGPUs exist
	while ((created < $1)); do
		echo "type=$type" >$gpu/vgpu_create 2>/dev/null || return
		created=$((created + 1))
	done
}

row() { # WHO FILE: the vGPUs that wait times tracing off and on
	local waiting traced median least most

	for waiting in $waitings; do
		((waiting < created || created == 0)) || continue
		for traced in 0 1; do
			echo $traced >$trace/sched_pick/enable
			echo "$waiting" >"$bench/$2"
			read -r median least most <<<"$(cat "$bench/$2")"
			[[ $most ]] || fail "$1, $waiting vGPUs: no result"
			echo 0 >$trace/sched_pick/enable
			echo "$1,$created,$waiting,$traced,$median,$least,$most" | tee -a "$csv" >/dev/null
		done
	done
}

# With an argument: called by the loader while a policy is attached.
if [[ $1 == row ]]; then
	created=$3 waitings=$4
	row "$2 (BPF)" decide
	row "$2 + turn" turn
	# An ejected policy measures the built-in.
	[[ $(<$gpu/sched/state) == enabled ]] || fail "$2 was ejected: $(<$gpu/sched/exit_msg)"
	exit 0
fi

builtins() {
	local name

	for name in best-effort equal-share fixed-share; do
		echo $name >$gpu/sched/builtin
		row "$name (C)" decide
		row "$name + turn" turn
	done
	echo best-effort >$gpu/sched/builtin
}

policies() {
	local file name out

	for file in "$here/../../build/selftests/bench/pick.bpf.o" "$objects"/{rr,fair}.bpf.o; do
		name=$(basename "$file" .bpf.o)
		[[ -e $file ]] || { echo "bench: $name is not built, left out" >&2; continue; }
		out=$("$policy" "$file" "$0" row "$name" "$created" "$waitings" 2>&1) ||
			fail "$name: $out"
	done
}

daemon() {
	local pid

	"$here/../../build/selftests/bench/decided" &
	pid=$!
	row "daemon" daemon
	kill $pid
	wait $pid 2>/dev/null
}

load_modules
type=$(smallest_type)
[[ $type ]] || fail "the GPU has no vGPU types"
created=0
: >"$csv"
for step in "9 1 8" "512 1 8 47 511"; do
	create_to "${step%% *}"
	waitings=${step#* }
	builtins
	policies
done
daemon
python3 "$here/table.py" "$csv"
