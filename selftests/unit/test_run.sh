#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The summing-up of selftests/run: what must count as a failure does.

cd "$(dirname "$0")/../.." || exit 1
count=0

sums() { # NAME WANTED TAP [EXIT-STATUS]
	local got

	count=$((count + 1))
	got=$(python3 -B - "$3" "${4:-0}" <<-'EOF'
		import sys
		sys.path.insert(0, "selftests")
		from runner.tap import Sum
		total = Sum()
		total.tap("t", sys.argv[1], int(sys.argv[2]))
		print(total.passed, total.failed, len(total.skips))
	EOF
	)
	if [[ $got == "$2" ]]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# passed, failed, skipped: got $got, wanted $2"
	fi
}

echo 1..14
sums "two passes" '2 0 0' $'1..2\nok 1 - a\nok 2 - b'
sums "plan at the end" '1 0 0' $'ok 1 - a\n1..1'
sums "a failure" '1 1 0' $'1..2\nok 1 - a\nnot ok 2 - b' 1
sums "no plan" '1 1 0' $'ok 1 - a'
sums "no output" '0 1 0' ''
sums "fewer results than planned" '1 1 0' $'1..2\nok 1 - a'
sums "more results than planned" '2 1 0' $'1..1\nok 1 - a\nok 2 - b'
sums "the same number twice" '1 1 0' $'1..2\nok 1 - a\nok 1 - b'
sums "crash after the last result" '1 1 0' $'1..1\nok 1 - a' 139
sums "skip with a reason" '1 0 1' $'1..2\nok 1 - a\nok 2 - b # SKIP no KVM'
sums "skip without a reason" '0 1 0' $'1..1\nok 1 - b # SKIP'
sums "file skipped with a reason" '0 0 1' '1..0 # SKIP kernel too old'
sums "file skipped without a reason" '0 1 0' '1..0'
sums "gate of the runner beyond the plan" '1 1 0' $'1..1\nok 1 - a\n\nnot ok 9003 - no kernel splat'
