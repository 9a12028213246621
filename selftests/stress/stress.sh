#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything at once in the virtual machine (make stress): round by round, several
# processes take steps in random order (stress.c has the table): write to sysfs, run the
# tool, make and use devices, attach policies and hooks, break the firmware, unload. After
# each round what must hold is looked at, and at the end whether enough was provoked to
# show anything. Documentation/testing.rst describes it.

usage="usage: stress.sh [--check] SECONDS SEED [ROUND [STEP,...]]"
check=
case ${1-} in
--help | -h)
	echo "$usage"
	echo "  SECONDS  rounds begin for so long, 5 to 86400"
	echo "  SEED     of all draws, 0 to 1000000"
	echo "  ROUND    this round again and again, 0 to 100000"
	echo "  STEP     these steps only; selftests/stress/stress.c has the names"
	echo "  --check  look at the arguments, and end"
	exit 0
	;;
--check)
	check=1
	shift
	;;
esac

number() { # WHAT VALUE LEAST MOST
	[[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) && return
	echo "stress: $1 is '$2'; want a number from $3 to $4" >&2
	exit 2
}
here=$(dirname "$(readlink -f "$0")")
known_steps() { sed -n 's/^\t{ "\([a-z-]*\)", [0-9]*, [a-z_]*, [A-Z_0-9]* },$/\1/p' "$here/stress.c"; }
(($# <= 4)) || { echo "stress: '$5' is too much; $usage" >&2; exit 2; }
number STRESS_SECONDS "${1-}" 5 86400
number STRESS_SEED "${2-}" 0 1000000
[[ ! ${3-} ]] || number STRESS_ROUND "$3" 0 100000
debug_kernels() { find "$here/../debug" -name '*.config' -printf '%f\n' | sed 's/\.config$//' | grep -vx base; }
[[ ! ${STRESS_DEBUG-} ]] || debug_kernels | grep -qxF -e "$STRESS_DEBUG" || {
	echo "stress: DEBUG is '$STRESS_DEBUG'; want $(debug_kernels | sort | paste -sd ' ')" >&2
	exit 2
}
for step in ${4//,/ }; do
	known_steps | grep -qxF -e "$step" && continue
	echo "stress: STRESS_STEPS has '$step'; want some of: $(known_steps | paste -sd ' ')" >&2
	exit 2
done
[[ ! $check ]] || exit 0

top=$(dirname "$(dirname "$here")")
. "$top/selftests/vm/lib.sh"
. "$top/selftests/vm/gsp.sh"
trap - EXIT
. "$here/after.sh"

seconds=$((10#$1)) seed=$((10#$2)) only=${3:+$((10#$3))} chosen=${4-}
stress=$top/build/selftests/stress/stress
export STRESS_TOP=$top
churn=$top/build/selftests/bpf/churn
params=/sys/module/novabpf/parameters
tracing=/sys/kernel/tracing/instances/stress
out=${NOVABPF_OUT:-/run}
workers=6
# A kernel that watches itself is slower by far; no step needs a tenth of this.
slow=1 kasan=
! grep -qw kasan_report /proc/kallsyms || kasan=1
[[ ! -e /proc/lockdep && ! $kasan ]] || slow=4
step_limit_s=$((60 * slow))
check_limit_s=$((300 * slow))
per_round_s=$((seconds < 15 * slow ? seconds : 15 * slow))
problems=/run/stress-problems
klog=/run/stress-log
rounds=0 dead=
declare -A sum

start_log() {
	# Each line with the time in brackets, as splat-scan wants it.
	dmesg --follow-new >$klog &
	reader=$!
}

# The same, and who holds which lock where the kernel knows, into the kernel's log.
all_stacks() {
	echo w >/proc/sysrq-trigger
	echo d >/proc/sysrq-trigger
	sleep 1
}

# A process that does not end, whatever is done to it, is told and left behind.
bounded() { # SECONDS WHAT COMMAND...
	local end=$((SECONDS + $1)) pid

	"${@:3}" &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		((SECONDS < end)) || {
			problem "$2 has not ended within $1 s"
			"$stress" stacks | sed 's/^/# /'
			all_stacks
			dead=1
			return 1
		}
		sleep 0.2
	done
	wait $pid
}

take_steps() { # ROUND
	local said=$out/said steps=()

	[[ ! $chosen ]] || steps=("$chosen")
	"$stress" run $per_round_s $seed "$1" $workers $step_limit_s "$out" "${steps[@]}" >"$said"
	status=$?
	((status != 3)) || { dead=1; all_stacks; }
	while read -r line; do
		case $line in
		"count "*) count_up ${line#count } ;;
		"wrong: "* | "stuck: "*) problem "$line" ;;
		*) echo "# $line" ;;
		esac
	done <"$said"
	((status == 0 || status == 1 || status == 3)) || problem "stress ended with $status"
}

one_round() { # NUMBER
	what="round $1"
	declare -gA got=()
	objects=$("$churn" count)
	mark=$(stat -c %s $klog)
	began=$SECONDS
	take_steps "$1"
	took=$((SECONDS - began))
	look_for_splat
	count_log
	[[ $dead ]] || bounded $check_limit_s "looking at the GPUs" look_at_gpus
	[[ $dead ]] || bounded $check_limit_s "unloading" look_at_rest
	[[ $dead ]] || look_for_splat
	tell "# $what, seed $seed: $took s, then $((SECONDS - began - took)) s" got
}

start=$SECONDS
: >$problems
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing
mkdir -p "$out" $tracing
modprobe -a mdev vfio vfio_iommu_type1 2>/dev/null
wait_for 5 unload_all
start_log
# What has not come up yet gets some more rounds.
while [[ ! $dead ]] && (($(wc -l <$problems) < 10)) &&
	{ ((SECONDS < start + seconds)) || { ((rounds < 4)) && [[ $(missing) ]]; }; }; do
	# All steps are in every fourth.
	((SECONDS < start + seconds)) && nr=$rounds || nr=$((rounds * 4))
	one_round "${only:-$nr}"
	for name in "${!got[@]}"; do
		sum[$name]=$((${sum[$name]-0} + got[$name]))
	done
	rounds=$((rounds + 1))
	[[ $dead ]] || remember_memory
done
what="all rounds"
[[ $dead ]] || look_at_memory
look_at_provoked
tell "# $rounds rounds, $((SECONDS - start)) s" sum
[[ ! -s $problems ]] || say_how_again
kill $reader 2>/dev/null
[[ -s $problems ]] || echo "ok - stress of $rounds rounds, seed $seed"
[[ ! -s $problems ]]
