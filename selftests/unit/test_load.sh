#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf load without a GPU: mixes that are wrong, what is drawn, and the numbers
# of results made up here. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

mix() # LINE...: write $tmp/m.load
{
	printf '%s\n' "$@" >"$tmp/m.load"
}

# A mix of these lines is refused in one line, with this text and exit status 1.
refused() # TEXT LINE...
{
	local text=$1 rc
	shift
	mix "$@"
	"$cli" load "$tmp/m.load" --dry-run >"$tmp/out" 2>"$tmp/err"
	rc=$?
	[ "$rc" -eq 1 ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
		grep -qF -- "$text" "$tmp/err"
	result $? "refused: $text" "exit $rc: $(cat "$tmp/out" "$tmp/err")"
}

usage() # TEXT ARGS...: wrong use, exit status 2
{
	local text=$1 rc
	shift
	"$cli" load "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	[ "$rc" -eq 2 ] && grep -qF -- "$text" "$tmp/out" "$tmp/err"
	result $? "usage: $text" "exit $rc: $(cat "$tmp/out" "$tmp/err")"
}

# Draw the mix in m.load; t is its first tenant, all has them by name.
drawn() # NAME CONDITION [ARGS...]
{
	local name=$1 condition=$2
	shift 2
	"$cli" load "$tmp/m.load" --dry-run -j "$@" >"$tmp/out" 2>"$tmp/err" &&
		python3 -c "import json, sys
d = json.load(sys.stdin); t = d['tenants'][0]; all = {x['name']: x for x in d['tenants']}
def near(a, b, tol): return abs(a - b) <= tol * abs(b)
sys.exit(not ($condition))" <"$tmp/out" 2>>"$tmp/err"
	result $? "$name" "$condition: $(cat "$tmp/out" "$tmp/err")"
}

# Measure result.bin; e is the engine, t the first tenant, all has them by name.
measured() # NAME CONDITION [ARGS...]
{
	local name=$1 condition=$2
	shift 2
	"$cli" load "$tmp/m.load" --from "$tmp/result.bin" -j "$@" >"$tmp/out" 2>"$tmp/err" &&
		python3 -c "import json, sys
d = json.load(sys.stdin); r = d['policies'][0]['runs'][0]; e = r['engine']
t = r['tenants'][0]; all = {x['name']: x for x in r['tenants']}
def is_(a, b): return abs(a - b) < 0.0011
sys.exit(not ($condition))" <"$tmp/out" 2>>"$tmp/err"
	result $? "$name" "$condition: $(cat "$tmp/out" "$tmp/err")"
}

# Python that makes result.bin: item() and segment() in ms, write(duration).
make_result() # SCRIPT
{
	python3 - "$tmp/result.bin" <<END
import struct, sys
items, segments = [], []
MS = 1000000
DROPPED, UNFINISHED = 1, 2
def item(tenant, index, arrival, start, done, length, flags=0):
    items.append((arrival, struct.pack("<4I5Q", tenant, index, flags, 0, round(arrival * MS),
        round(start * MS), round(done * MS), 0 if flags else round(length * MS), round(length * MS))))
def run(gfid, start, end, kind=1):
    segments.append((start, struct.pack("<4I2Q", kind, 1, gfid, 0, round(start * MS), round(end * MS))))
def switch(gfid, start, end):
    run(gfid, start, end, 2)
def write(duration):
    items.sort(key=lambda x: x[0]); segments.sort(key=lambda x: x[0])
    with open(sys.argv[1], "wb") as f:
        f.write(struct.pack("<2I9Q", 0x52534c54, 1, len(items), len(segments), 0, 0,
            round(duration * MS), 0, 0, 0, 0))
        for _, b in items + segments:
            f.write(b)
$1
END
}

[ -x "$cli" ] || { echo "Bail out! no $cli; run: make cli"; exit 1; }

# --- mixes that are wrong: where, what, what is known
ok="tenant a" arr="arrival closed" len="length 1ms"
refused "m.load:1:1: unknown word 'tenat'; did you mean 'tenant'?" "tenat a" "$arr" "$len"
refused "m.load:3:2: unknown word 'lenght'; did you mean 'length'? Known: use, count, arrival" \
	"$ok" "$arr" "	lenght 1ms"
refused "m.load:2:9: unknown arrival 'sometimes'; known: periodic, frames, poisson" \
	"$ok" "arrival sometimes"
refused "m.load:3:8: value '5' needs a unit: ns, us, ms, s, min" "$ok" "$arr" "length 5"
refused "m.load:3:18: median '5' needs a unit" "$ok" "$arr" "length lognormal 5 0.1"
refused "m.load:3:8: unknown distribution 'lognorm'; did you mean 'lognormal'?" "$ok" "$arr" \
	"length lognorm 5ms 1"
refused "m.load:3:21: sigma is missing" "$ok" "$arr" "length lognormal 5ms"
refused "m.load:3:22: bad sigma '9'; give a number from 0 to 5" "$ok" "$arr" \
	"length lognormal 5ms 9"
refused "m.load:3:25: quantile '20:2ms' does not rise" "$ok" "$arr" \
	"length quantiles 50:3ms 20:2ms"
refused "bad quantile '50'; write PERCENT:VALUE, such as 50:3ms" "$ok" "$arr" \
	"length quantiles 50 1ms"
refused "m.load:3:12: '2ms' is too much here" "$ok" "$arr" "length 1ms 2ms"
refused "m.load:2:17: bad rate '40'; give a number with hz" "$ok" "arrival poisson 40" "$len"
refused "'on' and 'off' need each other" "$ok" "arrival poisson 4hz on 1s" "$len"
refused "m.load:4:8: bad weight '0'; give a whole number from 1 to 10000" "$ok" "$arr" "$len" \
	"weight 0"
refused "m.load:4:10: unknown priority 'high'; known: batch, normal, interactive" "$ok" "$arr" \
	"$len" "priority high"
refused "bad cap '120%'; give 0% to 100%" "$ok" "$arr" "$len" "cap 120%"
refused "unknown engine 'gr9'; known: gr0 to gr7" "$ok" "$arr" "$len" "engine gr9"
refused "the budget is 1us at least and the period at most" "$ok" "$arr" "$len" \
	"reserve 20ms every 60hz"
refused "m.load:2:5: unknown profile 'b'; known: " "$ok" "use b"
refused "m.load:1:8: bad name 'A'; use up to 23 of a-z" "tenant A" "$arr" "$len"
refused "tenant 'a' is there already, at $tmp/m.load:1" "$ok" "$arr" "$len" "$ok"
refused "m.load:1:1: tenant 'a' has no arrival" "$ok" "$len"
refused "m.load:1:1: tenant 'a' has no length" "$ok" "$arr"
refused "has a prompt; it needs output, chunk and step-cost" "$ok" "$arr" "prompt 10"
refused "stops before it starts" "$ok" "$arr" "$len" "start 2s" "stop 1s"
refused "they cannot be dropped one by one" "$ok" "arrival frames 60hz" "$len" "steps 3"
refused "there is no tenant in it" "duration 1s"
refused "m.load:1:10: duration '1' needs a unit" "duration 1"
refused "the quotation mark is not closed" 'title "x'
refused "cannot read $tmp/none.load: No such file" "include none.load"
refused "does one include itself?" "include m.load"
refused "600 tenants are more than 512" "profile p" "$arr" "$len" "count 300" "tenant a" "use p" \
	"tenant b" "use p"
refused "has more than 4194304 items of work; shorten the run" "$ok" "$arr" "length 1us"
head -c 4096 /dev/urandom >"$tmp/m.load"
"$cli" load "$tmp/m.load" --dry-run >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ]
result $? "a file that is no text is refused" "$(cat -v "$tmp/err")"
"$cli" load no-such-mix 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "no such mix 'no-such-mix'; known: .*m5-noisy.*; or give a path" "$tmp/err"
result $? "an unknown mix: the shipped ones are named" "$(cat "$tmp/err")"
mix "$ok" "$arr" "$len"
usage "bad value '0' for --seeds" "$tmp/m.load" --seeds 0
usage "bad value 'x' for --duration: give seconds" "$tmp/m.load" --duration x
usage "an empty name in --policy" "$tmp/m.load" --policy a,,b
usage "--dry-run and --from exclude each other" "$tmp/m.load" --dry-run --from x
usage "--csv and --json exclude each other" "$tmp/m.load" --csv -j
"$cli" load "$tmp/m.load" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "modprobe novabpf_sim" "$tmp/err"
result $? "a run without the module says what to do" "$(cat "$tmp/err")"
mkdir -p "$NOVABPF_ROOT/sys/class/novabpf/gpu0"
echo 0000:01:00.0 >"$NOVABPF_ROOT/sys/class/novabpf/gpu0/name"
echo best-effort >"$tmp/builtin"
mkdir -p "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched"
cp "$tmp/builtin" "$NOVABPF_ROOT/sys/class/novabpf/gpu0/sched/builtin"
"$cli" load "$tmp/m.load" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "gpu0 is not simulated" "$tmp/err"
result $? "a GPU that is not simulated is refused" "$(cat "$tmp/err")"

