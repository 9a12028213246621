#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Caps of several vGPUs beside each other: each ends when its own window does.
. "$(dirname "$0")/lib.sh"
plan 6

gpu=/sys/class/novabpf/gpu0
out=$(mktemp -d)

mix() { # NAME LINE...
	printf '%s\n' "title \"$1\"" "slots 8" "${@:2}" >"$out/$1.load"
	timeout 300 novabpf load "$out/$1.load" --warmup 0 --seeds 1 --duration 12 \
		--policy best-effort -j >"$out/$1.json" 2>"$out/err" ||
		echo "# novabpf load: $(cat "$out/err" "$out/$1.json" | head -c 300)"
}

number() { # MIX TENANT FIELD
	python3 - "$out/$1.json" "$2" "$3" <<'END'
import json
import sys
vgpus = json.load(open(sys.argv[1]))["policies"][0]["runs"][0]["vgpus"]
print({v["name"]: v for v in vgpus}[sys.argv[2]][sys.argv[3]])
END
}

between() { # VALUE LOW HIGH NAME
	if awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(x + 0 == x && x >= a && x <= b) }'; then
		ok "$4"
	else
		not_ok "$4" "got $1, wanted $2 to $3"
	fi
}

load_sim clock=virtual
hog=("tenant hog" "arrival closed" "length const 3ms" "cap 20%")
# A turn of 16 ms, for 8 channel groups, pays for 1.6 s; the other's cap ends every 0.1 s.
rare=("tenant rare" "arrival periodic 0.25hz phase 30ms" "length 35ms" "tsgs 8" "cap 1%")
mix alone "${hog[@]}"
between "$(number alone hog share_pct)" 19.6 20.4 "alone it has its cap of 20 %"
mix beside "${hog[@]}" "${rare[@]}"
between "$(number beside hog share_pct)" 19.6 20.4 "beside a vGPU whose cap ends much later, too"
between "$(number beside hog longest_wait_ms)" 60 140 "and it waits for one window at most"
between "$(number beside rare work_ms)" 100 110 "the other does its 35 ms every 4 s"

unload_all

# --- a cap that is raised while it holds its vGPU back: 500 ms pay for 50 s, or for 10
load_sim
printf '%s\n' "slots 8" "tenant late" "arrival closed" "length 500ms" "grain 500ms" "cap 1%" \
	>"$out/late.load"
novabpf load "$out/late.load" --warmup 0 --duration 100 --policy best-effort >"$out/late" 2>&1 &
load=$!
runs() { cat $gpu/vgpu*/stats/runs 2>/dev/null; }
capped() { [[ $(runs) -ge 1 && $(awk '$1 == "capped" { print $2 }' $gpu/sched/events) -ge 1 ]]; }
succeeds "its cap holds it back" wait_for 30 capped
# Long enough for the end of the cap to be known.
sleep 2
before=$(runs)
echo 5 >"$(echo $gpu/vgpu*/cap_pct)"
ran_again() { [[ $(runs) -gt $before ]]; }
succeeds "a higher cap holds it back for less" wait_for 30 ran_again
kill -INT $load
wait $load
rm -r "$out"
unload_all
