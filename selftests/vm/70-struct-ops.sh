#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies in BPF: what is refused, with which words, and when each operation runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/selftests/bpf
policy=$bpf/policy
[[ -x $policy ]] || skip_all "not built: make test-programs"
needs_struct_ops

mapfile -t fail < <(cd "$top/selftests/bpf" && ls fail/*.bpf.c)
plan $((${#fail[@]} * 2 + 7))

# Each of these is refused; its first lines say why, and with which words.
must_fail() { # FILE
	local name word=expect want text said mark

	name=$(basename "$1" .bpf.c)
	mark=$(dmesg_mark)
	if text=$("$policy" "$bpf/fail/$name.bpf.o" 2>&1); then
		not_ok "$name: refused" "$text"
	else
		ok "$name: refused"
	fi
	said=$text
	if grep -q '^// expect-log: ' "$top/selftests/bpf/$1"; then
		word=expect-log
		said=$(dmesg_since "$mark")
	fi
	# A line for each wording; kernels differ.
	mapfile -t want < <(sed -n "s,^// $word: ,,p" "$top/selftests/bpf/$1")
	for text in "${want[@]}"; do
		[[ $said == *"$text"* ]] && ok "$name: says so" && return
	done
	not_ok "$name: says so" "wanted: ${want[*]:-(no line '// $word: ')}" "said:" "$said"
}

load_sim
for file in "${fail[@]}"; do
	must_fail "$file"
done
sched=/sys/class/novabpf/gpu0/sched
succeeds "a policy with nothing but a name" "$policy" "$bpf/minimal.bpf.o" \
	grep -qx enabled $sched/state
is "$(cat $sched/state $sched/exit_reason)" $'builtin\ndetached' "and it is gone with its link"
like "$("$policy" "$bpf/minimal.bpf.o" "$policy" "$bpf/minimal.bpf.o")" \
	'attach: Device or resource busy' "one policy per GPU"
like "$("$policy" "$bpf/minimal.bpf.o" rmmod novabpf_sim novabpf 2>&1)" 'in use' \
	"the core stays while a policy is attached, though its GPU may go"
load_sim
like "$("$policy" "$bpf/init_fails.bpf.o")" 'attach: Cannot allocate memory' \
	"what init() returns is what the user gets"
unlike "$(dmesg_since)" 'no BPF policies' "registered"
succeeds "nothing is left that holds the module" unload_all
