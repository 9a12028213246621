# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What must hold after a round of the stress test, whatever was done in it.

# What each run must have provoked, or it has shown nothing.
provoked=(removed recovered ejected quarantined refused created destroyed policies hooks opened
	items fences)

problem() { # TEXT
	echo "not ok - $what: $1"
	echo "$what: $1" >>$problems
}

say_how_again() {
	local round

	round=$(sed -n '1s/^round \([0-9]*\):.*/\1/p' $problems)
	sort -s -n -k 1,1 "$out"/worker.* >"$out/steps" 2>/dev/null
	cp $klog "$out/kernel.log"
	echo "# again: make stress STRESS_SECONDS=$seconds STRESS_SEED=$seed" \
		"STRESS_ROUND=${round:-${only-}}${chosen:+ STRESS_STEPS=$chosen}"
	echo "# what was done, in order: $out/steps; the kernel's log: $out/kernel.log"
}

tell() { # HEAD ARRAY
	local -n told=$2
	local name line=

	for name in steps nothing "${provoked[@]}" reloaded killed; do
		((${told[$name]-0} == 0)) || line+=", ${told[$name]} $name"
	done
	echo "$1${line}"
}

# How steps ended, by what that means.
count_up() { # STEP RESULT NUMBER
	add() { got[$1]=$((${got[$1]-0} + $2)); }

	case $1 in
	items | fences | killed) add "$1" "$3"; return ;;
	esac
	add steps "$3"
	case $1:$2 in
	unload-sim:ok | unload-core:ok) add removed "$3" ;;
	load:ok) add reloaded "$3" ;;
	create:ok) add created "$3" ;;
	destroy:ok) add destroyed "$3" ;;
	destroy:EBUSY) add refused "$3" ;;
	user:ok) add opened "$3" ;;
	*:ENOENT | *:ENODEV) add nothing "$3" ;;
	esac
}

# What the kernel said in this round.
take_log() {
	sleep 0.3
	tail -c +$((mark + 1)) $klog >$klog.round
}

look_for_splat() {
	local splat

	take_log
	splat=$("$top/tools/vm/splat-scan" $klog.round) && return
	problem "the kernel complains: $(head -n 1 <<<"$splat")"
	grep -A40 -F -e "$(head -n 1 <<<"$splat")" $klog.round | sed 's/^/# /'
	# What comes after it proves nothing.
	dead=1
}

count_log() {
	local log=$klog.round

	got[recovered]=$(grep -c 'in service again after' $log)
	got[ejected]=$(grep -c 'policy ".*" ejected' $log)
	got[quarantined]=$(grep -c 'not used again until the GPU is reset or removed' $log)
	got[policies]=$(grep -c 'policy ".*" attached' $log)
	got[hooks]=$(grep -c 'hook ".*" attached' $log)
}

param() { echo "$2" >"$params/$1"; }

# As a machine would have them that nobody torments.
calm_down() {
	local file dir g

	"$stress" heal
	find /sys/fs/bpf -mindepth 1 -depth -delete
	set_timeout 6000
	param rpc_slow_timeout_ms 45000
	param boot_timeout_ms 20000
	param vgpu_boot_timeout_ms 20000
	param vgpu_rpc_timeout_ms 6000
	param rpc_window 8
	param rpc_flow_window 6
	param recoveries_max 16
	param rpc_timeouts_reset 0
	param allow_injection 1
	echo 0 >$tracing/events/novabpf/enable
	for g in "$@"; do
		echo best-effort >"$g/sched/builtin"
		echo 0 >"$g/sched/slice_us"
	done
	for dir in /sys/kernel/debug/novabpf_sim/gpu*; do
		[[ ! -d $dir ]] || echo "0 8" >"$dir/service"
	done
	for file in /sys/bus/mdev/devices/*/remove; do
		[[ ! -e $file ]] || echo 1 >"$file" || problem "$file: refused"
	done
	for g in "$@"; do
		echo all >"$g/rpc/release"
		wait_for 20 grep -qv '^en\|^dis' "$g/sched/state"
		[[ $(<"$g/sched/state") != faulted ]] || echo 1 >"$g/sched/reset"
	done
}

hooks_of() { grep -v '^#' "$1/rpc/hooks"; } # GPU
no_hooks() { [[ ! $(hooks_of "$1") ]]; }
no_policy() { [[ $(<"$1/sched/state") == builtin && ! $(<"$1/sched/policy") ]]; }

# A GPU that was in the middle of it all is reset, and then is as good as a new one.
look_at_gpus() {
	local g gpus=(/sys/class/novabpf/gpu*)

	if [[ ! -d ${gpus[0]} ]]; then
		load_sim fb_mb=24576 || problem "the modules do not load any more"
		gpus=(/sys/class/novabpf/gpu*)
	fi
	[[ -d ${gpus[0]} ]] || return
	calm_down "${gpus[@]}"
	for g in "${gpus[@]}"; do look_at_gpu "$g"; done
	wait_for 20 agree_on_links || problem "not all see the same links: $(novabpf list -j 2>&1)"
	gpu=${gpus[0]} debug=/sys/kernel/debug/novabpf/gpu0
	still_works "$(<$gpu/release)" || problem "calls do not work any more: \
$load_wrong wrong, $load_timeouts timeouts, $load_failures failures, GPU $(<$gpu/state)"
	ringcheck "$(<$gpu/release)" >/run/stress-ring 2>&1 ||
		problem "the queues: $(head -c 500 /run/stress-ring)"
}

states() { cat "$1"/vgpu[0-9]*/state 2>/dev/null; } # GPU