# --- what is drawn
bad=""
for file in tools/load/*.load; do
	[ "$file" = tools/load/profiles.load ] && continue
	"$cli" load "$file" --dry-run >/dev/null 2>"$tmp/err" || bad="$bad $(cat "$tmp/err")"
done
[ -z "$bad" ]
result $? "every shipped mix can be drawn" "$bad"
"$cli" load m5-noisy --dry-run >/dev/null 2>"$tmp/err"
result $? "a shipped mix is found by name" "$(cat "$tmp/err")"

big="duration 1000s"
mix "$big" "tenant a" "arrival poisson 50hz" "length lognormal 2ms 0.5"
drawn "poisson: mean and variation of gaps" \
	"near(t['gap_mean_ms'], 20, 0.02) and near(t['gap_cv'], 1, 0.02)"
drawn "lognormal: median, quantiles, mean" "near(t['length_p50_ms'], 2, 0.02) and \
	near(t['length_p95_ms'], 2 * 2.2761, 0.02) and near(t['length_p5_ms'], 2 / 2.2761, 0.02) and \
	near(t['length_mean_ms'], 2 * 1.13315, 0.02) and near(t['length_cv'], 0.53294, 0.03)"
mix "$big" "tenant a" "arrival gamma 50hz cv 2.2" "length exp 3ms"
drawn "gamma: mean and variation, also above 1" \
	"near(t['gap_mean_ms'], 20, 0.04) and near(t['gap_cv'], 2.2, 0.05)"
drawn "exp: mean, median, 99 %" "near(t['length_mean_ms'], 3, 0.02) and \
	near(t['length_p50_ms'], 2.0794, 0.03) and near(t['length_p99_ms'], 13.816, 0.05)"
mix "$big" "tenant a" "arrival gamma 50hz cv 0.3" "length gamma 3ms cv 0.5 max 4ms"
drawn "gamma: variation below 1, and the cut" "near(t['gap_cv'], 0.3, 0.02) and \
	t['length_max_ms'] == 4"
mix "$big" "tenant a" "arrival periodic 50hz" "length quantiles 0:1ms 50:2ms 90:10ms 100:20ms"
drawn "periodic: gaps are equal" "t['gap_mean_ms'] == 20 and t['gap_cv'] < 0.0001"
drawn "quantiles" "near(t['length_p50_ms'], 2, 0.02) and near(t['length_p95_ms'], 15, 0.02) and \
	near(t['length_p5_ms'], 1.1, 0.02) and t['length_max_ms'] <= 20"
mix "$big" "tenant a" "arrival periodic 50hz" "length uniform 2ms 4ms" "spike 10% 3"
drawn "uniform, with spikes" "near(t['length_mean_ms'], 3 * 1.2, 0.02) and \
	6 < t['length_max_ms'] <= 12"
mix "$big" "tenant a" "arrival trace values 10ms 20ms 60ms" "length values 1ms 2ms 3ms 4ms"
drawn "a trace goes round" "near(t['gap_mean_ms'], 30, 0.001) and \
	near(t['length_mean_ms'], 2.5, 0.001)"
mix "$big" "tenant a" "arrival periodic 100hz on exp 1s off exp 3s" "length 1ms"
drawn "on and off: a quarter of the time" "near(t['items'], 25000, 0.25)"
mix "$big" "tenant a" "arrival closed gap exp 4ms" "length 6ms"
drawn "closed: enough to be busy all the time" "near(t['items'], 100500, 0.02) and \
	near(t['gap_mean_ms'], 4, 0.02)"
mix "$big" "tenant a" "arrival poisson 2hz" "length 1ms" "steps uniform 1 9"
drawn "requests of several steps" "near(t['steps_mean'], 5, 0.05) and \
	near(t['gap_mean_ms'], 500, 0.1) and near(t['load_pct'], 1, 0.1)"
mix "$big" "tenant a" "arrival poisson 0.5hz" "prompt 1000" "output 3" "chunk 512" \
	"step-cost 1:1ms 512:10ms" "context-cost 1us"
drawn "tokens: chunks of the prompt, then a step for each" "t['steps_mean'] == 4 and \
	near(t['length_max_ms'], 9.5773 + 0.512, 0.001) and \
	near(t['length_mean_ms'], (10 + 9.5773 + 0.512 + 2.001 + 2.002) / 4, 0.001)"

mix "profile p" "arrival poisson 50hz" "length exp 2ms" "tenant a" "use p"
"$cli" load "$tmp/m.load" --dry-run -j >"$tmp/one"
"$cli" load "$tmp/m.load" --dry-run -j >"$tmp/two"
cmp -s "$tmp/one" "$tmp/two"
result $? "the same seed draws the same"
drawn "another seed draws another" "t != json.load(open('$tmp/one'))['tenants'][0]" --seed 2
mix "profile p" "arrival poisson 50hz" "length exp 2ms" "tenant z" "use p" "tenant a" "use p"
drawn "a tenant that is added changes no other, and differs" \
	"all['a'] == json.load(open('$tmp/one'))['tenants'][0] and all['z']['load_pct'] != all['a']['load_pct']"
mix "profile p" "arrival poisson 50hz" "length exp 4ms" "tenant a" "use p"
drawn "another length leaves the arrivals alone" \
	"t['gap_mean_ms'] == json.load(open('$tmp/one'))['tenants'][0]['gap_mean_ms']"
# To the digit, on every machine.
[ "$(python3 -c "import json; t = json.load(open('$tmp/one'))['tenants'][0]
print(t['items'], t['gap_mean_ms'], t['length_mean_ms'], t['length_max_ms'])")" = \
	"3160 20.5715 1.9012 16.677" ]
result $? "draws are those of every other machine" "$(cat "$tmp/one")"

# --- numbers
mix "duration 900ms" "warmup 100ms" "tenant a" "arrival periodic 10hz phase 0s" "length 10ms" \
	"deadline 15ms" "tenant b" "arrival closed" "length 2s" "weight 300"
# Item k of a waits k ms; 1 ms of switching before and after it; b has the rest.
make_result "
item(1, 0, 0, 10, 0, 2000, UNFINISHED)
for k in range(10):
    at = 100 * k + k
    item(0, k, 100 * k, at, at + 10, 10)
    if k: switch(1, at - 1, at)
    run(1, at, at + 10)
    switch(2, at + 10, at + 11)
    run(2, at + 11, min(at + 100, 1000))
write(1000)"
measured "waits after the warm-up" "t['requests'] == 9 and is_(t['wait_p50_ms'], 5) and \
	is_(t['wait_p99_ms'], 9) and is_(t['wait_max_ms'], 9) and is_(t['response_p50_ms'], 15) and \
	is_(t['slowdown_p50'], 1.5)"
measured "deadlines" "t['due'] == 9 and t['missed'] == 4 and is_(t['missed_pct'], 44.444) and \
	all['b']['missed'] is None"
measured "work and shares" "is_(t['work_ms'], 90) and is_(t['share_pct'], 10) and \
	is_(t['entitled_pct'], 10) and is_(all['b']['share_pct'], 88) and \
	is_(all['b']['entitled_pct'], 88) and is_(all['b']['share_error_pct'], 0)"
measured "the longest wait, also within an item" "is_(t['longest_wait_ms'], 9) and \
	is_(all['b']['longest_wait_ms'], 12) and is_(e['longest_wait_ms'], 12)"
measured "each delay" "is_(t['delay_p50_ms'], 5) and is_(t['delay_p99_ms'], 9) and \
	is_(all['b']['delay_p50_ms'], 12)"
measured "turns" "is_(t['runs_per_s'], 10) and is_(all['b']['runs_per_s'], 10)"
measured "the engine" "is_(e['util_pct'], 98) and is_(e['switch_pct'], 2) and \
	is_(e['switches_per_s'], 20) and is_(e['idle_runnable_pct'], 0) and e['jain_100ms'] is None"
"$cli" load "$tmp/m.load" --from "$tmp/result.bin" --csv >"$tmp/csv" 2>"$tmp/err" &&
	grep -qx "file,1,tenant,a,wait_p99_ms,9.000" "$tmp/csv" &&
	grep -qx "file,median,engine,,util_pct,98.000" "$tmp/csv" &&
	! grep -v -E '^[^,]*(,[^,]*){5}$' "$tmp/csv"
result $? "CSV" "$(head -5 "$tmp/csv"; cat "$tmp/err")"
"$cli" load "$tmp/m.load" --from "$tmp/result.bin" --segments "$tmp/seg.csv" >"$tmp/out" 2>"$tmp/err" &&
	grep -qx "file,1,switch,1,1,0,100000000,101000000" "$tmp/seg.csv" &&
	grep -q "^a .*44.44" "$tmp/out"
result $? "segments as CSV, and the table" "$(cat "$tmp/out" "$tmp/err")"

# Both always have work; 4 ms to one, 2 ms to the other; a pause of 40 ms.
mix "slots 4" "duration 1s" "warmup 0s" "profile p" "arrival closed" "length 2s" "tenant a" \
	"use p" "tenant b" "use p"
make_result "
item(0, 0, 0, 0, 0, 2000, UNFINISHED); item(1, 0, 0, 4, 0, 2000, UNFINISHED)
for k in range(160):
    run(1, 6 * k, 6 * k + 4); run(2, 6 * k + 4, 6 * k + 6)
write(1000)"
measured "Jain's index" "abs(e['jain_1000ms'] - 0.9) < 0.0001 and \
	abs(e['jain_100ms'] - 0.9) < 0.01 and e['jain_10ms_min'] < 0.9"
measured "idle while there is work" "is_(e['idle_runnable_pct'], 4) and is_(e['util_pct'], 96)"
measured "shares against equal weights" "is_(t['share_pct'], 64) and is_(t['entitled_pct'], 48) and \
	is_(t['share_error_pct'], 33.333)"
measured "under fixed share a slot is due" "is_(t['entitled_pct'], 25)" --policy fixed-share
measured "under equal share a part by vGPUs is due" "is_(t['entitled_pct'], 50)" --policy equal-share

# --- what is due: caps, and the time in which a tenant is there
mix "duration 1s" "warmup 0s" "profile p" "arrival closed" "length 2s" "tenant a" "use p" \
	"cap 20%" "tenant b" "use p"
make_result "
item(0, 0, 0, 0, 0, 2000, UNFINISHED); item(1, 0, 0, 4, 0, 2000, UNFINISHED)
for k in range(50):
    run(1, 20 * k, 20 * k + 4); run(2, 20 * k + 4, 20 * k + 20)
write(1000)"
measured "a capped hog is due its cap, the other the rest" "is_(t['entitled_pct'], 20) and \
	is_(t['share_error_pct'], 0) and is_(all['b']['entitled_pct'], 80) and \
	is_(all['b']['share_error_pct'], 0) and e['jain_100ms'] is None"
mix "duration 1s" "warmup 0s" "tenant a" "arrival closed" "length 2s" "cap 30%"
make_result "
item(0, 0, 0, 0, 0, 2000, UNFINISHED)
for k in range(10): run(1, 100 * k, 100 * k + 30)
write(1000)"
for policy in best-effort equal-share fixed-share; do
	measured "alone with a cap of 30 %: that is due, $policy" "is_(t['entitled_pct'], 30) and \
		is_(t['share_error_pct'], 0)" --policy $policy
done
mix "duration 1s" "warmup 0s" "profile p" "arrival closed" "length 2s" "tenant a" "use p" \
	"cap 10%" "tenant b" "use p" "tenant c" "use p" "weight 200" "tenant d" \
	"arrival periodic 10hz phase 0s" "length 5ms"
make_result "
for i in range(3): item(i, 0, 0, 0, 0, 2000, UNFINISHED)
for k in range(10):
    item(3, k, 100 * k, 100 * k + 30, 100 * k + 35, 5)
    run(1, 100 * k, 100 * k + 30); run(4, 100 * k + 30, 100 * k + 35)
    run(2, 100 * k + 35, 100 * k + 60); run(3, 100 * k + 60, 100 * k + 100)
write(1000)"
measured "what cap and demand leave over goes to the others by weight" \
	"is_(t['entitled_pct'], 10) and is_(all['d']['entitled_pct'], 5) and \
	is_(all['b']['entitled_pct'], 85 / 3) and is_(all['c']['entitled_pct'], 170 / 3) and \
	is_(t['share_error_pct'], 200)"
mix "slots 4" "duration 1s" "warmup 0s" "profile p" "arrival closed" "length 10ms" "tenant a" \
	"use p" "tenant b" "use p" "start 200ms" "stop 600ms"
make_result "
item(0, 0, 0, 0, 0, 2000, UNFINISHED); item(1, 0, 200, 200, 600, 10)
run(1, 0, 200)
for k in range(20, 60, 2): run(1, 10 * k, 10 * k + 10); run(2, 10 * k + 10, 10 * k + 20)
run(1, 600, 1000)
write(1000)"
measured "a tenant shares while it is there" "is_(t['entitled_pct'], 80) and \
	is_(all['b']['entitled_pct'], 20) and is_(t['share_error_pct'], 0) and \
	is_(all['b']['share_error_pct'], 0) and is_(all['b']['demand_pct'], 40)"
measured "and has its part of that time under equal share" "is_(t['entitled_pct'], 50) and \
	is_(all['b']['entitled_pct'], 20)" --policy equal-share
mix "duration 1s" "warmup 0s" "tenant a" "arrival closed" "length 10ms" "stop 500ms" "tenant b" \
	"arrival periodic 1hz phase 0s" "length 600ms"
make_result "
item(0, 0, 0, 0, 500, 10); item(1, 0, 0, 10, 850, 600)
for k in range(25): run(1, 20 * k, 20 * k + 10); run(2, 20 * k + 10, 20 * k + 20)
run(2, 500, 850)
write(1000)"
measured "what it could not do beside another it is due later" "is_(t['entitled_pct'], 25) and \
	is_(all['b']['entitled_pct'], 60) and is_(all['b']['demand_pct'], 60)"

mix "duration 1s" "warmup 0s" "tenant a" "arrival frames 100hz phase 0s" "length 4ms" \
	"deadline 10ms"
# Every tenth frame is dropped; the one before it takes 14 ms.
make_result "
for k in range(100):
    if k % 10 == 9:
        item(0, k, 10 * k, 0, 0, 4, DROPPED)
    else:
        item(0, k, 10 * k, 10 * k, 10 * k + (14 if k % 10 == 8 else 4), 4)
        run(1, 10 * k, 10 * k + 4)
write(1000)"
measured "frames" "is_(t['fps'], 90) and is_(t['fps_offered'], 100) and t['dropped'] == 10 and \
	t['missed'] == 20 and is_(t['frame_p50_ms'], 10) and is_(t['frame_p99_ms'], 20) and \
	t['stutters'] == 0 and is_(t['fps_low1'], 50)"

mix "duration 1s" "warmup 0s" "tenant a" "arrival periodic 10hz phase 10ms" "prompt 10" "output 3" \
	"chunk 10" "step-cost 1:1ms 10:5ms" "first-deadline 12ms" "token-deadline 2.6ms"
make_result "
for k in range(10):
    at = 100 * k + 10
    slow = 5 if k == 9 else 0
    item(0, 3 * k, at, at + 5, at + 10, 5)
    item(0, 3 * k + 1, at, at + 11, at + 12 + slow, 1)
    item(0, 3 * k + 2, at, at + 14, at + 15 + slow, 1)
write(1000)"
measured "tokens" "t['requests'] == 10 and is_(t['ttft_p50_ms'], 10) and is_(t['tpot_p50_ms'], 2.5) \
	and is_(t['tpot_p99_ms'], 5) and is_(t['tbt_max_ms'], 7) and is_(t['slo_pct'], 90) and \
	is_(t['wait_p50_ms'], 5) and is_(t['response_p50_ms'], 15)"

head -c 200 "$tmp/result.bin" >"$tmp/short.bin"
"$cli" load "$tmp/m.load" --from "$tmp/short.bin" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "the result of $tmp/short.bin is malformed" "$tmp/err"
result $? "a result that is cut off is refused" "$(cat "$tmp/err")"
make_result "item(7, 0, 0, 0, 1, 1); write(1000)"
"$cli" load "$tmp/m.load" --from "$tmp/result.bin" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && grep -q "malformed: item 0" "$tmp/err"
result $? "a result of another mix is refused" "$(cat "$tmp/err")"
echo "1..$count"
