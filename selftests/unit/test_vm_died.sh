#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine that dies in the middle of the tests: whose fault it is, by logs as they
# were seen, and what selftests/run does then, with a false tools/vm/run.

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

whose() { # the log on stdin
	python3 -B -c 'import sys; sys.path.insert(0, "tools/vm"); import fault
print("machine" if fault.of_the_machine(sys.stdin.read()) else "ours")'
}

linked='[  100.0] Modules linked in: novabpf_test(OE) novabpf_sim(OE) novabpf(OE) mdev'
trace='[  100.0] Call Trace:
[  100.0]  <TASK>
[  100.0]  ? exc_int3+0x12/0x80
[  100.0]  ttwu_do_activate+0x64/0x220
[  100.0]  __x64_sys_futex+0x7e/0x1d0'
int3="[  100.0] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI
[  100.0] CPU: 1 UID: 0 PID: 812 Comm: novabpf Tainted: G           OE      6.12.117
$linked
[  100.0] RIP: 0010:try_to_wake_up+0x121/0x6e0
$trace"

echo 1..33
check "int3 in the kernel's own code" "$(whose <<<"$int3")" machine
check "a list of modules is no frame" "$(whose <<<"$int3
$linked")" machine
check "a frame of a module of ours" "$(whose <<<"$int3
[  100.0]  novabpf_rxq_handle+0x1a/0x90 [novabpf]")" ours
check "a frame of ours with a build id" "$(whose <<<"$int3
[  100.0]  rxq_handle+0x1a/0x90 [novabpf_sim 0f36b37c2d1a55a1ed1f2a3f9c2a4d7e1b6c5d4e]")" ours
check "a frame that is not certain" "$(whose <<<"$int3
[  100.0]  ? rxq_handle+0x1a/0x90 [novabpf]")" ours
check "the instruction itself" "$(whose <<<"${int3/try_to_wake_up+0x121\/0x6e0/rq_pick+0x1\/0x20 [novabpf]}")" ours
check "a function that is built in" "$(whose <<<"$int3
[  100.0]  nova_gpu_put+0x1a/0x90")" ours
check "somebody else's function of a similar name" "$(whose <<<"$int3
[  100.0]  supernova_put+0x1a/0x90")" machine
check "a policy in BPF" "$(whose <<<"$int3
[  100.0]  bpf_prog_6deef7357e7b4530_pick+0x1a/0x90")" ours
check "a work item of ours" "$(whose <<<"$int3
[  100.0] Workqueue: events gsp_recover_work [novabpf]")" ours
check "an earlier warning of ours" "$(whose <<<"[   90.0] WARNING: CPU: 0 PID: 1 at foo+0x1/0x2 [novabpf]
$int3")" ours
check "no place is known" "$(whose <<<'[  100.0] Kernel panic - not syncing: Fatal exception')" ours
check "frames of something earlier are no place" "$(whose <<<"$trace
[  100.0] Kernel panic - not syncing: Fatal exception")" ours
check "a warning kills nobody" "$(whose <<<"[  100.0] WARNING: CPU: 0 PID: 1 at kernel/x.c:1 foo+0x1/0x2
$trace")" ours

echo "# selftests/run"
mkdir "$tmp/tests"
for name in 10-a 20-b 30-c 40-d; do
	: >"$tmp/tests/$name.sh"
done
cat >"$tmp/vm-run" <<'EOF'
#!/bin/bash
# boot.N says what happens in the Nth boot: FILE=EVENT
echo x >>"$FAKE/boots"
n=$(grep -c x "$FAKE/boots")
all=$*
out=${all##*--out }
out=${out%% *}
mkdir -p "$out"
echo "boot $n" >"$out/console.log"
. "$FAKE/boot.$n"
asked=0
while :; do
	asked=$((asked + 1))
	echo "=== next $asked"
	until [[ -e $out/queue/$asked ]]; do sleep 0.01; done
	path=$(<"$out/queue/$asked")
	[[ $path ]] || break
	name=${path##*/}
	echo "$name" >>"$FAKE/ran.$n"
	key=${name%.sh}
	event=${events[${key%-*}]}
	echo "=== begin $name"
	echo "1..1"
	case $event in
	dies:*) echo "vm/run: the machine died: splat" >&2; exit "${event#*:}" ;;
	splat) printf 'ok 1 - x\n\nnot ok 9003 - no kernel splat\n'; status=86 ;;
	*) echo "ok 1 - x" ;;
	esac
	echo "=== end $name 0"
