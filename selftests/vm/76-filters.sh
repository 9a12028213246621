#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Hooks that filter and measure (bpf/rpc), by the tool, in virtual time; novabpf top.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

rpc=build/bpf/rpc
release=570.144
out=$(mktemp -d)
trap 'rm -rf "$out"; lib_end' EXIT

needs_struct_ops
plan 25
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

# EXPRESSION of document d, the output of COMMAND.
value() { # EXPRESSION COMMAND...
	"${@:2}" 2>"$out/err" |
		python3 -c "import json, sys; d = json.load(sys.stdin); print($1)" 2>>"$out/err" ||
		{ echo "none"; sed 's/^/# /' "$out/err" >&2; }
}

gpu_ns() { cat $gpu/sched/now_ns; }
calls() { run_load $release threads=1 calls=120 posts=0 "$@"; }

load_sim fw=$release clock=virtual seed=3
is "$(novabpf rpc lat 2>&1)" "novabpf: no hook of rpclat is attached; run: novabpf attach \
rpc/rpclat.bpf.o" "no hook, no numbers"

# --- firewall
succeeds "firewall: attach" novabpf attach $rpc/firewall.bpf.o
succeeds "firewall: a rule" novabpf rpc deny gpu0 2 FIFO_OBJSCHED_GET_STATE
calls gfid=2
is "$load_wrong $load_failures" "0 0" "audit lets all pass"
novabpf -j rpc firewall >"$out/rules"
denied=$(value "d['denied']" cat "$out/rules")
[[ $denied -gt 0 ]]
is $? 0 "and counts what is denied" || echo "# $denied"
is "$(value "len(d), {(e['gfid'], e['what'], e['enforced']) for e in d}" \
	novabpf -j rpc firewall gpu0 --events)" \
	"$denied {(2, 'FIFO_OBJSCHED_GET_STATE', False)}" "each is reported"
is "$(value "d['rules'][0]['calls'], d['rules'][0]['verdict'], d['enforce']" \
	cat "$out/rules")" "$denied deny False" "and counted at its rule"
novabpf attach $rpc/firewall.bpf.o --replace --set enforce=1 >/dev/null
novabpf rpc deny gpu0 2 FIFO_OBJSCHED_GET_STATE
calls gfid=2
is "$load_wrong $load_failures" "0 $(value "d['denied']" novabpf -j rpc firewall)" \
	"enforced: the same calls fail, and no others"
[[ $load_failures -gt 0 ]]
is $? 0 "there are such calls"
before=$load_failures
calls gfid=3
is "$load_wrong $load_failures" "0 0" "another vGPU may make them"
calls
is "$load_wrong $load_failures $(value "d['denied']" novabpf -j rpc firewall)" "0 0 $before" \
	"so may the host"
succeeds "firewall: rules go" novabpf rpc forget gpu0 2
novabpf detach gpu0 --hook firewall >/dev/null

# --- ratelimit: 1000 a second, in the GPU's time
novabpf attach $rpc/ratelimit.bpf.o --set rate=1000 --set burst=8 --set max_wait_ms=1000 >/dev/null
novabpf rpc limit gpu0 3 0
start=$(gpu_ns)
calls gfid=2 threads=2 calls=400
wrong=$load_wrong
held_ns=$(($(gpu_ns) - start))
start=$(gpu_ns)
calls gfid=3 threads=2 calls=400
free_ns=$(($(gpu_ns) - start))
novabpf -j rpc limits >"$out/limits"
nr=$(value "[l['calls'] for l in d if l['gfid'] == 2][0]" cat "$out/limits")
least=$(((nr - 8) * 1000000))
echo "# $nr calls in $((held_ns / 1000)) us; without a limit $((free_ns / 1000)) us"
[[ $nr -ge 400 && $held_ns -ge $least && $held_ns -le $((least + least / 10)) ]]
is $? 0 "ratelimit: the rate is held"
[[ $free_ns -lt $((held_ns / 4)) ]]
is $? 0 "another vGPU is not slowed down"
is "$((wrong + load_wrong)) $(value "[l['clipped'] for l in d]" cat "$out/limits")" "0 [0, 0]" \
	"no call went wrong, and none waited too long"
novabpf detach gpu0 --hook ratelimit >/dev/null

