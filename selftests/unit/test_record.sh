#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Recordings without a kernel: types of every release, what novabpf trace rpc says of a
# file, and the dissector in tshark, with every function, event and control there is.
# TAP on stdout.
cd "$(dirname "$0")/../.." || exit 1
cli=${NOVABPF_CLI:-$PWD/build/novabpf}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export NOVABPF_ROOT=$tmp/root
lua=build/wireshark/novabpf.lua
count=0

result() # STATUS NAME
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	[ ! -s "$tmp/out" ] || tail -n 10 "$tmp/out" | sed 's/^/# stdout: /'
	[ ! -s "$tmp/err" ] || tail -n 10 "$tmp/err" | sed 's/^/# stderr: /'
}

says() # NAME STATUS TEXT COMMAND...: in stdout or stderr
{
	local name=$1 want=$2 what=$3 rc
	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	[ "$rc" -eq "$want" ] && cat "$tmp/out" "$tmp/err" | grep -qF -- "$what"
	result $? "$name"
}

make -s abi-types wireshark cli >"$tmp/out" 2>"$tmp/err" &&
	make -s -C selftests/unit "$PWD/build/unit/test_pcapng" >>"$tmp/out" 2>>"$tmp/err"
result $? "types, dissector and tool are built"

releases=(535.113.01 570.144)
file=$tmp/all.pcapng
want=$(build/unit/test_pcapng "$file" "${releases[@]}")
[ "${want:-0}" -gt 500 ]
result $? "a recording of every kind of call"

# --- types
if command -v bpftool >/dev/null || [ -x /usr/sbin/bpftool ]; then
	bad=
	for release in 515.43.04 535.113.01 570.144 595.45.04; do
		PATH=$PATH:/usr/sbin bpftool btf dump file "build/abi/$release.btf" format c \
			>"$tmp/types.h" 2>"$tmp/err" &&
			echo '#define _Bool unsigned char' | cat - "$tmp/types.h" |
			cc -w -fsyntax-only -xc - 2>"$tmp/err" || bad+=" $release"
	done
	[ -z "$bad" ]
	result $? "the types are C that compiles$bad"
	# Sizes and offsets come from the kernel's tables, by another way.
	PATH=$PATH:/usr/sbin bpftool btf dump file build/abi/570.144.btf format c >"$tmp/types.h"
	cat >"$tmp/size.c" <<-'END'
	#define _Bool unsigned char
	#include "types.h"
	_Static_assert(sizeof(struct rpc_gsp_rm_alloc_v) == 32, "");
	_Static_assert(__builtin_offsetof(struct rpc_gsp_rm_control_v, paramsSize) == 16, "");
	_Static_assert(__builtin_offsetof(struct rpc_message_header_v, u.cpuRmGfid) == 28, "");
	END
	cc -w -fsyntax-only "$tmp/size.c" 2>"$tmp/err"
	result $? "and the layouts are the release's"
else
	echo "ok $((count += 1)) - the types are C that compiles # SKIP no bpftool"
	echo "ok $((count += 1)) - and the layouts are the release's # SKIP no bpftool"
fi

# --- the tool
says "a control with its parameters, typed" 0 'engineId 16777472' \
	"$cli" trace rpc --from "$file" --cmd FIFO_OBJSCHED_SET_STATE --payload
says "a status by its name" 0 'NV_ERR_NOT_SUPPORTED' "$cli" trace rpc --from "$file" --failed
says "JSON" 0 '"name":"RC_TRIGGERED"' "$cli" trace rpc --from "$file" -j --function RC_TRIGGERED
"$cli" trace rpc --from "$file" >"$tmp/out" 2>"$tmp/err"
[ "$(wc -l <"$tmp/out")" -eq "$want" ] && ! grep -q UNKNOWN "$tmp/out"
result $? "every record is a line, by name"
says "an unknown function" 2 "did you mean 'GSP_RM_CONTROL'" \
	"$cli" trace rpc --from "$file" --function GSP_RM_CONTROLS
says "an unknown control" 2 "did you mean 'FIFO_OBJSCHED_GET_STATE'" \
	"$cli" trace rpc --from "$file" --cmd FIFO_OBJSCHED_GET_STAT
