#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's program where there is no vGPU, and under wrong usage. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
cli=$PWD/build/novaguest

wrong() # NAME STATUS TEXT ARGS...: one line on stderr with the text, nothing on stdout
{
	run "${@:4}"
	[ "$rc" -eq "$2" ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
		grep -qF -- "$3" "$tmp/err"
	result $? "$1"
}

echo 1..15
wrong "no command" 2 "no command"
wrong "no such command" 2 "'walk' is no command" walk
wrong "no such option" 2 "'--fast'" run --fast
wrong "an option without its value" 2 "'--items'" run --items
wrong "an option of another command" 2 "'run' takes no --bytes" run --bytes 8
wrong "a number that is none" 2 "bad value 'many' for --items" run --items many
wrong "a number with a rest" 2 "bad value '1x' for --items" run --items 1x
wrong "a negative number" 2 "bad value '-1' for --items" run --items -1
wrong "a number out of range" 2 "bad value '8' for --channel" run --channel 8
wrong "no such way to wait" 2 "bad value 'msi' for --wait" run --wait msi
wrong "irq does not poll" 2 "--wait intx or --wait msix" irq --wait poll
wrong "two lengths of a run" 2 "exclude each other" run --items 3 --seconds 3
wrong "a word too many" 2 "'x' is one word too many" info x
wrong "a machine without a vGPU" 1 "novaguest: " info
run --help
[ $rc -eq 0 ] && grep -q '^  reset ' "$tmp/out" && [ ! -s "$tmp/err" ]
result $? "help"
