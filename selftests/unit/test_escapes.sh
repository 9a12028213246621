#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Names and texts from outside that hold what a terminal obeys: no command lets it
# through, in text, CSV or JSON, to stdout or stderr. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

# Colour, title, clipboard; the one-byte form of ESC [; a backspace, a carriage return.
evil=$'\e[31m\e]0;x\a\xc2\x9b1m\x9b2m\b\rz'
short=$'e\e[31m\x9bm\rz'

put() # PATH VALUE
{
	mkdir -p "$(dirname "$NOVABPF_ROOT$1")"
	printf '%s\n' "$2" >"$NOVABPF_ROOT$1"
}

# No control character but newlines and tabulators, none of the second set, all of it UTF-8; and the
# name is there.
clean() # NAME ARGS...
{
	local name=$1
	shift
	run "$@"
	python3 - "$tmp/out" "$tmp/err" 2>"$tmp/why" <<'END'
import sys
import unicodedata

text = "".join(open(f, "rb").read().decode() for f in sys.argv[1:])
bad = {c for c in text if c not in "\n\t" and unicodedata.category(c) == "Cc"}
assert not bad, bad
assert "\\x1b[31m" in text or "\\\\x1b[31m" in text, "the name is not there"
END
	result $? "$name"
}

gpu=/sys/class/novabpf/gpu0
put $gpu/name "$evil"
put $gpu/state ready
put $gpu/release 570.144
put $gpu/chip "$evil"
put $gpu/failure "$evil"
put $gpu/vgpu1/gfid 1
put $gpu/vgpu1/name "$evil"
put $gpu/vgpu1/state ready
put $gpu/vgpu1/uuid "$evil"
put $gpu/vgpu1/weight 100
put $gpu/vgpu_types/4/description "$evil"
put $gpu/vgpu_types/4/fb_bytes 1
for name in state:enabled policy:"$evil" builtin:"$evil" arr:0 attached_ns:1 now_ns:2 decisions:1 \
	nr_rejected:1 exit_kind:1025 exit_policy:"$evil" exit_reason:"$evil" exit_msg:"$evil" \
	events:"verdict_$evil 1" runlists:"0 1 $evil 2 1 3 4 5"; do
	put "$gpu/sched/${name%%:*}" "${name#*:}"
done
chmod -R u+rwX,go+rX "$NOVABPF_ROOT"
put /sys/kernel/debug/novabpf/gpu0/history "$(
	printf '# id\top\tfunction\tcmd\twhat\tgfid\tpid\tcomm\tstatus_name\n'
	printf '1\tSET_REGISTRY\t73\t0x0\t-\t0\t77\t%s\tNV_OK\n' "$evil")"
put /sys/kernel/debug/novabpf/gpu0/report "$(
	printf 'incident\t%s\n[events]\n# a\t%s\n%s\t%s\n[%s]\n%s\t1\n' "$evil" "$evil" "$evil" "$evil" \
		"$evil" "$evil")"
put /sys/module/novabpf/version "$evil"

for form in '' -j; do
	for command in 'gpu show gpu0' 'gpu list' 'vgpu list' 'vgpu show gpu0 1' 'vgpu types' \
		'status gpu0' 'sched show gpu0' 'gsp history gpu0' 'gsp report gpu0' doctor version; do
		# shellcheck disable=SC2086 # words
		clean "$command $form" $command $form
	done
	clean "an unknown command $form" "$evil" $form
	clean "a file that is not there $form" trace rpc --from "$tmp/$evil" $form
done

# --- a mix of somebody else's
cp tools/load/profiles.load "$tmp/"
sed "s/^title.*/title \"$short\"/" tools/load/demo.load >"$tmp/mix$short.load"
clean "a title of a mix" load "$tmp/mix$short.load" --dry-run
clean "a title of a mix, JSON" load "$tmp/mix$short.load" --dry-run -j

# --- recordings: the caller's name, and a text of the firmware
make -s -C selftests/unit "$PWD/build/unit/test_pcapng" >"$tmp/out" 2>"$tmp/err"
build/unit/test_pcapng "$tmp/all.pcapng" 570.144 >/dev/null
SHORT=$short python3 - "$tmp/all.pcapng" <<'END'
import os
import sys

data = open(sys.argv[1], "rb").read()
name = os.environb[b"SHORT"]
open(sys.argv[1], "wb").write(data.replace(b"test" + bytes(12), name.ljust(16, b"\0")))
END
clean "trace rpc" trace rpc --from "$tmp/all.pcapng"
clean "trace rpc -j" trace rpc -j --from "$tmp/all.pcapng"
clean "trace rpc --payload" trace rpc --payload --from "$tmp/all.pcapng"
cp "$tmp/all.pcapng" "$tmp/$short.pcapng"
head -c 50000 "$tmp/all.pcapng" >"$tmp/$short.pcapng"
clean "what is missing from a file of such a name" trace rpc --failed --from "$tmp/$short.pcapng"

# --- events of the scheduler
sed "s/name=[a-z0-9]*/name=$evil/; s/policy=.*/policy=$short/" selftests/unit/trace_forms/report.txt \
	>"$tmp/$short.txt"
for form in '' -j --csv; do
	# shellcheck disable=SC2086 # one word or none
	clean "trace sched $form" trace sched --from "$tmp/$short.txt" $form
done
head -c -5 "$tmp/$short.txt" >"$tmp/cut$short.txt"
run trace sched --from "$tmp/$short.txt" --svg "$tmp/e.svg" --save "$tmp/e.txt"
for file in svg txt; do
	cp "$tmp/e.$file" "$tmp/out"
	! grep -q $'\e\|\x9b' "$tmp/out" && grep -qF '\x1b[31m' "$tmp/out"
	result $? "the $file that is written"
done
run trace sched --from "$tmp/e.txt" --csv
cp "$tmp/out" "$tmp/again"
run trace sched --from "$tmp/$short.txt" --csv
cmp -s "$tmp/out" "$tmp/again"
result $? "a saved text says the same"
clean "a text that is cut" trace sched --from "$tmp/cut$short.txt" --csv

echo "1..$count"