says "no recording" 1 "it is no pcapng file" "$cli" trace rpc --from "$0"
head -c 3000 "$file" >"$tmp/cut.pcapng"
says "a file that is cut in its first record" 1 "middle of a block" \
	"$cli" trace rpc --from "$tmp/cut.pcapng"

# --- what was shortened, packed or written in another form since
same() # NAME FILE: as many records, named as before
{
	"$cli" trace rpc --from "$2" >"$tmp/out" 2>"$tmp/err" && [ ! -s "$tmp/err" ] &&
		sed 's/^[^ ]* *[^ ]* //' "$tmp/out" | cmp -s - "$tmp/plain"
	result $? "$1"
}

"$cli" trace rpc --from "$file" | sed 's/^[^ ]* *[^ ]* //' >"$tmp/plain"
head -c 100000 "$file" >"$tmp/cut.pcapng"
says "a file that is cut: what stands in front is shown" 0 \
	"it ends in the middle of a block" "$cli" trace rpc --from "$tmp/cut.pcapng"
[ "$(wc -l <"$tmp/out")" -eq "$("$cli" trace rpc -j --from "$tmp/cut.pcapng" |
	grep -o '"kind"' | wc -l)" ] && [ "$(wc -l <"$tmp/out")" -gt 10 ]
result $? "in JSON, too"
gzip -c "$file" >"$tmp/all.gz"
same "a packed file" "$tmp/all.gz"
head -c "$(($(stat -c %s "$tmp/all.gz") / 2))" "$tmp/all.gz" >"$tmp/half.gz"
says "half of a packed file" 0 "its compressed data ends early" \
	"$cli" trace rpc --from "$tmp/half.gz"
if command -v editcap >/dev/null; then
	for form in pcap nsecpcap; do
		editcap -F "$form" "$file" "$tmp/all.$form" 2>"$tmp/err"
		same "$form" "$tmp/all.$form"
	done
	# 200: all but the payload, 300: some of it, 100: not even the release.
	for bytes in 4100 300 200 168 160 100 40; do
		editcap -s "$bytes" "$file" "$tmp/short.pcapng"
		says "editcap -s $bytes: every record is shown" 0 \
			"$want packets were shortened" "$cli" trace rpc --from "$tmp/short.pcapng"
		[ "$(wc -l <"$tmp/out")" -eq "$want" ] &&
			! { [ "$bytes" -lt 160 ] && grep -q NV_ "$tmp/out"; }
		result $? "and nothing is made up"
	done
	editcap -s 39 "$file" "$tmp/short.pcapng"
	says "shortened to nothing" 1 "no packet is long enough to tell what it is" \
		"$cli" trace rpc --from "$tmp/short.pcapng"
	editcap -s 300 "$file" "$tmp/short.pcapng"
	says "typed as far as it goes" 0 'rpc_gsp_rm_control_v' \
		"$cli" trace rpc --from "$tmp/short.pcapng" --payload --cmd FIFO_OBJSCHED_SET_STATE
else
	echo "ok $((count += 1)) - editcap # SKIP no editcap"
fi

