#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Several things at once: two machines that share the files, what selftests/run does
# with -j, and two runs of tools/vm/run that make their module indexes at one time.

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
export NOVABPF_TEST_OUT=$tmp/logs

echo 1..18
echo "# two machines"
# A false machine takes what it is given. SLOW files wait until another one has ended;
# a file DIES once in the first machine that gets it.
cat >"$tmp/vm-run" <<'EOS'
#!/bin/bash
all=$*
out=${all##*--out }
out=${out%% *}
echo $$ >>"$FAKE/pids"
asked=0
while :; do
	asked=$((asked + 1))
	echo "=== next $asked"
	until [[ -e $out/queue/$asked ]]; do sleep 0.01; done
	path=$(<"$out/queue/$asked")
	[[ $path ]] || break
	name=${path##*/}
	echo "${out##*/} $name" >>"$FAKE/ran"
	echo "=== begin $name"
	if [[ $path == "$DIES" ]] && mkdir "$FAKE/died" 2>/dev/null; then
		echo "vm/run: the machine died: splat" >&2
		exit 85
	fi
	if [[ $path == "$SLOW" ]]; then
		for ((i = 0; i < 500; i++)); do
			(($(wc -l <"$FAKE/ran") > 3)) && break
			sleep 0.01
		done
	fi
	[[ $path == "$ENDLESS" ]] && sleep 300
	printf '1..2\nok 1 - x\nnot ok 2 - y\n=== end %s 1\n' "$name"
done
EOS
cat >"$tmp/drive.py" <<'EOS'
import os, signal, sys
sys.path.insert(0, "selftests")
from runner import children, lanes, machine
from runner.tap import Sum
tmp = sys.argv[1]
machine.command = lambda *args: ["bash", f"{tmp}/vm-run", *args]
files = machine.Files(["10-a.sh", "20-b.sh", "30-c.sh", "40-d.sh"], 900)
total = Sum()
def show(report):
    total.add(report)
    print("\n".join(report.text), flush=True)
signal.signal(signal.SIGINT, lambda n, _: sys.exit(128 + n))
lanes.run([lambda tell, n=n: machine.serve(files, f"{tmp}/vm{n}", tell) for n in (1, 2)], show)
show(files.unreported())
print(f"{total.line()}; {total.machines()}")
EOS
two() { # $log, $line
	rm -rf "$tmp"/{ran,died,pids,vm1,vm2}
	log=$(FAKE=$tmp timeout 60 python3 -B "$tmp/drive.py" "$tmp" 2>&1)
	line=$(tail -n 1 <<<"$log")
}
SLOW=10-a.sh two
check "each file is run once" "$(cut -d' ' -f2 "$tmp/ran" | sort | paste -sd' ')" \
	'10-a.sh 20-b.sh 30-c.sh 40-d.sh'
check "all results are counted" "$line" '4 passed, 4 failed; 2 boots'
check "the machine that is free takes the next file" \
	"$(grep -v 10-a "$tmp/ran" | cut -d' ' -f1 | uniq -c | awk '{ print $1 }')" 3
check "a file's lines stand together" \
	"$(grep -A1 -E '^vm   [1-4]0-.*: [0-9.]+ s$' <<<"$log" | grep -c 'FAIL [1-4]0-[a-d].sh: y')" 4
check "its log is named" "$(grep -c 'all of it: .*/vm[12]/[1-4]0-[a-d].log' <<<"$log")" 4
check "and has what it printed" \
	"$(cat "$tmp"/vm[12]/10-a.log)" $'1..2\nok 1 - x\nnot ok 2 - y'
DIES=20-b.sh two
check "one that dies loses nothing" "$line" \
	"4 passed, 4 failed; 3 boots, 1 of them ended by a fault of the machine's own"
check "the file that it died in runs again" "$(grep -c 20-b "$tmp/ran")" 2

rm -rf "$tmp"/{ran,died,pids,vm1,vm2}
FAKE=$tmp ENDLESS=10-a.sh python3 -B "$tmp/drive.py" "$tmp" >"$tmp/log" 2>&1 &
driver=$!
for ((i = 0; i < 500; i++)); do
	[[ $(cat "$tmp/ran" 2>/dev/null) == *10-a.sh* ]] && break
	sleep 0.02
done
kill -INT $driver 2>/dev/null || kill -TERM $driver
wait $driver
check "SIGINT ends it" $? 130
left=$(for pid in $(<"$tmp/pids"); do kill -0 "$pid" 2>/dev/null && echo "$pid"; done)
check "and both machines" "$left" ''

echo "# selftests/run"
list=$(selftests/run --list)
check "all kinds are listed" "$(cut -d' ' -f1 <<<"$list" | sort -u | paste -sd' ')" \
	'fuzz host lint unit vm'
check "--list keeps to what is asked for" "$(selftests/run --unit --only test_names.sh --list)" \
	'unit  test_names.sh'
out=$(selftests/run --unit --only 'test_[fn]*s.sh' -j 2)
check "-j runs unit tests" "$? $(tail -n 1 <<<"$out" | sed 's/[0-9]* passed/N passed/')" \
	'0 N passed, 0 failed'
check "the next list has the time" \
	"$(selftests/run --unit --only test_names.sh --list | grep -cE 'test_names.sh +[0-9.]+ s$')" 1
out=$(selftests/run -j 0 2>&1)
check "a bad number of jobs is refused" "$? $out" \
	"2 selftests/run: argument -j/--jobs: '0' is not a number from 1 to 9999 (see selftests/run --help)"

check "each fuzzer names a number of inputs" "$(grep -LE '^// runs: [1-9][0-9]*$' selftests/fuzz/fuzz_*.c)" ''

echo "# module indexes"
mkdir -p "$tmp/bin" "$tmp/src/kernel" "$tmp/a" "$tmp/b"
: >"$tmp/src/modules.order"
touch "$tmp/a/a.ko" "$tmp/b/b.ko"
for tool in modinfo nm; do
	printf '#!/bin/sh\n:\n' >"$tmp/bin/$tool"
done
printf '#!/bin/sh\n[ ! -e "$2/busy" ] || exit 1\n: >"$2/busy"\nsleep 0.3\nrm "$2/busy"\n' >"$tmp/bin/depmod"
chmod +x "$tmp"/bin/*
cat >"$tmp/stage.py" <<'EOS'
import importlib.machinery, importlib.util, os, sys, time, types
sys.path.insert(0, "tools/vm")
loader = importlib.machinery.SourceFileLoader("vmrun", "tools/vm/run")
vm = importlib.util.module_from_spec(importlib.util.spec_from_loader("vmrun", loader))
loader.exec_module(vm)
tmp, name = sys.argv[1:]
vm.TOP = tmp
args = types.SimpleNamespace(rel="9.9", source=f"{tmp}/src")
stage = vm.stage_modules(args, {f"{name}.ko": f"{tmp}/{name}/{name}.ko"})
time.sleep(1.5)
print(name, os.path.exists(f"{stage}/lib/modules/9.9/updates/novabpf/{name}.ko"))
EOS
for name in a a b; do
	PATH=$tmp/bin:$PATH python3 -B "$tmp/stage.py" "$tmp" $name 2>&1 &
done >"$tmp/staged"
wait
check "three runs at once have what they made" "$(sort "$tmp/staged" | paste -sd/)" \
	'a True/a True/b True'
PATH=$tmp/bin:$PATH python3 -B "$tmp/stage.py" "$tmp" c >"$tmp/staged" 2>&1
check "what nobody holds goes" "$(find "$tmp/build/vm" -name '9.9-*' | wc -l)" 1
