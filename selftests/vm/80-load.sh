#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Mixes of tenants on the simulated GPU, in virtual time: repeatable, fast, and true
# to what is known of time slicing.
. "$(dirname "$0")/lib.sh"
needs_struct_ops
plan 28

out=$(mktemp -d)
bpf=build/bpf/sched
short="--warmup 0.5 --seeds 1"
gpu=/sys/class/novabpf/gpu0

# shellcheck disable=SC2086 # $short is several words
# Run; keep the JSON in $out/NAME and say what failed.
load() { # NAME ARGS...
	if timeout 400 novabpf load "${@:2}" -j >"$out/$1" 2>&1; then return; fi
	echo "# novabpf load ${*:2}: $(head -c 500 "$out/$1")"
	return 1
}

# True where the kept document meets the condition. med(policy, tenant, number) and
# eng(policy, number) are medians over the seeds.
meets() { # NAME CONDITION WHAT
	if python3 - "$out/$1" "$2" >"$out/py" 2>&1 <<'END'
import json
import sys
d = json.load(open(sys.argv[1]))
P = {p["policy"]: p for p in d["policies"]}
def med(policy, tenant, number, what="median"):
    return {t["name"]: t for t in P[policy][what]["tenants"]}[tenant][number]
def eng(policy, number):
    return P[policy]["median"]["engine"][number]
def show(*v):
    print("#", *v)
    return True
def near(a, b, tol):
    return abs(a - b) <= tol
sys.exit(not eval(sys.argv[2]))
END
	then ok "$3"; else not_ok "$3" "condition: $2" "$(head -c 1500 "$out/py")"; fi
	grep '^# ' "$out/py"
}

vgpus() { ls -d $gpu/vgpu[0-9]* 2>/dev/null | wc -l; }

load_sim clock=virtual
builtin=$(<$gpu/sched/builtin)

# --- repeatable and fast
load one m5-noisy $short --duration 2 --policy best-effort,fixed-share
load two m5-noisy $short --duration 2 --policy best-effort,fixed-share
is "$(md5sum <"$out/one")" "$(md5sum <"$out/two")" "the same seed gives the same, to the digit"
meets one "med('best-effort', 'hpc', 'work_ms') > 100" "work was done"
is "$(vgpus)" 0 "no vGPU is left behind"
is "$(<$gpu/sched/builtin)" "$builtin" "the built-in policy is what it was"
# The host may be busy with other things: the best of three counts.
for _ in 1 2 3; do
	start=$SECONDS
	load long m5-noisy --seeds 1 --duration 60 --policy best-effort
	took=$((SECONDS - start))
	echo "# 65 s of GPU time with 8 tenants: $took s"
	((took >= 30)) || break
done
is "$((took < 30))" 1 "a minute with 8 tenants takes less than 30 s"

# --- what is known of time slicing
load halves check-halves $short --duration 2 --policy best-effort,equal-share,fixed-share
meets halves "all(near(med(p, 'one', 'share_pct') / (med(p, 'one', 'share_pct') + \
	med(p, 'two', 'share_pct')), 0.5, 0.005) for p in P) and \
	show({p: (med(p, 'one', 'share_pct'), med(p, 'two', 'share_pct')) for p in P})" \
	"two that never rest get half each, within 1 %"
load bert check-bert $short --duration 5 --policy best-effort
meets bert "show({p: (med(p, 'bert', 'response_p99_ms'), med(p, 'train', 'share_pct')) for p in P}) \
	and all(9 <= med(p, 'bert', 'response_p99_ms') <= 14 for p in P)" \
	"inference beside training: response as measured on hardware"
meets bert "all(44 <= med(p, 'train', 'share_pct') <= 73 for p in P)" \
	"the trainer keeps what it kept there"
load split check-split $short --duration 2 --policy "$bpf/fair.bpf.o"
meets split "show(med('fair', 'three-quarters', 'share_pct'), med('fair', 'quarter', 'share_pct')) and \
	near(med('fair', 'three-quarters', 'share_pct') / (med('fair', 'three-quarters', 'share_pct') + \
	med('fair', 'quarter', 'share_pct')), 0.75, 0.01)" "a split of 75 to 25"
load turns check-turns $short --duration 2 --policy equal-share
meets turns "show([v['runs_per_s'] for v in P['equal-share']['runs'][0]['vgpus']]) and \
	all(near(v['runs_per_s'], 60, 1.5) for v in P['equal-share']['runs'][0]['vgpus'])" \
	"8 vGPUs at 480 Hz have 60 turns a second each"

# --- policies
load fair fair $short --duration 2 --policy "$bpf/fair.bpf.o"
meets fair "show([(v['name'], v['share_error_pct']) for v in P['fair']['runs'][0]['vgpus']]) and \
	all(abs(v['share_error_pct']) <= 2 for v in P['fair']['runs'][0]['vgpus'])" \
	"fair: every share within 2 % of its weight"
policies=best-effort,$bpf/fair.bpf.o,$bpf/latency.bpf.o,$bpf/deadline.bpf.o
for mix in m3-inference m5-noisy; do
	load $mix $mix --warmup 1 --seeds 3 --duration 15 --policy "$policies"
done
better() { # MIX POLICY TENANT FACTOR
	meets "$1" "show('$2 $3', med('best-effort', '$3', 'wait_p99_ms'), med('$2', '$3', 'wait_p99_ms'), \
		med('best-effort', '$3', 'delay_p99_ms'), med('$2', '$3', 'delay_p99_ms')) and \
		med('best-effort', '$3', 'wait_p99_ms') >= $4 * med('$2', '$3', 'wait_p99_ms')" \
		"$1, $2: 99 % of the waits of $3 are $4 times shorter than under best effort"
}
for tenant in desktop game resnet50; do
	better m5-noisy latency $tenant 5
done
better m5-noisy deadline game 5
for tenant in mobilenet resnet50; do
	better m3-inference latency $tenant 5
done
for mix in m3-inference m5-noisy; do
	for p in latency deadline; do
		meets $mix "show(eng('best-effort', 'work_ms'), eng('$p', 'work_ms')) and \
			eng('$p', 'work_ms') >= 0.97 * eng('best-effort', 'work_ms')" \
			"$mix, $p: at most 3 % less work than best effort"
	done
done
meets m5-noisy "all(r['ejected'] is None for p in P.values() for r in p['runs'])" \
	"no policy was ejected"
is "$(vgpus) $(<$gpu/sched/policy)" "0 " "neither vGPU nor policy is left behind"

# --- errors leave nothing
timeout -s INT 2 novabpf load m5-noisy --seeds 100 >"$out/int" 2>&1
like "$(<"$out/int")" "interrupted" "an interrupted run says so"
is "$(vgpus)" 0 "and leaves no vGPU behind"
like "$(novabpf load crowd --seeds 1 2>&1)" "needs a type of which 48 vGPUs fit gpu0" \
	"a mix that does not fit is refused"
like "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v novabpf)" load fair 2>&1)" \
	"run as root" "it takes root"
like "$(novabpf load fair --policy none.bpf.o 2>&1)" "no policy and no file 'none.bpf.o'" \
	"a policy that is not there"
rm -r "$out"
unload_all
