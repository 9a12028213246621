#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Firmware calls: how many per second and how long they take, against the way of one
# at a time; then what hooks, rules, probes and tracepoints cost, in instructions, and
# what hooks and tracepoints cost that are off, and what virtual time costs a GPU in real
# time. Runs inside the virtual machine of "make bench"; the first part needs no counted
# instructions, its times are those of the virtual clock. Prints four tables of
# reStructuredText.

here=$(dirname "$(readlink -f "$0")")
result=/sys/kernel/debug/novabpf_callers/result
trace=/sys/kernel/tracing/events/novabpf
release=595.45.04
objects=$here/../../build
measured="function=GSP_RM_CONTROL cmd=FIFO_OBJSCHED_GET_STATE"
rpcs=2000

fail() { echo "bench: $*" >&2; exit 1; }

# Sets per_s, p99 of the first group, and cpu, the instructions of a call.
call() { # [PARAMETER=VALUE...]
	local line

	modprobe novabpf_callers release=$release "$@" || fail "novabpf_callers does not load"
	line=$(sed -n 's/^0\t//p' $result)
	read -r _ _ _ failed per_s _ p99 _ <<<"$line"
	cpu=$(sed -n 's/^# cpu_ns_per_call //p' $result)
	rmmod novabpf_callers
	[[ $failed == 0 ]] || fail "calls failed: $line"
}

# Hooks let go of the module a moment after they are detached.
unload_core() {
	local i

	for ((i = 0; i < 50; i++)); do
		rmmod novabpf 2>/dev/null && return
		sleep 0.2
	done
	fail "the core does not unload"
}

load() { # [CLOCK [FILE]]
	local how=(modprobe novabpf_sim)

	[[ ! $2 ]] || how=(insmod "$2")
	"${how[@]}" fw=$release clock="${1:-virtual}" latency_us=0 jitter_us=0 ||
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

rule="====================================  ============  ==========  ========="

row() { # WHAT
	call groups=0:1 calls=$rpcs
	[[ $none ]] || none=$cpu
	printf '%-36s  %12d  %10d  %8s%%\n' "$1" "$cpu" $((cpu - none)) \
		"$(awk -v a="$cpu" -v b="$none" 'BEGIN { printf "%.2f", 100 * (a - b) / b }')"
}

head_of() { # WHAT
	printf '%s\n%-36s  %s\n%s\n' "$rule" "$1" "instructions        more" "$rule"
}

with() { # NAME FILE
	[[ -e $2 ]] || { echo "bench: $1 is not built, left out" >&2; return; }
	novabpf attach "$2" >/dev/null || fail "$1 is not attached"
	row "$1"
	novabpf detach gpu0 --hook "$1" >/dev/null || fail "$1 is not detached"
}

# Rules of one kind. All but the last kind never fit a call that is measured.
rules() { # NUMBER KIND
	local i

	for ((i = 1; i <= $1; i++)); do
		case $2 in
		other) echo "cmd=$((0x20801200 + i)) nth=3 action=drop" ;;
		gfid) echo "$measured gfid=$(((i - 1) % 512 + 1)) nth=3 action=drop" ;;
		field) echo "$measured field:hObject=$i nth=3 action=drop" ;;
		fits) echo "$measured nth=4000000000 action=drop" ;;
		esac
	done
}

injected() { # WHAT NUMBER KIND [LAST-KIND]
	{
		rules "$2" "$3"
		[[ ! $4 ]] || rules 1 "$4"
	} >/run/bench.rules
	novabpf inject add --file /run/bench.rules >/dev/null || fail "no rules: $1"
	row "$1"
	novabpf inject clear || fail "the rules do not go: $1"
}

# The same look at each call by other means. None of them sees the reply.
probed() { # WHAT FILE
	[[ -e $2 ]] || { echo "bench: $1 is not built, left out" >&2; return; }
	bpftool prog loadall "$2" /sys/fs/bpf/bench autoattach >/dev/null ||
		fail "$1 is not attached"
	row "$1"
	rm -r /sys/fs/bpf/bench
}

tracepoints() {
	local name

	for name in gsp_rpc_submit gsp_rpc_send gsp_rpc_reply gsp_rpc_done; do
		echo "$1" >$trace/$name/enable
	done
}