# --- payloads in pieces
build/unit/test_pcapng "$tmp/pieces.pcapng"
"$cli" trace rpc -j --from "$tmp/pieces.pcapng" >"$tmp/out" 2>"$tmp/err"
bytes=$(python3 -c 'import json, sys
for r in json.load(open(sys.argv[1]))["records"]: print(r["id"], r["kind"], r["payload_bytes"])' \
	"$tmp/out" | paste -sd ' ')
[ "$bytes" = "1 request 200000 2 request 200000 1 reply 65536 1 reply 200000" ]
result $? "pieces are put together, where all are there"
says "in the text they are no records" 0 '' "$cli" trace rpc --from "$tmp/pieces.pcapng" --payload
[ "$(grep -c '^ *[0-9.]* gpu0' "$tmp/out")" -eq 4 ]
result $? "but of one"
says "no such file" 1 "No such file" "$cli" trace rpc --from "$tmp/none"
says "a file and a time" 2 "--from takes no" "$cli" trace rpc --from "$file" --seconds 1
says "record without a file" 2 "FILE" "$cli" record
says "record without a module" 1 "not loaded" "$cli" record "$tmp/new.pcapng"
[ ! -e "$tmp/new.pcapng" ] && [ -z "$(find "$tmp" -name 'new.pcapng*')" ]
result $? "and it leaves nothing behind"
says "replay without a module" 1 "not loaded" "$cli" replay "$file"
says "a speed that is none" 2 "--speed" "$cli" replay "$file" --speed 0

# --- the dissector
if command -v tshark >/dev/null; then
	selftests/dissect "$file" -T fields -e novabpf.release -e novabpf.name \
		-e novabpf.control -e novabpf.struct >"$tmp/out" 2>"$tmp/err"
	awk -F'\t' '$2 == "" || $2 ~ /^function / { bad = 1 } END { exit bad }' "$tmp/out" &&
		[ "$(wc -l <"$tmp/out")" -eq "$want" ]
	result $? "tshark decodes each of $want records by name"
	for release in "${releases[@]}"; do
		typed=$(awk -F'\t' -v r="$release" '$1 == r && $4 != ""' "$tmp/out" | wc -l)
		[ "$typed" -gt 100 ]
		result $? "$release: payloads have their structures ($typed)"
	done
	selftests/dissect "$file" -V >"$tmp/v" 2>"$tmp/err"
	! grep -q 'Lua Error\|Dissector bug' "$tmp/v"
	result $? "no error of Lua"
	for bytes in 300 200 168 160 100 40 39 8 6; do
		editcap -s "$bytes" "$file" "$tmp/short.pcapng"
		selftests/dissect "$tmp/short.pcapng" -V >"$tmp/v" 2>"$tmp/err"
		! grep -q 'Lua Error\|Dissector bug\|Malformed\|is malformed' "$tmp/v" &&
			[ "$(grep -c 'The packet was shortened' "$tmp/v")" -ge "$want" ] ||
			[ "$bytes" -lt 8 ]
		result $? "shortened to $bytes bytes: marked, not malformed"
	done
	selftests/dissect "$tmp/pieces.pcapng" -V >"$tmp/v" 2>"$tmp/err"
	! grep -q 'Lua Error\|Dissector bug' "$tmp/v" && grep -q 'More of: request' "$tmp/v"
	result $? "pieces are named"
	# An IPv4 packet to port 9 of UDP, of the same link type.
	echo '0000 45 00 00 1c 00 00 00 00 40 11 00 00 0a 00 00 01 0a 00 00 02 00 07 00 09 00 08 00 00' |
		text2pcap -q -l 147 - "$tmp/foreign.pcap" 2>"$tmp/err"
	selftests/dissect "$tmp/foreign.pcap" -Y novabpf >"$tmp/out" 2>"$tmp/err" &&
		[ ! -s "$tmp/out" ] &&
		[ "$(selftests/dissect "$tmp/foreign.pcap" -T fields \
			-e _ws.col.Protocol 2>/dev/null)" != GSP ]
	result $? "what is no record is not claimed"
	selftests/dissect "$tmp/foreign.pcap" \
		-o 'uat:user_dlts:"User 0 (DLT=147)","ip","0","","0",""' -T fields -e ip.dst >"$tmp/out" 2>"$tmp/err"
	[ "$(cat "$tmp/out")" = 10.0.0.2 ]
	result $? "but left to what the user chose for it"
	mergecap -F pcapng -w "$tmp/mixed.pcapng" "$tmp/foreign.pcap" "$file"
	says "the tool passes it by, and says so" 0 "1 packets are no records of novabpf" \
		"$cli" trace rpc --from "$tmp/mixed.pcapng"
	selftests/dissect "$file" -Y novabpf.rpc_rc_triggered_v.exceptLevel \
		-T fields -e novabpf.release >"$tmp/out" 2>"$tmp/err"
	[ "$(sort -u "$tmp/out")" = 570.144 ]
	result $? "a field that one release has only"
else
	for name in decodes types errors fields more; do
		echo "ok $((count += 1)) - tshark: $name # SKIP no tshark"
	done
fi
echo "1..$count"
