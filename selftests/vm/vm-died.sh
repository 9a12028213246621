#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A planted fault of each kind takes a real machine down in the middle of the tests,
# seen from the host. The files in planted/ run in three boots: one dies by itself in
# 20, one by a module of ours in 30, one lives.

cd "$(dirname "$0")/../.." || exit 1
. selftests/vm/lib.sh
tmp=$(mktemp -d)
trap 'lib_end; rm -rf "$tmp"' EXIT

cat >"$tmp/drive.py" <<'EOF'
import glob, sys
sys.path.insert(0, "selftests")
from runner import lanes, machine
from runner.tap import Sum
files = machine.Files(sorted(glob.glob("selftests/vm/planted/??-*.sh")), 900)
total = Sum()
def show(report):
    total.add(report)
    print("\n".join(report.text))
lanes.run([lambda tell: machine.serve(files, sys.argv[1], tell)], show)
show(files.unreported())
print(f"{total.line()}; {total.machines()}")
EOF

plan 8
log=$(timeout 800 python3 -B "$tmp/drive.py" "$tmp/out" 2>&1)
is "$(tail -n 1 <<<"$log")" \
	"3 passed, 1 failed; 3 boots, 1 of them ended by a fault of the machine's own" \
	"both kinds are told apart"
like "$log" 'NOTE virtual machine: died in 20-dies.sh; 3 files to go' "the machine's own: where"
like "$log" 'died of a fault of its own, no frame of novabpf in it: .*sysrq triggered crash' \
	"the machine's own: what"
like "$log" 'FAIL 30-dies-of-ours.sh: the machine ended in it, exit status 86' "ours: where"
like "$log" 'kernel splat: .*novabpf_splat: planted' "ours: what"
is "$(grep -c '^vm   20-dies.sh: ' <<<"$log") $(grep -c '^vm   10-lives.sh: ' <<<"$log")" "1 1" \
	"what had not ended runs again, what had does not"
like "$(cat "$tmp/out/console.died1.log" 2>&1)" 'novabpf: loading out-of-tree module.*sysrq triggered crash.*Tainted: G +OE' \
	"modules of ours were loaded when it died by itself"

# The command is run anew where the user asks for it.
out=$(tools/vm/run --kernel "${KREL:-$(scripts/krel)}" --out "$tmp/again" --again 1 -- \
	"[[ -e \$NOVABPF_OUT/died ]] && exit 5
	: >\$NOVABPF_OUT/died; sync; echo c >/proc/sysrq-trigger" 2>&1)
like "$? $out" '^5 .*trying once more: .*it took 2 boots$' "--again runs the command anew"
