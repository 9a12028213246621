# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by tests in shell: reports in TAP, and runs the command line tool.
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

check() # NAME GOT WANTED
{
	if [[ $2 == "$3" ]]; then
		result 0 "$1"
	else
		result 1 "$1" "got:    ${2//$'\n'/$'\n'        }"$'\n'"wanted: $3"
	fi
}

run() # ARGS...
{
	last="novabpf ${words[*]} $*"
	"$cli" "${words[@]}" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}
