#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf trace sched, from the text of every tool that prints the events: the same
# events from each form, what the buffer lost, texts that are cut. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
forms=selftests/unit/trace_forms
words=(trace sched)

# --- every form: no event is missed, and the kernel's own sched_switch is none
for file in "$forms"/*.txt; do
	form=$(basename "$file" .txt)
	[ "$form" != report-R ] || continue
	run --from "$file" --csv
	mv "$tmp/out" "$tmp/$form.csv"
	: >"$tmp/out"
	want=$(grep -c 'gpu=' "$file")
	got=$(($(wc -l <"$tmp/$form.csv") - 1))
	[ "$rc" -eq 0 ] && [ "$got" -eq "$want" ] && [ "$want" -ge 2 ] &&
		[ "$(sed 1d "$tmp/$form.csv" | grep -c '^sched_switch')" -eq \
			"$(grep -c 'sched_switch: *gpu=' "$file")" ]
	result $? "$form: $got of $want events"
	run --from "$file" --svg "$tmp/$form.svg"
	[ "$rc" -eq 0 ] && grep -q 'data-gfid="4"' "$tmp/$form.svg"
	result $? "$form: is drawn"
done
for form in report-l report-t report-ts-diff; do
	cmp -s "$tmp/report.csv" "$tmp/$form.csv"
	result $? "$form: the same events as in the plain form"
done
cmp -s "$tmp/tracefs-wrapped.csv" "$tmp/tracefs-latency-wrapped.csv"
result $? "latency-format: the same events as in the plain form"
run --from "$forms/report-R.txt" --svg "$tmp/raw.svg"
[ "$rc" -eq 1 ] && [ ! -e "$tmp/raw.svg" ] && grep -q 'trace-cmd report print it without -R' "$tmp/err"
result $? "numbers in place of names are not guessed at"

# --- a name of a process looks like an event
{
	echo "x-1 [000] 0.1: sched_switch:         gpu=0 gfid=1 e:7 [120] R ==> x:1 [120]"
	cat "$forms/report.txt"
} >"$tmp/comm"
run --from "$tmp/comm" --csv
cmp -s "$tmp/out" "$tmp/report.csv"
result $? "a process with a name like our fields is no event"

# --- what was lost
lost() # FILE NUMBER NAME
{
	run --from "$1" --svg "$tmp/lost.svg"
	[ "$rc" -eq 0 ] && grep -q "^novabpf: $2 events were lost" "$tmp/err" &&
		grep -q "$2 events were lost" "$tmp/lost.svg"
	result $? "$3"
}

for form in report-wrapped report-l-wrapped tracefs-wrapped tracefs-latency-wrapped; do
	lost "$forms/$form.txt" 180 "$form: what was overwritten is told and drawn"
done
lost "$forms/perf-script-g-lost.txt" 14 "perf: samples lost"
run --from "$forms/report.txt" --svg "$tmp/whole.svg"
[ ! -s "$tmp/err" ] && ! grep -q 'were lost' "$tmp/whole.svg"
result $? "nothing is told where nothing was lost"
while IFS='|' read -r number line; do
	{ echo "$line"; cat "$forms/report.txt"; } >"$tmp/line"
	lost "$tmp/line" "$number" "'$line'"
done <<'END'
41|CPU:1 [LOST 41 EVENTS]
1|CPU:1 [LOST EVENTS]
1|CPU:0 [EVENTS DROPPED]
7|t.dat: CPU:0 [7 EVENTS DROPPED]
12|perf 42 [000] 1.234: PERF_RECORD_LOST lost 12
3|Processed 500 events and lost 3 chunks!
END
# The head counts for the lines below it.
sed '4a CPU:0 [LOST 60 EVENTS]' "$forms/tracefs-wrapped.txt" >"$tmp/both"
lost "$tmp/both" 180 "no event is counted as lost twice"

# --- a text that is cut
for bytes in 5 30 90; do
	head -c -$bytes "$forms/report.txt" >"$tmp/cut"
	run --from "$tmp/cut" --svg "$tmp/cut.svg"
	[ "$rc" -eq 0 ] && [ -s "$tmp/cut.svg" ] &&
		grep -q 'the last line is cut and was left out' "$tmp/err" &&
		grep -q "$(($(grep -c gpu= "$forms/report.txt") - 1)) events" "$tmp/out"
	result $? "cut $bytes bytes before its end, the rest is drawn"
done
run --from "$tmp/cut" -j
python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["cut"] is True' "$tmp/out"
result $? "JSON tells it, too"
sed -i 's/now_ns=[0-9]*//' "$tmp/cut"
run --from "$tmp/cut" --svg "$tmp/none.svg"
[ "$rc" -eq 1 ] && [ ! -e "$tmp/none.svg" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ]
result $? "a line in the middle that lacks a field is refused as before"

# --- texts that come by a pipe, and files that are no text
# shellcheck disable=SC2002
cat "$forms/report.txt" | "$cli" trace sched --from /dev/stdin --csv >"$tmp/out" 2>"$tmp/err"
cmp -s "$tmp/out" "$tmp/report.csv"
result $? "from a pipe"
printf '\x17\x08\x44tracing6\0\0\0' >"$tmp/trace.dat"
run --from "$tmp/trace.dat"
[ "$rc" -eq 1 ] && grep -q "what 'trace-cmd report -i FILE' prints" "$tmp/err"
result $? "trace-cmd's own file: what to do"
printf 'PERFILE2hhhhhhhh' >"$tmp/perf.data"
run --from "$tmp/perf.data"
[ "$rc" -eq 1 ] && grep -q "what 'perf script -i FILE' prints" "$tmp/err"
result $? "perf's own file: what to do"

echo "1..$count"
