#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf trace sched, from saved text: lines, CSV, JSON, the SVG and the trace for
# Perfetto, which is decoded here independently of the tool. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
text=selftests/unit/trace_text.py
words=(trace sched)

holds() # NAME out|err TEXT...
{
	local name=$1 file=$tmp/$2 want
	shift 2
	for want; do
		grep -qF -- "$want" "$file" || { result 1 "$name (no '$want')"; return; }
	done
	result 0 "$name"
}

refused() # NAME RC TEXT ARGS...: one line on stderr, nothing on stdout
{
	local name=$1 want=$2 what=$3
	shift 3
	run "$@"
	[ "$rc" -eq "$want" ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
		grep -qF -- "$what" "$tmp/err"
	result $? "$name"
}

python() # NAME ARGS...: a program on stdin that exits with 0 where all is well
{
	local name=$1
	shift
	python3 - "$@" 2>"$tmp/err"
	rc=$?
	result $rc "$name"
}

python3 $text 8 100 fault >"$tmp/t8"
python3 $text 2 10 >"$tmp/t2"

# --- lines, CSV, JSON
run --from "$tmp/t8"
holds "lines" out "5.000060000 gpu0 gr0    switch    vgpu 1 has the engine for 2.000 ms" \
	"asked for vgpu 999 for 2.000 ms: reject-gfid" "EJECT     rr: error-stall, code -5" \
	"STALL     vgpu 2 waits for 30.000 ms; firmware: error -110"
[ "$(wc -l <"$tmp/out")" -eq "$(grep -c 'gpu=0' "$tmp/t8")" ]
result $? "one line per event"
run --from "$tmp/t8" --csv
cp "$tmp/out" "$tmp/csv"
python "CSV: as many cells as columns, texts quoted" "$tmp/csv" <<'END'
import csv
import sys

rows = list(csv.DictReader(open(sys.argv[1])))
assert all(None not in r and None not in r.values() for r in rows)
assert rows[-1]["msg"] == 'vgpu 2 did not run: a=1 <b> "c"', rows[-1]
assert rows[-1]["event"] == "policy_eject" and rows[-1]["code"] == "-5"
assert rows[0]["name"] == "<t&1> a=b" and rows[0]["now_ns"] == ""
assert sum(r["event"] == "sched_switch" and r["ran_ns"] == "2000000" for r in rows) == 48
END
run --from "$tmp/t8" -j
cp "$tmp/out" "$tmp/json"
python "JSON: one document, fields by name" "$tmp/json" <<'END'
import json
import sys

doc = json.load(open(sys.argv[1]))
assert doc["lost"] == 0
pick = [e for e in doc["events"] if e["event"] == "sched_pick"][9]
assert pick["asked_gfid"] == 999 and pick["verdict"] == "reject-gfid" and pick["next_gfid"] == 2
END

# --- the picture
run --from "$tmp/t8" --svg "$tmp/t8.svg"
holds "the picture is announced" out "t8.svg: "
python "SVG: well formed, a lane per vGPU, lengths, marks, no script" "$tmp/t8.svg" <<'END'
import sys
import xml.etree.ElementTree as ET

NS = "{http://www.w3.org/2000/svg}"
root = ET.parse(sys.argv[1]).getroot()
assert not list(root.iter(NS + "script")) and not list(root.iter(NS + "style"))
lanes = [g for g in root.iter(NS + "g") if g.get("class") == "lane"]
assert [g.get("data-gfid") for g in lanes] == [str(n) for n in range(1, 9)]
assert "<t&3> a=b" in lanes[2].find(NS + "title").text
plot = float(root.get("width")) - 400
span_ms = 100.46
for lane in lanes:
    bars = {k: [r for r in lane.iter(NS + "rect") if r.get("class") == k]
            for k in ("run", "switch", "wait")}
    assert 5 <= len(bars["run"]) <= 7, len(bars["run"])
    for r in bars["run"]:
        assert abs(float(r.get("width")) / plot * span_ms - 2.0) < 0.02, r.attrib
        assert "slice 2.000 ms; ended by slice" in r.find(NS + "title").text or \
            "goes on" in r.find(NS + "title").text
    for r in bars["switch"]:
        assert abs(float(r.get("width")) / plot * span_ms - 0.05) < 0.02
    # Between its turns a vGPU waits for those of the seven others.
    assert any("waits 14.350 ms" in r.find(NS + "title").text for r in bars["wait"])
    spans = sorted((float(r.get("x")), float(r.get("x")) + float(r.get("width")))
                   for k in bars for r in bars[k])
    assert all(a[1] <= b[0] + 0.45 for a, b in zip(spans, spans[1:])), "bars overlap"
marks = [e.get("class") for e in root.iter()]
assert marks.count("rejection") == 4 and marks.count("stall") == 1, marks.count("rejection")
assert marks.count("policy") == 2 and marks.count("legend") == 1
assert marks.count("decision") == 45, marks.count("decision")
for e in root.iter():
    for k in ("x", "width"):
        if e.tag == NS + "rect" and e.get(k) and not e.get(k).endswith("%"):
            assert 0 <= float(e.get(k)) <= float(root.get("width"))
END
{ echo "CPU:1 [LOST 41 EVENTS]"; cat "$tmp/t2"; echo "CPU:0 [LOST EVENTS]"; } >"$tmp/lost"
run --from "$tmp/lost" --svg "$tmp/lost.svg"
holds "lost events are told" err "42 events were lost"
cp "$tmp/lost.svg" "$tmp/out"
holds "and told in the picture" out "42 events were lost"
{
	echo " x-1 [000] ..... 0.1: policy_attach: gpu=0 gfid=0 now_ns=1000 kind=none code=0" \
		"seq=1 name=early msg="
	cat "$tmp/t8"
	echo " x-1 [000] ..... 9.1: sched_pick: gpu=0 gfid=0 engine=1 nr_runnable=0" \
		"now_ns=99000000000 asked_kind=none asked_gfid=0 asked_ns=0 verdict=empty kind=idle" \
		"next_gfid=0 slice_ns=0 policy=rr"
} >"$tmp/idle"
run --from "$tmp/idle" --svg "$tmp/idle.svg"
cp "$tmp/idle.svg" "$tmp/out"
holds "only the time with work is drawn" out "gpu0: 100.460 ms from 5.000000 s" \
	"<title>-4999.999 ms: early"
python3 $text 8 3000 >"$tmp/long"
run --from "$tmp/long" --svg "$tmp/long.svg"
[ "$(grep -c . "$tmp/long.svg")" -gt 100 ] && [ "$(wc -c <"$tmp/long.svg")" -lt 2500000 ] &&
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' "$tmp/long.svg"
result $? "a picture of a long trace stays small"

# --- the trace for Perfetto
run --from "$tmp/t8" --perfetto "$tmp/t8.pftrace"
cat >"$tmp/decode.py" <<'END'
import sys
from collections import defaultdict


def varint(b, i):
    val = shift = 0
    while True:
        val |= (b[i] & 0x7f) << shift
        shift += 7
        i += 1
        if not b[i - 1] & 0x80:
            return val, i


def message(b):
    out, i = defaultdict(list), 0
    while i < len(b):
        key, i = varint(b, i)
        assert key & 7 in (0, 2), "wire type"
        val, i = varint(b, i)
        if key & 7 == 2:
            assert i + val <= len(b), "length"
            val, i = b[i:i + val], i + val
        out[key >> 3].append(val)
    return out


def load(name):
    tracks, events = {}, []
    for n, raw in enumerate(message(open(name, "rb").read())[1]):
        p = message(raw)
        assert p[10] == [1] and (n or p[13] == [1])
        if p[60]:
            t = message(p[60][0])
            tracks[t[1][0]] = {"name": t[2][0].decode(), "parent": (t[5] or [0])[0],
                               "counter": bool(t[8])}
        if p[11]:
            e = message(p[11][0])
            notes = {}
            for a in e[4]:
                a = message(a)
                notes[a[10][0].decode()] = (a[3] + a[4] + [x.decode() for x in a[6]])[0]
            events.append({"at": p[8][0], "type": e[9][0], "track": e[11][0],
                           "name": (e[23] or [b""])[0].decode(), "notes": notes,
                           "counter": (e[30] or [None])[0]})
    return tracks, events
END
PYTHONPATH=$tmp python "Perfetto: tracks, slices that nest, policies as instants" "$tmp/t8.pftrace" <<'END'
import sys
from collections import defaultdict
from decode import load

tracks, events = load(sys.argv[1])
by_name = {t["name"]: u for u, t in tracks.items()}
assert all(t["parent"] in tracks or not t["parent"] for t in tracks.values())
assert all(e["track"] in tracks for e in events)
gr = by_name["gr0"]
assert tracks[gr]["parent"] == by_name["gpu0"] and tracks[by_name["policy"]]["parent"] == \
    by_name["gpu0"]
for n in range(1, 9):
    assert tracks[by_name[f"vgpu {n} <t&{n}> a=b"]]["parent"] == gr
open_at, last, total = {}, defaultdict(int), defaultdict(int)
for e in events:
    t = e["track"]
    if e["type"] == 1:
        assert t not in open_at and e["at"] >= last[t], "slices of a track follow each other"
        open_at[t] = e
    elif e["type"] == 2:
        b = open_at.pop(t)
        assert e["at"] > b["at"]
        last[t] = e["at"]
        total[t, b["name"]] += e["at"] - b["at"]
    elif e["type"] == 4:
        assert tracks[t]["counter"] and e["counter"] is not None
assert not open_at, "a slice has no end"
assert total[by_name["vgpu 3 <t&3> a=b"], "run"] == 6 * 2000000, total
assert total[gr, "vgpu 3"] == 6 * 2000000
instants = [e for e in events if e["type"] == 3]
policy = [e for e in instants if e["track"] == by_name["policy"]]
assert [e["name"] for e in policy] == ["attach rr", "eject rr"]
assert policy[1]["notes"]["msg"] == 'vgpu 2 did not run: a=1 <b> "c"'
assert policy[1]["notes"]["code"] == 2**64 - 5 and policy[1]["at"] == 5100460000
assert sum(e["name"] == "reject-gfid" for e in instants) == 4
END

# --- bad input
refused "no such file" 1 "cannot read $tmp/none: No such file" --from "$tmp/none"
echo "nothing here" >"$tmp/empty"
refused "no events" 1 "$tmp/empty holds no scheduler events" --from "$tmp/empty" \
	--svg "$tmp/empty.svg"
[ ! -e "$tmp/empty.svg" ] && ! ls "$tmp"/empty.svg* >/dev/null 2>&1
result $? "and no picture is left"
grep -v asked_ns "$tmp/t2" | sed 's/ now_ns=[0-9]* / /' >"$tmp/field"
refused "a missing field is named with its line" 1 "$tmp/field:5: sched_runnable has no field now_ns" \
	--from "$tmp/field" --svg "$tmp/field.svg"
sed 's/engine=1/engine=-1/' "$tmp/t2" >"$tmp/value"
refused "so is a bad value" 1 "bad value '-1' of engine" --from "$tmp/value" --svg "$tmp/x.svg"
refused "another GPU" 1 "holds no scheduler events of that GPU" --from "$tmp/t2" --gpu gpu1
refused "a bad GPU" 2 "bad value 'x' for --gpu" --from "$tmp/t2" --gpu x
refused "a folder that is not there" 1 "cannot write $tmp/no/x.svg" --from "$tmp/t2" \
	--svg "$tmp/no/x.svg"
refused "bad seconds" 2 "bad value '0' for --seconds" --seconds 0
refused "a command without --" 2 "unexpected argument 'sleep'" sleep 1
refused "-- without a command" 2 "no command stands after --" --
refused "--from with a command" 2 "--from takes no --seconds" --from "$tmp/t2" -- true
refused "no tracefs" 1 "tracefs is not mounted; run: mount -t tracefs none" --seconds 1 \
	--svg "$tmp/x.svg"
mkdir -p "$NOVABPF_ROOT/sys/kernel/tracing/instances"
refused "no module" 1 "the module novabpf is not loaded" --seconds 1
"$cli" trace sched --from "$tmp/t2" >/dev/full 2>"$tmp/err"
rc=$?
[ $rc -eq 1 ] && grep -q "cannot write the output" "$tmp/err"
result $? "output to a full disk"
run --from "$tmp/t2" --svg /dev/full
[ $rc -eq 1 ] && grep -q "cannot write /dev/full" "$tmp/err"
result $? "a picture to a full disk"

echo "1..$count"
