#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies in BPF: what is refused, with which words, and when each operation runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
bpf=$top/build/selftests/bpf
policy=$bpf/policy
[[ -x $policy ]] || skip_all "not built: make test-programs"
[[ -e /sys/kernel/btf/novabpf ]] || skip_all "this kernel has no struct_ops for modules"

mapfile -t fail < <(cd "$top/selftests/bpf" && ls fail/*.bpf.c)
plan $((${#fail[@]} * 2 + 2))

# Each of these is refused; its first lines say why, and with which words.
must_fail() { # FILE
	local name want=expect text said mark

	name=$(basename "$1" .bpf.c)
	mark=$(dmesg_mark)
	if text=$("$policy" "$bpf/fail/$name.bpf.o" 2>&1); then
		not_ok "$name: refused" "$text"
	else
		ok "$name: refused"
	fi
	said=$text
	if grep -q '^// expect-log: ' "$top/selftests/bpf/$1"; then
		want=expect-log
		said=$(dmesg_since "$mark")
	fi
	want=$(sed -n "s,^// $want: ,,p" "$top/selftests/bpf/$1")
	if [[ $want && $said == *"$want"* ]]; then
		ok "$name: says so"
	else
		not_ok "$name: says so" "wanted: ${want:-(no line '// expect: ')}" "said:" "$said"
	fi
}

load_sim
for file in "${fail[@]}"; do
	must_fail "$file"
done
unlike "$(dmesg_since)" 'no BPF policies' "registered"
succeeds "nothing is left that holds the module" unload_all
