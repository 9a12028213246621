#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/check-tool-rooms on a small tool that is made for it: one header per folder for
# others, and no folders that use each other.
cd "$(dirname "$0")/../.." || exit 1

check=$PWD/scripts/check-tool-rooms
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree tool=$tmp/tree/tools/novabpf build=$tmp/tree/build/cli
count=0

# A table of commands over two folders, of which one uses the other; both use base.
new_tree()
{
	rm -rf "$tree"
	mkdir -p "$tool"/{base,load,policy} "$build"/{base,load,policy}
	echo 'int fail(void);' >"$tool/base/common.h"
	echo 'int fail(void) { return 1; }' >"$tool/base/common.c"
	echo 'int policy_attach(void);' >"$tool/policy/policy.h"
	printf '%s\n' '#include "base/common.h"' '#include "policy.h"' \
		'int policy_attach(void) { return fail(); }' >"$tool/policy/policy.c"
	echo 'int cmd_load(void);' >"$tool/load/load.h"
	echo 'int draw(void);' >"$tool/load/internal.h"
	printf '%s\n' '#include "policy/policy.h"' '#include "internal.h"' '#include "load.h"' \
		'int cmd_load(void) { return policy_attach(); }' >"$tool/load/load.c"
	printf '%s\n' '#include "load/load.h"' 'int main(void) { return cmd_load(); }' \
		>"$tool/main.c"
}

compile()
{
	local c

	for c in main base/common load/load policy/policy; do
		cc -c -I"$tool" -o "$build/$c.o" "$tool/$c.c" || exit 1
	done
}

verdict() # WANTED-STATUS WANTED-TEXT NAME
{
	local out rc

	out=$(python3 "$check" "$tree" 2>&1)
	rc=$?
	count=$((count + 1))
	# shellcheck disable=SC2053 # $2 is a pattern
	if [ "$rc" -eq "$1" ] && [[ $out == $2 ]]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		printf '%s\n' "exit: $rc" "$out" | sed 's/^/# /'
	fi
}

echo 1..7
new_tree
compile
verdict 0 '' "folders that use each other's one header one way are fine"

new_tree
echo '#include "load/internal.h"' >>"$tool/main.c"
compile
verdict 1 '*main.c includes load/internal.h: a folder?s only header for others is load.h' \
	"a private header is refused to the files beside the folders"

new_tree
echo '#include "../load/internal.h"' >>"$tool/policy/policy.h"
compile
verdict 1 '*policy/policy.h includes load/internal.h: *' \
	"a private header is refused to another folder's header"

new_tree
echo 'int cmd_load(void); int again(void) { return cmd_load(); }' >>"$tool/policy/policy.c"
compile
verdict 1 '*folders use each other: *policy/policy.c uses cmd_load of load/load.c*' \
	"two folders that use each other are named, with the symbol"

new_tree
echo 'int main(void); int again(void) { return main(); }' >>"$tool/base/common.c"
compile
verdict 1 '*folders use each other: *base/common.c uses main of main.c*' \
	"no folder uses the files beside the folders"

new_tree
compile
touch -d '+1 minute' "$tool/load/load.c"
verdict 1 '*load.o is older than its source: run make cli' "a stale build is refused"

rm -rf "$tool"
verdict 2 '*no sources below*' "a tree without the tool is not clean"
