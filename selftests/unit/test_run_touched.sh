#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# selftests/run --touched: each file has its tests and each test its files; and what is
# said where a test lacks what the build makes.

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
export NOVABPF_TEST_OUT=$tmp/logs

py() { # CODE ARGUMENT...: with the runner at hand
	python3 -B -c "import sys; sys.path.insert(0, 'selftests')
from runner import built, catalog, rooms
tests = [t for k in ('lint', 'unit', 'fuzz', 'host', 'vm') for t in catalog.tests_of(k)]
$1" "${@:2}" 2>&1
}

of() { # KIND-PATTERN FILE...: tests that belong to the files, by name
	py 'import fnmatch
print(" ".join(t.shown for t in rooms.touched(tests, sys.argv[2:])
               if fnmatch.fnmatch(t.kind, sys.argv[1])))' "$@"
}

echo 1..13
check "each file of the rooms has a line" "$(py 'import subprocess
rows = rooms.table()
files = subprocess.check_output(["git", "ls-files", "kmod", "bpf", "tools", "include"], text=True)
print(*[f for f in files.split() if not rooms.row_of(f, rows)])')" ''
check "each test belongs to some line, or to its sources" "$(py 'import fnmatch
patterns = {p for _, row in rooms.table() for p in row}
print(*[t.shown for t in tests if not rooms.uses(t)
        and not any(fnmatch.fnmatch(t.shown, p) for p in patterns)])')" ''
check "each pattern names a test" "$(py 'import fnmatch
patterns = {p for _, row in rooms.table() for p in row if p != "all"}
print(*sorted(p for p in patterns if not any(fnmatch.fnmatch(t.shown, p) for t in tests)))')" ''
check "each line has a file" "$(py 'import glob
print(*[start for start, _ in rooms.table() if not glob.glob(glob.escape(start) + "*")])')" ''
check "each long test is there" "$(py 'keys = {t.key for t in tests}
print(*[k for k in catalog.times() if k not in keys])')" ''

check "a file of one room" "$(of vm tools/wireshark/novabpf.py)" 77-record.sh
check "the longest beginning counts" "$(of vm tools/novabpf/inject/rules.c)" \
	'40-cli.sh 75-inject.sh 78-inject-run.sh'
check "a test of its own" "$(of '[uv]*' selftests/unit/test_names.sh selftests/vm/81-caps.sh)" \
	'test_names.sh 81-caps.sh'
check "a source that a test is made of" "$(of unit kmod/vgpu/spec.c | grep -c 'test_vgpu.c')" 1
check "a file without a line runs all" "$(py 'print(len(tests) - len(rooms.touched(tests, ["new/x"])))')" 0
out=$(selftests/run --touched no-such-revision --list 2>&1)
check "a revision that is not there" "$? $out" \
	"2 selftests/run: git knows no revision 'no-such-revision' to compare with: give one to --touched"

echo "# not built"
# A copy of what the runner reads, with nothing built.
mkdir -p "$tmp/tree/selftests/unit"
cp -r scripts "$tmp/tree"
cp -r selftests/{run,runner,rooms,long,vm,fuzz} "$tmp/tree/selftests"
cp selftests/unit/test_{cli,escapes,no_module}.sh "$tmp/tree/selftests/unit"
said=$("$tmp/tree/selftests/run" --unit --only 'test_[cn]*' 2>&1)
check "one line, one failure" "$? $(grep -v '^time ' <<<"$said")" \
	"1 FAIL not built: build/bpf/rpc/firewall.bpf.o, build/bpf/sched/fair.bpf.o, build/novabpf; \
2 tests need that, the first is test_cli.sh: run make all test-programs
0 passed, 1 failed"
said=$("$tmp/tree/selftests/run" --vm --only '[0-9]0-' 2>&1)
check "nor is a machine started for that" "$? $(grep -c ^FAIL <<<"$said") $(tail -n 1 <<<"$said")" \
	'1 1 0 passed, 1 failed'