done
[[ $event == boots:* ]] && echo "vm/run: it took ${event#*:} boots" >&2
exit "${events[end]:-${status:-0}}"
EOF
cat >"$tmp/drive.py" <<'EOF'
import sys
sys.path.insert(0, "selftests")
from runner import lanes, machine
from runner.tap import Sum
tmp = sys.argv[1]
machine.command = lambda *args: ["bash", f"{tmp}/vm-run", *args]
files = machine.Files([f"{tmp}/tests/{n}.sh" for n in ("10-a", "20-b", "30-c", "40-d")], 900)
total = Sum()
def show(report):
    total.add(report)
    print("\n".join(report.text))
lanes.run([lambda tell: machine.serve(files, f"{tmp}/out", tell)], show)
show(files.unreported())
print(f"{total.line()}; {total.machines()}")
EOF

boots() { # EVENTS-OF-EACH-BOOT...: $line, $ran
	local n=0 words

	rm -rf "$tmp"/boot* "$tmp"/ran.* "$tmp/out"
	for words; do
		n=$((n + 1))
		echo "declare -A events=($words)" >"$tmp/boot.$n"
	done
	FAKE=$tmp python3 -B "$tmp/drive.py" "$tmp" >"$tmp/log" 2>&1
	line=$(tail -n 1 "$tmp/log")
	ran=$(for n in "$tmp"/ran.*; do sed 's/-.*//' "$n" | paste -sd' '; done | paste -sd/)
}
own="of them ended by a fault of the machine's own"

boots ''
check "one boot does it" "$line" '4 passed, 0 failed; 1 boot'
check "the time of each file is told" "$(grep -c '^vm   [1-4]0-.*sh: [0-9.]* s$' "$tmp/log")" 4
boots '[20]=dies:85' ''
check "a fault of the machine's own: nothing is lost" "$line" "4 passed, 0 failed; 2 boots, 1 $own"
check "the file that it died in runs again, none that had ended" "$ran" '10 20/20 30 40'
check "it is said where" "$(grep -c 'NOTE virtual machine: died in 20-b.sh; 3 files to go' "$tmp/log")" 1
check "the console of that boot is kept" "$(cat "$tmp/out/console.died1.log")" 'boot 1'
boots '[20]=dies:85' '[20]=dies:85' ''
check "twice" "$line" "4 passed, 0 failed; 3 boots, 2 $own"
boots '[20]=dies:85' '[20]=dies:85' '[30]=dies:85'
check "and not three times" "$line" "2 passed, 2 failed; 3 boots, 3 $own"
check "what had not run is named" "$(grep -c 'FAIL [34]0-.*: did not report' "$tmp/log")" 2
boots '[20]=dies:86' ''
check "a fault of ours fails the file" "$line" '3 passed, 1 failed; 2 boots'
check "which does not run again; the others do" "$ran" '10 20/30 40'
check "it is said which" "$(grep -c 'FAIL 20-b.sh: the machine ended in it, exit status 86' "$tmp/log")" 1
boots '[40]=dies:86'
check "in the last file: no new boot for nothing" "$line" '3 passed, 1 failed; 1 boot'
boots '[20]=splat'
check "a splat that the machine survives fails its file only" "$line" '4 passed, 1 failed; 1 boot'
boots '[40]=boots:2'
check "boots that tools/vm/run needed count" "$line" '4 passed, 0 failed; 2 boots'
boots '[end]=86'
check "a splat between files fails the run" "$line" '4 passed, 1 failed; 1 boot'

echo "# rounds"
# Those of whoever runs this test are none of its business.
export NOVABPF_TEST_OUT=$tmp/logs
rounds=$(selftests/run --unit --only test_names --repeat 2 2>&1)
check "a line for each round" "$(grep -cE '^round [12]: [0-9]+ passed, 0 failed; [0-9]+ s$' <<<"$rounds")" 4
check "the last line has the form that other programs read" \
	"$(tail -n 1 <<<"$rounds" | grep -cxE '[0-9]+ passed, 0 failed')" 1
check "what each round printed is kept" \
	"$(cd "$tmp/logs" && grep -l 'test_names' rounds/{1,2}/output.log | paste -sd' ')" \
	"rounds/1/output.log rounds/2/output.log"
