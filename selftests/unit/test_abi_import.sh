#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of tools/abi/gen and tools/abi/import, on a copy of the data. Prints TAP.

top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
data=$root/tools/abi/data
new=$tmp/new
count=0
failed=0

ok()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		sed 's/^/# /' "$tmp/out"
	fi
}

gen()
{
	"$top/tools/abi/gen" --root "$root" "$@" >"$tmp/out" 2>&1
}

import()
{
	"$top/tools/abi/import" --root "$root" "$new" >"$tmp/out" 2>&1
}

sum()
{
	(cd "$root" && find . -type f -exec cksum {} + | sort)
}

# A fresh copy of the tree, and a folder to import with one new release of a
# known branch: the newest 570 under another name.
fresh()
{
	rm -rf "$root" "$new"
	mkdir -p "$data" "$new" "$root/kmod/abi" "$root/include/novabpf/driver"
	cp "$top"/tools/abi/data/* "$data"
	cp "$top"/kmod/abi/tables.c "$root/kmod/abi/"
	cp "$top/include/novabpf/abi_ids.h" "$root/include/novabpf/"
	cp "$top/include/novabpf/driver/abi.h" "$root/include/novabpf/driver/"
	cp "$data/layouts.csv" "$data/functions.csv" "$new"
	for file in releases.csv release_functions.csv; do
		head -n 1 "$data/$file" >"$new/$file"
		sed -n "s/^570\.211\.01,/$1,/p" "$data/$file" >>"$new/$file"
	done
	sum >"$tmp/before"
}

# refused TITLE PATTERN...: the import fails in one line that has every pattern,
# and no file is touched.
refused()
{
	title=$1
	shift
	import
	rc=$?
	bad=0
	[ $rc -eq 1 ] || bad=1
	[ "$(wc -l <"$tmp/out")" -eq 1 ] || bad=1
	for pattern in "$@"; do
		grep -q -e "$pattern" "$tmp/out" || bad=1
	done
	sum >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after" || bad=1
	ok $bad "$title"
}

fresh 570.999
gen --check
ok $? "committed tables are up to date"

gen --stats && grep -q '^releases  *[0-9]' "$tmp/out"
ok $? "--stats prints"

fresh 570.999
echo "/* edited */" >>"$root/kmod/abi/tables.c"
gen --check
[ $? -eq 1 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] && grep -q 'kmod/abi/tables.c' "$tmp/out"
ok $? "--check names a stale file"

rm "$root/include/novabpf/abi_ids.h"
gen --check
[ $? -eq 1 ] && grep -q 'abi_ids.h' "$tmp/out"
ok $? "--check names a missing file"

gen && cmp -s "$root/kmod/abi/tables.c" "$top/kmod/abi/tables.c" &&
	cmp -s "$root/include/novabpf/abi_ids.h" "$top/include/novabpf/abi_ids.h"
ok $? "gen writes the same bytes again"

fresh 570.999
import && grep -q '1 new release(s): 570.999; 0 new operation(s)' "$tmp/out" &&
	grep -q '/\* 570.999 \*/' "$root/kmod/abi/tables.c" && gen --check
ok $? "a new release of a known branch is imported"

sum >"$tmp/before"
import && grep -q '^import: 0 new release' "$tmp/out" && sum >"$tmp/after" &&
	cmp -s "$tmp/before" "$tmp/after"
ok $? "importing it again changes nothing"

# A release in the middle of the order, with a layout, a function and an event
# that the data does not have; numbers in the folder are its own.
fresh 570.150
sed -i 's/^rpc_gsp_lockdown_notice_v,1,(sizeof),0,1,/rpc_gsp_lockdown_notice_v,1,(sizeof),0,8,/' \
	"$new/layouts.csv"
sed -i -e '/,NUM_EVENTS$/d' -e '/,NUM_FUNCTIONS$/d' "$new/functions.csv"
printf '14,rpc,240,TEST_FUNCTION\n14,event,4200,TEST_EVENT\n' >>"$new/functions.csv"
ids=$(grep -c '^[0-9]' "$data/ops.csv")
import && grep -q '2 new operation(s)' "$tmp/out" &&
	grep -q '^rpc_gsp_lockdown_notice_v,2,(sizeof),0,8,' "$data/layouts.csv" &&
	grep -q '^570.150,rpc_gsp_lockdown_notice_v,2$' "$data/releases.csv" &&
	grep -q '^570.144,rpc_gsp_lockdown_notice_v,1$' "$data/releases.csv" &&
	tail -n 2 "$data/ops.csv" | head -n 1 | grep -q "^$((ids + 1)),rpc,TEST_FUNCTION\$" &&
	grep -q "NOVA_OP_EVT_TEST_EVENT = $((ids + 2))," "$root/include/novabpf/abi_ids.h" &&
	tr '\n' ' ' <"$data/release_functions.csv" |
	grep -q ' 570.148.08,14 570.150,[0-9]* 570.153.02,14 '
ok $? "new layouts and operations get new numbers, in version order"

head -n "$(wc -l <"$top/tools/abi/data/ops.csv")" "$data/ops.csv" |
	cmp -s - "$top/tools/abi/data/ops.csv"
ok $? "ids given before are kept"

fresh 570.144
refused "a known release that differs is refused" \
	'releases.csv\|layouts.csv' '570.144' 'differs from the data'

fresh 570.144.0
sed -i 's/^570\.144\.0,/570.0144,/' "$new/releases.csv" "$new/release_functions.csv"
refused "another spelling of a known release is refused" '570.0144' 'same version as 570.144'

fresh 600.10
refused "a branch without rules is refused, naming the key" "'[a-z_]*' for release 600.10" \
	'rules.txt'

fresh 570.999
sed -i '50s/.*/only,three,cells/' "$new/layouts.csv"
refused "a row with missing cells is refused" 'layouts.csv:50:' 'expected 6 columns'

fresh 570.999
sed -i '50s/,[0-9]*,\([^,]*\)$/,0x,\1/' "$new/layouts.csv"
refused "a size that is no number is refused" 'layouts.csv:50:' 'not a number'

fresh 570.999
sed -i 's/^msgqRxHeader,1,readPtr,0,4/msgqRxHeader,1,readPtr,2,4/' "$new/layouts.csv"
refused "a field past the end of its struct is refused" 'layouts.csv:[0-9]*:' "past the struct's 4"

fresh 570.999
sed -i '2s/,[0-9]*$/,77/' "$new/releases.csv"
refused "a layout that is not there is refused" 'releases.csv:2:' 'no layout 77'

fresh 570.999
sed -i '/GspFwWprMeta/d' "$new/releases.csv"
refused "a release without a struct that boot needs is refused" '570.999' 'GspFwWprMeta'

fresh 570.999
echo '14,rpc,5000,WRONG_SIDE' >>"$new/functions.csv"
refused "a function with an event number is refused" 'functions.csv:[0-9]*:' '0x1000'

fresh 570.999
echo '14,rpc,76,SECOND_NAME' >>"$new/functions.csv"
refused "one number with two names is refused" 'functions.csv:[0-9]*:' 'number 76 twice'

fresh 570.999
sed -i '2s/.*/570.x,14/' "$new/release_functions.csv"
refused "a release name that is no version is refused" 'release_functions.csv:2:' "'570.x'"

fresh 570.999
printf '\377\376' >"$new/functions.csv"
refused "a binary file is refused" 'functions.csv: not a text file'

fresh 570.999
: >"$new/releases.csv"
refused "an empty file is refused" 'releases.csv: empty'

fresh 570.999
rm "$new/functions.csv"
refused "a missing file is refused" 'functions.csv: No such file'

fresh 570.999
rm -r "$new"
refused "a missing folder is refused" "$new: no such folder"

fresh 570.999
sed -i '/^seq_echo 0/d' "$data/rules.txt"
gen
[ $? -eq 1 ] && grep -q "no rule gives 'seq_echo' for release 515.43.04" "$tmp/out"
ok $? "gen names a key that a release does not resolve"

fresh 570.999
echo 'heartbeat 1 : 560.*-570.*' >>"$data/rules.txt"
gen
[ $? -eq 1 ] && grep -q "'heartbeat' for release 565.57.01" "$tmp/out" &&
	grep -q 'both match' "$tmp/out"
ok $? "gen refuses two equally specific rules"

fresh 570.999
echo 'heartbeat 1 : 570.144' >>"$data/rules.txt"
gen
ok $? "a single release beats a range"

fresh 570.999
echo 'heartbeet 1 : *' >>"$data/rules.txt"
gen
[ $? -eq 1 ] && grep -q "rules.txt:[0-9]*:.*'heartbeet'" "$tmp/out"
ok $? "gen refuses an unknown key"

fresh 570.999
echo 'heartbeat 256 : 570.144' >>"$data/rules.txt"
gen
[ $? -eq 1 ] && grep -q 'larger than 255' "$tmp/out"
ok $? "gen refuses a value that does not fit"

fresh 570.999
sed -i 's/^  CMD cmd$/  CMD command/' "$data/fields.list"
gen
[ $? -eq 1 ] && grep -q "no field 'command'" "$tmp/out"
ok $? "gen refuses a field that no layout has"

echo "1..$count"
[ $failed -eq 0 ]
