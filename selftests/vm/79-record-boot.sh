#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# novabpf record from the first call on: each record names the release it was for, in a
# boot, after another release, in the states that are told; a creation of a vGPU is
# recorded whole and replayed, as README says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

dir=$(mktemp -d)
trap 'lib_end; rm -rf "$dir"' EXIT
releases=(515.43.04 535.113.01 550.144.03 570.144 580.95.05 595.45.04)
plan $((${#releases[@]} + 9))

# "RELEASE KIND" of every record, counted.
kinds() { # FILE
	novabpf trace rpc -j --from "$1" | python3 -c 'import json, sys
for r in json.load(sys.stdin)["records"]: print(r["release"], r["kind"])' | sort | uniq -c
}

json() { # FILE KEY...
	python3 -c 'import json, sys
doc = json.load(open(sys.argv[1]))
print(*(doc[key] for key in sys.argv[2:]))' "$@"
}

# --- a boot, of every generation of the interface
modprobe novabpf
events=/sys/kernel/tracing/instances/states
mkdir "$events"
echo 1 >"$events/events/novabpf/gsp_state/enable"
for release in "${releases[@]}"; do
	file=$dir/$release.pcapng
	novabpf record "$file" -- modprobe novabpf_sim "fw=$release" clock=virtual \
		>"$dir/out" 2>"$dir/err"
	status=$?
	kinds "$file" >"$dir/kinds"
	is "$status $(awk '{ print $2 }' "$dir/kinds" | sort -u) $(grep -c request "$dir/kinds")" \
		"0 $release 1" "$release: a boot is recorded, every record names it"
	rmmod novabpf_sim
done
is "$(grep -o 'gsp_state: .* off -> prepare .*' "$events/trace" | sed 's/.*release=//' | xargs)" \
	"${releases[*]}" "the first state of a boot names its release"

# --- another release under one recording
load_sim fw=535.113.01 clock=virtual
novabpf record "$dir/two.pcapng" -- \
	sh -c 'rmmod novabpf_sim && modprobe novabpf_sim fw=570.144 clock=virtual' >/dev/null
kinds "$dir/two.pcapng" >"$dir/kinds"
is "$(awk '/request/ { print $2 }' "$dir/kinds" | xargs)" "535.113.01 570.144" \
	"calls are filed under the release they were for"
is "$(novabpf trace rpc -j --from "$dir/two.pcapng" | python3 -c 'import json, sys
for r in json.load(sys.stdin)["records"]:
    if r["kind"] == "request" and "UNLOADING" in r["name"]: print("unload", r["release"])
    if r["kind"] == "request" and r["name"] == "GSP_SET_SYSTEM_INFO": print("boot", r["release"])')" \
	"unload 535.113.01
boot 570.144" "the last call of the old one, the first of the new one"
echo >"$events/trace"
echo 1 >$gpu/recover
like "$(<"$events/trace")" 'recovering -> prepare release=570.144' "and after a reset"
rmmod novabpf_sim
echo 0 >"$events/events/novabpf/gsp_state/enable"
rmdir "$events"

# --- the first creation of a vGPU
load_sim fw=570.144
novabpf record -j "$dir/cut.pcapng" -- novabpf vgpu create gpu0 NOVA-4Q | tail -n 1 >"$dir/sum"
is "$(json "$dir/sum" cut lost)" "2 0" "what is left out of it is counted"
novabpf vgpu destroy gpu0 1 >/dev/null
rmmod novabpf_sim
load_sim fw=570.144
novabpf record -j --whole "$dir/whole.pcapng" -- novabpf vgpu create gpu0 NOVA-4Q |
	tail -n 1 >"$dir/sum"
is "$(json "$dir/sum" cut lost)" "0 0" "recorded whole"
if command -v tshark >/dev/null; then
	is "$(tshark -r "$dir/whole.pcapng" 2>"$dir/err" | wc -l) $(grep -v -i running "$dir/err")" \
		"$(($(json "$dir/sum" records) + 10)) " "in pieces that tshark takes"
else
	skip "in pieces that tshark takes" "no tshark"
fi
rmmod novabpf_sim
load_sim fw=570.144
echo 1 >/sys/module/novabpf/parameters/allow_raw_calls
novabpf replay -j "$dir/whole.pcapng" >"$dir/replay"
is "$? $(json "$dir/replay" calls same skipped cut payloads_differ)" "0 6 6 0 0 0" \
	"and replayed, every call and every byte"
rmmod novabpf_sim
load_sim fw=570.144
novabpf replay "$dir/cut.pcapng" >"$dir/replay"
like "$? $(<"$dir/replay")" '^1 .*1 of the skipped have not all of their payload.*--whole' \
	"what was not recorded whole cannot be, and is told"
echo 0 >/sys/module/novabpf/parameters/allow_raw_calls
unload_all
