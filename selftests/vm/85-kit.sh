#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# From an empty folder to a policy and a hook of one's own, by what "make install" gives to
# authors and nothing else: the tree's headers, samples and Makefile are out of sight.
. "$(dirname "$0")/lib.sh"

kit=$PWD/build/installed/usr
sched=/sys/class/novabpf/gpu0/sched

[[ -e build/installed/done ]] || skip_all "nothing is installed; run: make test-programs"
needs_struct_ops
plan 8
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
load_sim clock=virtual

# usage: author COMMAND...: runs it in $work with the tree hidden
author()
{
	unshare -m bash -c '
		for dir in include bpf tools kmod selftests; do
			mount -t tmpfs none "$0/$dir" || exit 99
		done
		cd "$1" && shift && "$@"' "$PWD" "$work" "$@" 2>&1
}

work=$(mktemp -d)
is "$(author ls "$PWD/include" "$PWD/bpf" | grep -c '\.h$')" 0 "the tree is out of sight"
like "$(author "$kit/sbin/novabpf" new policy mine)" "^mine: written; next: make -C mine" \
	"new policy"
succeeds "make compiles it with the types of the kernel that runs" author make -C mine
like "$(author "$kit/sbin/novabpf" attach mine/mine.bpf.o)" "^gpu0: policy 'mine' is attached" \
	"attach"
novabpf load demo --duration 0.02 >/dev/null
is "$? $(<$sched/policy) $(<$sched/state)" "0 mine enabled" "tenants work under it"
novabpf detach >/dev/null

author "$kit/sbin/novabpf" new hook seen >/dev/null
cp "$work/mine/vmlinux.h" "$work/seen"
succeeds "new hook, and make compiles it" author make -C seen
like "$(author "$kit/sbin/novabpf" attach seen/seen.bpf.o)" "^gpu0: hook 'seen' is attached" \
	"attach of the hook"
novabpf vgpu create gpu0 NOVA-4Q --name one >/dev/null
like "$(awk '$2 == "seen" { print $6 }' /sys/class/novabpf/gpu0/rpc/hooks)" '^[1-9]' \
	"it sees RPCs"
novabpf detach gpu0 --hook seen >/dev/null
rm -rf "$work"
unload_all
