#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A runlist that does not work, while its GPU is ready: status, doctor and sched show say
# so, and say nothing where all is well. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
gpu=$NOVABPF_ROOT/sys/class/novabpf/gpu0

says() # NAME RC TEXT: after a run
{
	[ "$rc" -eq "$2" ] && grep -qF -- "$3" "$tmp/out"
	result $? "$1"
}

silent() # NAME TEXT
{
	! grep -qF -- "$2" "$tmp/out"
	result $? "$1"
}

json() # NAME CONDITION ARGS...
{
	run -j "${@:3}"
	python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($2))" \
		<"$tmp/out" 2>"$tmp/err"
	result $? "$1"
}

mkdir -p "$gpu/sched"
echo ready >"$gpu/state"
echo builtin >"$gpu/sched/state"
echo best-effort >"$gpu/sched/builtin"

lines() { printf '%s\n' "$@" >"$gpu/sched/runlists"; }

lines "0 1 gr0 2 1 3 1234 99 on 0" "1 27 nvenc0 2 0 0 12 9 switch 17"
run status 0
silent "status: all runlists work" trouble
json "as JSON" "d[0]['trouble'] is None and [r['phase'] for r in d[0]['runlists']] == ['on', 'switch']" \
	status 0
run doctor
silent "doctor: all runlists work" "FAIL gpu0"

lines "0 1 gr0 2 1 3 1234 99 dead 0" "1 27 nvenc0 2 0 0 12 9 idle 0"
run status 0
says "status: nothing is scheduled" 0 "trouble    gr0 schedules nothing until the GPU is reset"
json "as JSON" "d[0]['trouble'].startswith('gr0 schedules nothing')" status 0
run doctor
says "doctor: nothing is scheduled" 1 "FAIL gpu0: gr0 schedules nothing until the GPU is reset"
says "and what to do" 1 "novabpf gpu recover gpu0"

lines "0 1 gr0 2 1 3 1234 99 dead 0" "1 27 nvenc0 2 0 0 12 9 switch 3012000"
run doctor
says "doctor: a switch that takes seconds" 1 \
	"gr0 schedules nothing until the GPU is reset; nvenc0 has been switching for 3012 ms"

json "sched show" "d[0]['runlists'][1]['switching_us'] == 3012000 and \
	d[0]['runlists'][1]['phase'] == 'switch'" sched show 0
# Modules that are older than the tool do not say it.
lines "0 1 gr0 2 1 3 1234 99"
run status 0
silent "an older module" trouble
echo "1..$count"
