# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the tests of the command line tool: runs it, and reports in TAP.
# NOVABPF_CLI names another binary than build/novabpf; $tmp goes with the test, and
# below $tmp/root the tool looks for its files.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
cli=${NOVABPF_CLI:-$PWD/build/novabpf}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export NOVABPF_ROOT=$tmp/root
count=0
# Words that go in front of those of each run.
words=()
last='' rc=0
: >"$tmp/out"
: >"$tmp/err"

result() # STATUS NAME [DIAGNOSTIC]: without one the last run is shown
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	if [ $# -gt 2 ]; then
		printf '%s\n' "$3" | head -n 30 | sed 's/^/# /'
		return
	fi
	echo "# command: $last"
	echo "# exit: $rc"
	sed 's/^/# stdout: /' "$tmp/out" | head -n 30
	sed 's/^/# stderr: /' "$tmp/err" | head -n 30
}

run() # ARGS...
{
	last="novabpf ${words[*]} $*"
	"$cli" "${words[@]}" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}