# --- ratelimit: the engine does not wait for anybody's tokens
cat >"$out/two.load" <<'END'
title "one that never rests beside one that does"
slots 2
tenant busy
	arrival closed
	length const 3ms
tenant other
	arrival poisson 100hz
	length const 1ms
END
# Idle while somebody could run, in percent, and the other one's delay (p99, ms).
share() {
	value "[d['policies'][0]['runs'][0]['engine']['idle_runnable_pct']] +
		[v['delay_p99_ms'] for v in d['policies'][0]['runs'][0]['vgpus'] if v['name'] == 'other']" \
		novabpf load "$out/two.load" --warmup 0 --seeds 1 --duration 3 --policy best-effort -j
}
free=$(share)
for how in "refuse=0 max_wait_ms=500" "refuse=1 max_wait_ms=1"; do
	read -ra set <<<"$how"
	novabpf attach $rpc/ratelimit.bpf.o --set rate=200 --set burst=64 "${set[@]/#/--set=}" >/dev/null
	is "$(share)" "$free" "ratelimit ($how): the engine goes on as without it"
	novabpf detach gpu0 --hook ratelimit >/dev/null
done
is "$(python3 -c "print(${free}[0] < 0.5)")" True "it is never idle while somebody could run"
echo "# idle while runnable, delay p99: $free"

# --- rpclat and slow, together
novabpf attach $rpc/rpclat.bpf.o >/dev/null
novabpf attach $rpc/slow.bpf.o --set bound_us=200000 >/dev/null
before=$(counter rpc_submitted)
calls gfid=2 posts=1
made=$(($(counter rpc_submitted) - before))
novabpf -j rpc lat --by vgpu >"$out/lat"
is "$(value "sum(k['calls'] for k in d)" cat "$out/lat")" "$made" "rpclat: every call is counted"
is "$(value "[k['calls'] == sum(b['count'] for b in k['firmware']['histogram']) ==
	sum(b['count'] for b in k['queue']['histogram']) for k in d if k['gfid'] == 2]" \
	cat "$out/lat")" "[True]" "in both histograms"
fault next late 300000
calls gfid=2
# The first call of a thread makes its client, 0xc1d00001.
is "$(value "[(c['gfid'], c['name'], c['err'], c['request'][:8], c['reply'][:8],
	c['request_len'] * 2 == len(c['request']), c['reply_len'] * 2 == len(c['reply']),
	300e6 <= c['reply_ns'] - c['sent_ns'] < 310e6,
	c['submit_ns'] <= c['sent_ns'] < c['reply_ns'] <= c['end_ns']) for c in d]" \
	novabpf -j rpc slow)" \
	"[(2, 'GSP_RM_ALLOC', 0, '0100d0c1', '0100d0c1', True, True, True, True)]" \
	"a slow one is captured, with its payloads and stamps"
novabpf detach gpu0 --hook slow >/dev/null
novabpf detach gpu0 --hook rpclat >/dev/null

# --- top
novabpf -j top gpu0 --once --interval 3600 >"$out/top" 2>"$out/err" &
pid=$!
wait_for 30 grep -q prog_id "/proc/$pid/fdinfo/"* && sleep 1
calls
kill -TERM $pid
wait $pid
is "$? $(value "d[0]['bpf'], d[0]['vgpus'][0]['rpc']['done'] >= 120, d[0]['failed'] > 0,
	d[0]['rpc']['p50_ns'] > 0, d[0]['rpc']['p50_ns'] <= d[0]['rpc']['p99_ns'],
	d[0]['elapsed_ns'] > 0" cat "$out/top")" "0 True True True True True True" \
	"top: the calls of the interval"
novabpf load check-turns --policy fixed-share --duration 0.5 --warmup 0 --keep >/dev/null 2>"$out/err" ||
	sed 's/^/# /' "$out/err"
is "$(value "len(d[0]['vgpus']) > 2, round(sum(v['share_total'] for v in d[0]['vgpus'][1:]), 6)" \
	novabpf -j top gpu0 --once --interval 0.1)" "True 1.0" "the shares of all vGPUs"
like "$(novabpf top 0 --once --interval 0.1)" "calls .*/s .*p99.*GFID NAME .*host " "as text"
novabpf vgpu destroy 0 all
succeeds "all is gone, and unloads" unload_all