costs() {
	local name n

	echo 1 >/sys/module/novabpf/parameters/allow_injection
	none=
	load
	# Once before it counts: caches of the allocator fill up.
	call groups=0:1 calls=$rpcs
	head_of "what is on"
	row "nothing"
	with hook "$objects/selftests/bench/hook.bpf.o"
	for name in firewall ratelimit rpclat slow; do
		with $name "$objects/bpf/rpc/$name.bpf.o"
	done
	for n in 1 100 1000; do
		injected "inject: $n, other calls" $n other
	done
	for n in 1 100 1000; do
		injected "inject: $n, this call, other vGPUs" $n gfid
	done
	for n in 1 100 1000; do
		injected "inject: $n, this call, by a field" $n field
	done
	injected "inject: 1, it fits" 1 fits
	injected "inject: 1000, the last one fits" 999 gfid fits
	probed "fentry program" "$objects/selftests/bench/fentry.bpf.o"
	probed "kprobe program" "$objects/selftests/bench/kprobe.bpf.o"
	modprobe novabpf_kprobe cmd=0x20801201 nth=3 || fail "novabpf_kprobe does not load"
	row "kprobe of a module"
	rmmod novabpf_kprobe
	tracepoints 1
	row "four tracepoints"
	tracepoints 0
	row "nothing again"
	echo "$rule"
	rmmod novabpf_sim
}

core() { # WHAT FILE [CLOCK [SIMULATOR]]
	[[ -e $2 ]] || { echo "bench: $2 is not built, left out" >&2; return; }
	unload_core
	insmod "$2" || fail "$2 does not load"
	load "${@:3}"
	# The first calls in real time come while what the boot left is still done.
	[[ $3 != real ]] || call groups=0:1 calls=$rpcs
	call groups=0:1 calls=$rpcs
	row "$1"
	rmmod novabpf_sim
}

# What hooks and tracepoints cost while they are off.
absent() {
	none=
	head_of "core"
	core "as it is" "$(modinfo -F filename novabpf)"
	core "without hooks" "$objects/bench/without/nohooks.ko"
	core "without tracepoints" "$objects/bench/without/notrace.ko"
	core "as it is, again" "$(modinfo -F filename novabpf)"
	echo "$rule"
}

# What idle accounting costs a GPU in real time, which has no use for it: the label is off.
# A virtual clock in between proves that it goes off again.
real_time() {
	local core without=$objects/bench/without

	core=$(modinfo -F filename novabpf)
	none=
	head_of "GPU in real time, idle accounting"
	core "not built" "$without/novtime.ko" real "$without/novtime-sim.ko"
	core "off" "$core" real
	load virtual
	rmmod novabpf_sim
	load real
	call groups=0:1 calls=$rpcs
	row "off, after it was on"
	rmmod novabpf_sim
	core "not built, again" "$without/novtime.ko" real "$without/novtime-sim.ko"
	echo "$rule"
	unload_core
	modprobe novabpf || fail "the core does not load"
}

# A kprobe fails a call where BPF cannot: it has to be seen once that it does.
kprobe_fails() {
	local line

	load
	modprobe novabpf_kprobe cmd=0x20801120 nth=7 || fail "novabpf_kprobe does not load"
	modprobe novabpf_callers release=$release groups=0:1 calls=20 ||
		fail "novabpf_callers does not load"
	line=$(sed -n 's/^0\t//p' $result)
	rmmod novabpf_callers
	rmmod novabpf_kprobe
	rmmod novabpf_sim
	read -r _ _ _ failed _ <<<"$line"
	[[ $failed == 1 ]] || fail "the kprobe did not fail one call: $line"
}

# What ran before may have left modules with parameters of its own.
for module in novabpf_bench novabpf_sim; do
	rmmod $module 2>/dev/null
done
unload_core
modprobe novabpf || fail "the core does not load"
[[ $1 == real-time ]] && { real_time; exit; }
throughput
# Only where an instruction is a nanosecond the second table means anything.
[[ $1 == throughput ]] && exit
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
costs
absent
real_time
kprobe_fails
