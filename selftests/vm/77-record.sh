#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# novabpf record, trace rpc and replay: a load of two releases with different layouts is
# recorded, tshark decodes every record by name, and replay makes the failures again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
dir=$(mktemp -d)
trap 'lib_end; rm -rf "$dir"' EXIT
plan 17

# The test load asks for an object that does not exist now and then: those calls fail.
run='modprobe novabpf_test release=$0 threads=1 calls=60 large=0 posts=0 &&
	cat /sys/kernel/debug/novabpf_test/result && rmmod novabpf_test'

refused() { # COMMAND...: one line on stderr, nothing else
	"$@" >"$dir/out" 2>"$dir/err" && return 1
	[[ ! -s $dir/out && $(wc -l <"$dir/err") == 1 ]]
}

json() { # FILE KEY
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"
}

for release in 535.113.01 570.144; do
	file=$dir/$release.pcapng
	load_sim "fw=$release" clock=virtual
	before=$(counter rpc_sent)
	novabpf record -j "$file" -- bash -c "$run" "$release" >"$dir/both"
	status=$?
	tail -n 1 "$dir/both" >"$dir/sum"
	is "$status $(json "$dir/sum" lost) $(stat -c %a "$file")" "0 0 600" "$release: recorded"
	sent=$(($(counter rpc_sent) - before))
	novabpf trace rpc --from "$file" -j >"$dir/all"
	requests=$(grep -o '"kind":"request"' "$dir/all" | wc -l)
	records=$(json "$dir/sum" records)
	is "$requests" "$sent" "$release: every call that was made"
	novabpf trace rpc --from "$file" --payload >"$dir/typed"
	like "$(<"$dir/typed")" 'rpc_gsp_rm_control_v.*paramsSize' "$release: payloads are typed"
	if command -v tshark >/dev/null; then
		"$top/selftests/dissect" "$file" -T fields -e novabpf.name -e novabpf.release \
			>"$dir/fields" 2>"$dir/err"
		is "$(awk -F'\t' -v r="$release" '$1 != "" && $1 !~ /^function / && $2 == r' \
			"$dir/fields" | wc -l)" "$records" "$release: tshark names every record"
	else
		skip "$release: tshark names every record" "no tshark"
	fi
	rmmod novabpf_sim
	load_sim "fw=$release" clock=virtual
	if [[ $release == 535* ]]; then
		refused novabpf replay "$file"
		like "$? $(<"$dir/err")" '^0 .*allow_raw_calls' "not without the parameter"
		echo 1 >/sys/module/novabpf/parameters/allow_raw_calls
	fi
	novabpf replay -j "$file" --as-fast >"$dir/replay"
	is "$? $(json "$dir/replay" differ)" "0 0" "$release: answers are as recorded"
	failures=$(json "$dir/replay" failures_recorded)
	reproduced=$(json "$dir/replay" failures_reproduced)
	if ((failures > 0)) && [[ $failures == "$reproduced" ]]; then
		ok "$release: $failures recorded failures are reproduced"
	else
		not_ok "$release: recorded failures are reproduced" "$reproduced of $failures" \
			"$(<"$dir/replay")"
	fi
	rmmod novabpf_sim
done

# --- what differs is told
load_sim fw=570.144 clock=virtual
refused novabpf replay "$dir/535.113.01.pcapng"
like "$? $(<"$dir/err")" '^0 .*was recorded with release 535.113.01, gpu0 runs 570.144' \
	"another release"
set_timeout 200
fault next drop
novabpf replay "$dir/570.144.pcapng" --as-fast >"$dir/out"
like "$? $(<"$dir/out")" '^1 .*recorded NV_OK.*; replayed Connection timed out' \
	"an answer that does not come"
set_timeout 6000

# --- live
novabpf trace rpc --failed -- bash -c "$run" 570.144 >"$dir/out"
is "$? $(grep -c ': NV_ERR' "$dir/out") $(grep -c ': NV_OK' "$dir/out")" "0 $failures 0" \
	"live, failed calls only"
echo 0 >/sys/module/novabpf/parameters/allow_raw_calls
is "$(unload_all 2>&1; lsmod | grep -c novabpf)" 0 "nothing holds the modules"
