# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What must hold after a round of the soak, whatever happened in it.

problem() { # TEXT
	local nr=${only:-$rounds}

	echo "not ok - $what: $1"
	[[ $told == "$nr" ]] || echo "# again, alone: make soak SOAK_CALLS=$calls SOAK_SEED=$seed" \
		"SOAK_ROUND=$nr"
	told=$nr
	bad=$((bad + 1))
	[[ ${NOVABPF_OUT-} ]] || return
	mkdir -p "$NOVABPF_OUT/$nr"
	tail -c +$((mark + 1)) $klog >"$NOVABPF_OUT/$nr/kernel.log"
	cp $tracing/trace $did "$NOVABPF_OUT/$nr/" 2>/dev/null
	novabpf gsp report >"$NOVABPF_OUT/$nr/report" 2>/dev/null
}

# A call that does not come back can't be killed; say where everybody is, and end.
hangs() {
	echo w >/proc/sysrq-trigger
	sleep 1
	problem "no end within $round_limit_s s"
	kill -9 $$
}

trace_on() {
	local event

	mkdir -p $tracing
	echo global >$tracing/trace_clock
	echo 4096 >$tracing/buffer_size_kb
	echo >$tracing/trace
	for event in gsp_state vgpu_admit vgpu_phase vgpu_quarantine policy_attach \
		policy_detach policy_eject; do
		echo 1 >$tracing/events/novabpf/$event/enable
	done
}

# What happened: told by the load, by the trace, and by those who did it.
count_up() {
	local name value

	for name in calls ok rm_errors timeouts reset wrong; do
		value=load_$name
		got[$name]=${!value:-0}
	done
	while read -r name value; do
		got[$name]=$((${got[$name]-0} + ${value:-1}))
	done <$did
	while read -r name value; do
		case $name in
		problem) problem "$value" ;;
		*) got[$name]=$value ;;
		esac
	done < <(awk -f "$top/selftests/soak/trace.awk" $tracing/trace)
}

# All ended, none wrongly; a reset costs a thread the calls that it has out, once.
look_at_calls() {
	((load_calls >= per_round / threads * threads)) ||
		problem "$load_calls calls ended, of $per_round"
	((load_wrong == 0)) || problem "$load_wrong wrong answers"
	((load_failures == 0)) || problem "$load_failures calls failed without a cause"
	((load_reset <= got[resets] * threads * 4)) ||
		problem "$load_reset calls ended by ${got[resets]} resets"
	((load_anew <= got[resets] * threads)) ||
		problem "objects were lost $load_anew times in ${got[resets]} resets"
	[[ " ${actors[*]} " != *" tenants "* ]] || ((got[items] > 0)) ||
		problem "the tenants got no work done"
}

quarantined() { cat $gpu/vgpu*/state 2>/dev/null | grep -c quarantined; }

idle() { # nothing waits and nothing is out, of anybody
	[[ ! $(awk '$3 != 0 || $4 != 0' $gpu/rpc/flows | grep -v '^#\|^gfid') ]]
}

look_at_gpu() { # RELEASE
	local vgpu

	set_timeout 6000
	param boot_timeout_ms 10000
	[[ $(<$gpu/state) != failed ]] || echo 1 >$gpu/recover
	[[ $(<$gpu/state) == ready ]] || problem "the GPU is $(<$gpu/state): $(<$gpu/failure)"
	wait_for 20 still_works "$1" || problem "calls do not work any more"
	wait_for 5 idle || problem "a call is left: $(<$gpu/rpc/flows)"
	# Damaged records are still there, until each slot was used again.
	run_load "$1" threads=1 calls=200 posts=0
	ringcheck "$1" >/run/novabpf-soak-ring 2>&1 ||
		problem "the queues: $(head -c 500 /run/novabpf-soak-ring)"
	(($(<$gpu/vgpu_quarantined) == $(quarantined))) ||
		problem "$(<$gpu/vgpu_quarantined) in quarantine, and $(quarantined) say so"
	echo 1 >$gpu/recover || problem "no reset on request: $(<$gpu/failure)"
	[[ "$(<$gpu/vgpu_quarantined) $(quarantined)" == "0 0" ]] ||
		problem "a reset does not end quarantine"
	for vgpu in $gpu/vgpu[0-9]*; do
		[[ ! -d $vgpu ]] || echo "${vgpu##*vgpu}" >$gpu/vgpu_destroy ||
			problem "${vgpu##*/} cannot be destroyed"
	done
	still_works "$1" || problem "calls do not work after the last reset"
	no_starving
}

# Tenants are served by their shares; where time goes on by itself that takes too long.
no_starving() {
	[[ ${mix[1]} == virtual ]] || return
	timeout 120 novabpf load check-halves --seeds 1 --warmup 0.1 --duration 0.5 --csv \
		>/run/novabpf-soak-load 2>&1 ||
		{ problem "tenants are not served: $(head -c 300 /run/novabpf-soak-load)"; return; }
	awk -F, '$2 == "median" && $3 == "tenant" && $5 == "share_pct" { s[n++] = $6 }
		END { exit !(n == 2 && s[0] > 0.95 * s[1] && s[1] > 0.95 * s[0]) }' \
		/run/novabpf-soak-load || problem "tenants of equal weight got different shares"
}

same_objects() { [[ $("$churn" count) == "$objects" ]]; }

# Nothing is left, and the kernel has not complained.
look_at_rest() {
	unload_all || problem "a module cannot be unloaded"
	[[ ! $(lsmod | grep ^novabpf) ]] || problem "a module is left"
	wait_for 20 same_objects || problem "BPF objects are left: $("$churn" count), not $objects"
	[[ ! $(find /sys/fs/bpf -type f) ]] || problem "a pin is left"
	tail -c +$((mark + 1)) $klog | sed 's/^<[0-9]*>//' >$klog.round
	"$top/tools/vm/splat-scan" $klog.round || problem "the kernel complains"
}

memory_kb() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(Slab|VmallocUsed|Percpu|KernelStack):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# Caches fill up while each mix comes for the first time.
remember_memory() {
	memory=$(memory_kb)
	((rounds != ${#mixes[@]})) || base=$memory
}

look_at_memory() {
	local grown=$((memory - ${base:-memory})) over=$((rounds - ${#mixes[@]}))

	((over > 0)) || return
	echo "# memory grew by $grown KiB over $over rounds"
	((grown < 8192)) || problem "memory grows"
}