look_at_gpu() { # GPU
	local g=$1 name=${1##*/} vgpu

	(($(<"$g/vgpu_quarantined") == $(states "$g" | grep -c quarantined))) ||
		problem "$name: $(<"$g/vgpu_quarantined") in quarantine, vGPUs say $(states "$g" | paste -sd ' ')"
	echo 1 >"$g/recover" || problem "$name: no reset on request: $(<"$g/failure")"
	[[ $(<"$g/state") == ready ]] || problem "$name is $(<"$g/state"): $(<"$g/failure")"
	[[ $(<"$g/vgpu_quarantined") == 0 ]] || problem "$name: a reset does not end quarantine"
	wait_for 20 no_policy "$g" ||
		problem "$name: a policy is left: $(<"$g/sched/state") $(<"$g/sched/policy")"
	wait_for 20 no_hooks "$g" || problem "$name: a hook is left: $(hooks_of "$g" | paste -sd ' ')"
	for vgpu in "$g"/vgpu[0-9]*; do
		[[ ! -d $vgpu ]] || echo "${vgpu##*vgpu}" >"$g/vgpu_destroy" ||
			problem "$name: ${vgpu##*/} cannot be destroyed, it is $(<"$vgpu/state")"
	done
	[[ $(<"$g/vgpu_count") == 0 ]] || problem "$name counts $(<"$g/vgpu_count") vGPUs, of none"
	fill_up "$g"
}

# As many vGPUs as ever fit are made, and all work.
fill_up() { # GPU
	local g=$1 name=${1##*/} nr max i type=NOVA-4Q

	max=$(<"$g/vgpu_types/$type/max_instances")
	[[ $(<"$g/vgpu_types/$type/available_instances") == "$max" ]] ||
		problem "$name: $(<"$g/vgpu_types/$type/available_instances") places for $type, of $max"
	for ((nr = 1; nr <= max; nr++)); do
		echo "type=$type gfid=$nr" >"$g/vgpu_create" && continue
		problem "$name: vGPU $nr of $max is not made: $(<"$g/state")"
		return
	done
	agree "$g" "$max" || problem "$name: not all see the same vGPUs: $agreed"
	WORK_DEVICE=/dev/novabpf_sim${name#gpu} timeout 120 \
		"$top/build/selftests/bpf/work" 1000 $(seq "$max") >/run/stress-work 2>&1 ||
		problem "$name: no work is done: $(</run/stress-work)"
	for ((i = 1; i <= max; i++)); do
		(($(<"$g/vgpu$i/stats/runs") > 0)) || problem "$name: vGPU $i did not run"
	done
	for ((i = 1; i <= max; i++)); do
		echo $i >"$g/vgpu_destroy" || problem "$name: vGPU $i is not destroyed"
	done
	agree "$g" 0 || problem "$name: not all see that none is left: $agreed"
}

# sysfs, its count, the tool's list and its status
agree() { # GPU NUMBER
	local g=$1 name=${1##*/}

	agreed="$(states "$g" | grep -c '^ready$') ready, $(<"$g/vgpu_count") counted"
	agreed+=", $(novabpf vgpu list "$name" -j | grep -o '"state":"ready"' | wc -l) listed"
	agreed+=", $(novabpf status "$name" -j | python3 -c 'import json, sys
print(len(json.load(sys.stdin)[0]["vgpus"]))') in status"
	agreed+=", $(<"$g/vgpu_types/NOVA-4Q/available_instances") places"
	[[ $agreed == "$2 ready, $2 counted, $2 listed, $2 in status, $((max - $2)) places" ]]
}

agree_on_links() { [[ $(novabpf list -j) == "[]" ]]; }

same_objects() { [[ $("$churn" count) == "$objects" ]]; }

# Nothing is left.
look_at_rest() {
	local left

	unload_all || problem "a module cannot be unloaded: $(lsmod | grep ^novabpf | paste -sd ' ')"
	left=$(find /sys/class/novabpf /sys/kernel/debug/novabpf /sys/kernel/debug/novabpf_sim \
		/dev/novabpf_sim* /sys/bus/platform/devices/novabpf* /sys/module/novabpf* \
		/sys/bus/mdev/devices/* -maxdepth 0 2>/dev/null | paste -sd ' ')
	[[ ! $left ]] || problem "left when all is unloaded: $left"
	wait_for 20 same_objects || problem "BPF objects are left: $("$churn" count), not $objects"
}

memory_kb() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(Slab|VmallocUsed|Percpu|KernelStack):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# The first rounds fill caches.
warm_up=4
remember_memory() {
	memory=$(memory_kb)
	((rounds != warm_up)) || base=$memory
}

look_at_memory() {
	local grown=$((memory - ${base:-memory})) most=8192

	((rounds > warm_up)) || return
	# KASAN keeps what is freed for a while, up to a 32nd of all memory.
	[[ ! $kasan ]] || most=$((most + $(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) / 32))
	echo "# memory grew by $grown KiB over $((rounds - warm_up)) rounds"
	((grown < most)) || problem "memory grows by $grown KiB"
}

# What was to come up and has not.
missing() {
	local name

	if [[ $chosen ]]; then
		((${sum[steps]-0} > ${sum[nothing]-0})) || echo "a step that found what it was for"
		return
	fi
	for name in "${provoked[@]}"; do
		((${sum[$name]-0} > 0)) || echo "$name"
	done
}

look_at_provoked() {
	local name

	[[ ! $dead ]] || return
	while read -r name; do
		problem "nothing of this came up: $name"
	done < <(missing)
}
