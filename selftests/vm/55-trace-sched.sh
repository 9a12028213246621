#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# novabpf trace sched, live: lines, CSV and pictures of a mix, the buffer it leaves
# behind (none), and what it says of lost events.
. "$(dirname "$0")/lib.sh"
plan 20

tracing=/sys/kernel/tracing
bpf=build/bpf/sched
out=$(mktemp -d)
mix=(novabpf load demo --duration 0.3 --warmup 0.05)

instances() { find "$tracing/instances" -maxdepth 1 -name 'novabpf-*' | wc -l; }

# COMMAND's program on stdin (Python) ends well; what it prints in vain is shown.
python() { # NAME ARGS...
	local name=$1

	shift
	if python3 - "$@" >"$out/py" 2>&1; then ok "$name"; else not_ok "$name" "$(<"$out/py")"; fi
	grep '^# ' "$out/py"
}

modprobe novabpf
is "$(novabpf trace sched --seconds 0.5 2>&1; echo $?)" 0 "no GPU: nothing happens"
load_sim clock=virtual

# --- lines
novabpf trace sched -- "${mix[@]}" >"$out/lines" 2>"$out/err"
is "$? $(<"$out/err")" "0 " "a mix is traced, no event is lost"
for want in 'vgpu [0-9]+ \(batch\): booting -> ready' 'vgpu [0-9]+ has work; runnable: ' \
	'vgpu [0-9]+ for [0-9.]+ ms; built-in: ' 'vgpu [0-9]+ has the engine for [0-9.]+ ms; vgpu' \
	'vgpu [0-9]+ is done with an item of [0-9.]+ ms'; do
	if grep -qE "$want" "$out/lines"; then ok "a line '$want'"
	else not_ok "a line '$want'" "$(head -n 5 "$out/lines")"; fi
done
is "$(grep -c '^TENANT' "$out/lines") $(instances)" "1 0" \
	"what the command prints is seen, and no buffer is left"

# --- CSV, under a policy
if has_struct_ops; then
novabpf trace sched --csv -- "${mix[@]}" --policy $bpf/fair.bpf.o >"$out/all" 2>&1
python "CSV: the GPU's time goes on, decisions are the policy's, runs add up" "$out/all" <<'END'
import csv
import sys

lines = [l for l in open(sys.argv[1]) if l.startswith(("event,", "sched_", "policy_", "vgpu_"))]
rows = list(csv.DictReader(lines))
assert all(None not in r and None not in r.values() for r in rows)
times = [int(r["now_ns"]) for r in rows if r["now_ns"]]
assert times == sorted(times), "time goes back"
names = [r["event"] for r in rows]
assert names.count("policy_attach") == names.count("policy_detach") == 1
# Runlists change hands one by one, just before policy_attach and policy_detach.
whose = [r["policy"] for r in rows if r["event"] == "sched_pick"]
first, after = whose.index("fair"), len(whose) - whose[::-1].index("fair")
picks = [r for r in rows if r["event"] == "sched_pick"][first:after]
assert len(picks) > 50 and all(r["policy"] == "fair" for r in picks), len(picks)
assert {r["verdict"] for r in picks} <= {"apply", "clipped", "builtin", "empty"}
switches = [r for r in rows if r["event"] == "sched_switch"]
span = int(switches[-1]["now_ns"]) - int(switches[0]["now_ns"])
on = sum(int(b["now_ns"]) - int(a["now_ns"]) - int(b["switch_ns"])
         for a, b in zip(switches, switches[1:]) if a["gfid"] != "0")
assert all(a["gfid"] == b["prev_gfid"] for a, b in zip(switches, switches[1:]))
print("#", len(rows), "events;", on, "of", span, "ns on the engine")
assert 0.5 * span < on < span
assert any(int(r["ran_ns"]) > 0 for r in rows if r["event"] == "sched_complete")
END
else
	skip "CSV: the GPU's time goes on, decisions are the policy's, runs add up" "no struct_ops of modules"
fi

# --- pictures
novabpf trace sched --svg "$out/t.svg" --perfetto "$out/t.perfetto" --save "$out/t.txt" \
	-- "${mix[@]}" >"$out/drawn" 2>&1
like "$(<"$out/drawn")" "t.svg: [0-9]+ events" "pictures are drawn"
python "the SVG is well-formed and has a lane per vGPU" "$out/t.svg" <<'END'
import sys
import xml.etree.ElementTree as ET

text = " ".join(t for t in ET.parse(sys.argv[1]).getroot().itertext())
for name in ("desktop", "game", "resnet50", "batch", "gr0"):
    assert name in text, name
END
python "the trace for Perfetto has the tracks" "$out/t.perfetto" <<'END'
import sys

data = open(sys.argv[1], "rb").read()
at = packets = 0
while at < len(data):
    assert data[at] == 0x0a, at
    at += 1
    size = shift = 0
    while True:
        byte = data[at]
        at += 1
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    at += size
    packets += 1
assert at == len(data)
print("#", packets, "packets")
for name in (b"desktop", b"game", b"resnet50", b"batch"):
    assert name in data, name
END
succeeds "a saved trace draws the same" novabpf trace sched --from "$out/t.txt" --svg "$out/u.svg"
is "$(grep -o 'class="[a-z]*"' "$out/t.svg" | sort | uniq -c)" \
	"$(grep -o 'class="[a-z]*"' "$out/u.svg" | sort | uniq -c)" "with as many of each shape"

# --- ends
novabpf trace sched -- sh -c 'exit 7' >/dev/null 2>&1
is "$? $(instances)" "7 0" "the command's status is handed on"
timeout -s INT 3 novabpf trace sched >"$out/int" 2>&1
is "$(instances)" 0 "SIGINT: no buffer is left"
timeout -s INT 3 novabpf trace sched --svg "$out/int.svg" -- sleep 100 >"$out/int" 2>&1
is "$(instances) $(ls "$out/"int.svg* | wc -l) $(pgrep -c sleep)" "0 1 0" \
	"SIGINT during a command: it is ended, what was seen is drawn, no buffer is left"
novabpf trace sched >/dev/null 2>&1 &
pid=$!
wait_for 10 test -d "$tracing/instances/novabpf-$pid"
kill -9 $pid
wait $pid 2>/dev/null
novabpf trace sched --seconds 0.1 >/dev/null
is "$(instances)" 0 "what a killed one left is removed by the next"

# --- a reader that is stopped while the buffer fills
novabpf trace sched >/dev/null 2>"$out/lost" &
pid=$!
wait_for 10 test -d "$tracing/instances/novabpf-$pid"
sleep 0.5
kill -STOP $pid
echo 4 >"$tracing/instances/novabpf-$pid/buffer_size_kb"
"${mix[@]}" >/dev/null 2>&1
kill -CONT $pid
sleep 1
kill -INT $pid
wait $pid
like "$(<"$out/lost")" "novabpf: [1-9][0-9]* events were lost; trace one GPU" "lost events are counted"
like "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v novabpf)" trace sched 2>&1)" \
	"run as root" "it takes root"

rm -r "$out"
unload_all
