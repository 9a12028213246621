#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tool's hints and the words of the field lead to: the reset of a GPU, and objects
# by the short name that a hint has. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
gpu=$NOVABPF_ROOT/sys/class/novabpf/gpu0
top=$PWD

mkdir -p "$gpu/sched"
echo ready >"$gpu/state"
echo builtin >"$gpu/sched/state"
: >"$gpu/recover"

run gpu recover 0
check "a GPU is reset" "$rc $(<"$gpu/recover") $(<"$tmp/err")" "0 1 "
run -j gpu recover gpu0
check "as JSON" "$rc $(<"$tmp/out")" '0 {"gpu":"gpu0"}'
run gpu recover gpu7
check "no such GPU" "$rc $(<"$tmp/err")" "1 novabpf: no such GPU 'gpu7'; known: gpu0"
rm "$gpu/recover"
run gpu recover gpu0
check "a reset that fails" "$rc $(<"$tmp/err")" "1 novabpf: cannot reset gpu0: \
No such file or directory; see: novabpf gpu show gpu0, and dmesg"
for words in "gpu reset recover" "inject remove del" "vgpu delete destroy"; do
	read -r object verb meant <<<"$words"
	words=()
	run "$object" "$verb" x
	check "$object $verb names $meant" "$rc $(<"$tmp/err")" \
		"2 novabpf: unknown verb of '$object': '$verb'; did you mean '$meant'?"
done

# The hooks that "novabpf rpc" names when they are missing, as in tools/novabpf/hooks. The
# kernel of the fake tree is what stops each of them, which is after its file is read.
mkdir -p "$tmp/proc/sys/kernel" "$tmp/empty" "$tmp/usr/sbin" "$tmp/usr/share/novabpf"
mkdir -p "$NOVABPF_ROOT/proc/sys/kernel"
echo 6.12.0 >"$NOVABPF_ROOT/proc/sys/kernel/osrelease"
mapfile -t hooks < <(sed -n 's/.*hook_[a-z_]*(.*"\([a-z]*\)", &\?h.*/\1/p' tools/novabpf/hooks/*.c |
	sort -u)
check "the hooks that are named are known" "${hooks[*]}" "firewall ratelimit rpclat slow"
cd "$tmp/empty" || exit 1
for where in build installed; do
	if [ $where = installed ]; then
		cp "$cli" "$tmp/usr/sbin/novabpf"
		cp -r "$top/build/bpf/rpc" "$top/build/bpf/sched" "$tmp/usr/share/novabpf"
		cli=$tmp/usr/sbin/novabpf
	fi
	for object in "${hooks[@]/#/rpc/}" sched/fair; do
		run attach "$object.bpf.o"
		check "$where: $object by its short name" "$rc $(<"$tmp/err")" \
			"1 novabpf: the module has no BTF, no $NOVABPF_ROOT/sys/kernel/btf/novabpf; \
build it again with pahole and vmlinux"
	done
done
run attach rpc/none.bpf.o
check "no such object" "$rc $(<"$tmp/err")" \
	"1 novabpf: cannot open rpc/none.bpf.o: No such file or directory"
mkdir rpc
echo x >rpc/slow.bpf.o
run attach rpc/slow.bpf.o
check "a file here comes first" "$rc $(<"$tmp/err")" \
	"1 novabpf: rpc/slow.bpf.o is not a BPF object; make one with: clang -target bpf -O2 -g -c"

echo "1..$count"
