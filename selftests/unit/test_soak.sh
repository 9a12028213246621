#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The soak's own judgement: bad arguments, and what it must see in a trace.
cd "$(dirname "$0")/../.." || exit 1
count=0

is() { # GOT WANTED NAME
	count=$((count + 1))
	if [[ $1 == "$2" ]]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		printf '# got:    %s\n# wanted: %s\n' "${1//$'\n'/ | }" "$2"
	fi
}

check() { # ARGS...: exit status, and what is said
	local said

	said=$(selftests/soak/soak.sh --check "$@" 2>&1)
	echo "$? $said"
}

# Events on stdin. Prints what is told under that name.
trace() { # NAME
	sed 's/^/ sh-1 [000] ..... 12.5: /' | awk -f selftests/soak/trace.awk |
		sed -n "s/^$1 //p"
}

range="want a number from"
is "$(check abc 1)" "2 soak: SOAK_CALLS is 'abc'; $range 100 to 999999999" "calls: no number"
is "$(check 0 1)" "2 soak: SOAK_CALLS is '0'; $range 100 to 999999999" "calls: too few"
is "$(check 1000 -1)" "2 soak: SOAK_SEED is '-1'; $range 0 to 1000000" "a seed below 0"
is "$(check 1000 1 x)" "2 soak: SOAK_ROUND is 'x'; $range 0 to 100000" "a round: no number"
is "$(check 01000 08 09)" "0 " "leading zeros are decimal"
is "$(make -s soak SOAK_CALLS='7; echo no' 2>&1 | head -n 1)" \
	"soak: SOAK_CALLS is '7; echo no'; $range 100 to 999999999" "refused before all is built"

held="vgpu_quarantine: gpu=0 gfid=3 type=9 name=vgpu3"
reset="gsp_state: gpu=0 ready -> recovering release=570.144"
admit() { echo "vgpu_admit: gpu=0 gfid=$1 type=9 placement=0 ret=$2 name=v"; }
is "$({ echo "$held"; admit 3 0; } | trace problem)" \
	"gfid 3 was in quarantine and was used again" "a gfid used again out of quarantine"
is "$({ echo "$held"; admit 3 -17; admit 33 0; } | trace problem)" "" "refused, or another one"
is "$({ echo "$held"; echo "$reset"; admit 3 0; } | trace problem)" "" "after a reset it may be"

on="policy_attach: gpu=0 gfid=0 now_ns=1 kind=none code=0 seq=1 name=rr msg="
off="policy_detach: gpu=0 gfid=0 now_ns=2 kind=detach code=0 seq=1 name=rr msg="
out="policy_eject: gpu=0 gfid=2 now_ns=2 kind=stall code=0 seq=1 name=rr msg=late"
is "$(printf '%s\n' "$on" "$out" | trace problem)" "" "a policy that ends once"
is "$(printf '%s\n' "$on" "$out" | trace ejected)" 1 "is counted"
is "$(trace problem <<<"$on")" "policy rr has not ended" "one that stays"
is "$(printf '%s\n' "$on" "$out" "$off" | trace problem)" "policy rr ended, and had not begun" \
	"one that ends twice"
is "$(trace problem <<<"${out/seq=1/seq=0}")" "" "one whose init() failed"
is "$(echo 'CPU:1 [LOST 12 EVENTS]' | trace problem)" "events are missing in the trace" "a gap"
echo "1..$count"
