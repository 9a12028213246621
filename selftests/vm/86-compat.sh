#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Objects that are newer or older than the module: what the user sees.
. "$(dirname "$0")/lib.sh"

objs=build/selftests/bpf/compat
sched=/sys/class/novabpf/gpu0/sched

[[ -e $objs/old.bpf.o ]] || skip_all "no BPF objects; run: make test-programs"
needs_struct_ops
names=(asked_kfunc new_field new_kfunc new_member new_op old optional_op)
plan ${#names[@]}
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
load_sim clock=virtual

for name in "${names[@]}"; do
	want=$(sed -n 's,^// expect: ,,p' "selftests/bpf/compat/$name.bpf.c" | tr -d '\n')
	text=$(novabpf attach "$objs/$name.bpf.o" 2>&1)
	if [[ $want ]]; then
		is "${text:0:${#objs}+${#name}+${#want}+18} policy $(<$sched/policy)" \
			"novabpf: $objs/$name.bpf.o: $want policy " "$name is refused, and what it lacks named"
		continue
	fi
	novabpf load demo --duration 0.02 >/dev/null
	is "$? $(<$sched/policy) $(<$sched/state)" "0 $name enabled" "$name decides" ||
		sed 's/^/# /' <<<"$text $(<$sched/exit_msg)"
	novabpf detach >/dev/null
done
unload_all
