#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/check-layers on small trees that are made for it: what points downward is
# fine, and one use that points upward is named, be it an #include or a symbol.
cd "$(dirname "$0")/../.." || exit 1

check=$PWD/scripts/check-layers
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree build=$tmp/tree/build/rel/kmod
count=0

# A module of two files: the vGPUs call the scheduler.
new_tree()
{
	rm -rf "$tree"
	mkdir -p "$tree"/kmod/{gsp,sched/policy,vgpu,vfio} "$tree/include/novabpf" "$build"
	echo 'int sched_add(void);' >"$tree/kmod/sched/sched.h"
	echo '#include <linux/types.h>' >"$tree/include/novabpf/vgpu.h"
	echo '#include <novabpf/vgpu.h>' >"$tree/kmod/vfio/vfio.h"
	printf '%s\n' '#include "sched.h"' 'int sched_add(void) { return 0; }' \
		>"$tree/kmod/sched/sched.c"
	printf '%s\n' '#include "../sched/sched.h"' 'int vgpu_add(void) { return sched_add(); }' \
		>"$tree/kmod/vgpu/vgpu.c"
}

compile()
{
	local c

	(cd "$tree/kmod" && find gsp sched vgpu -name '*.c') | while read -r c; do
		mkdir -p "$build/${c%/*}"
		cc -c -I"$tree/include" -I"$tree/kmod" -o "$build/${c%.c}.o" "$tree/kmod/$c" || exit 1
		echo "$build/${c%.c}.o"
	done >"$build/novabpf.mod"
	: >"$build/novabpf.o"
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

echo 1..10
new_tree
compile
verdict 0 '' "calls that point downward are fine"

new_tree
echo 'int vgpu_add(void); int sched_up(void) { return vgpu_add(); }' >>"$tree/kmod/sched/sched.c"
compile
verdict 1 '*kmod/sched/sched.c uses vgpu_add of kmod/vgpu/vgpu.c: points upward' \
	"a call that points upward is named"

new_tree
echo 'int vgpus; ' >>"$tree/kmod/vgpu/vgpu.c"
echo 'extern int vgpus; int *sched_up(void) { return &vgpus; }' >>"$tree/kmod/sched/sched.c"
compile
verdict 1 '*kmod/sched/sched.c uses vgpus of kmod/vgpu/vgpu.c: points upward' \
	"a variable of a higher room is named"

new_tree
echo '#include "../vgpu/vgpu.h"' >>"$tree/kmod/sched/sched.h"
: >"$tree/kmod/vgpu/vgpu.h"
compile
verdict 1 '*kmod/sched/sched.h includes kmod/vgpu/vgpu.h: points upward' \
	"an include that points upward is named"

new_tree
echo '# include "vgpu/vgpu.h"' >>"$tree/kmod/sched/sched.c"
: >"$tree/kmod/vgpu/vgpu.h"
compile
verdict 1 '*kmod/sched/sched.c includes kmod/vgpu/vgpu.h: points upward' \
	"also one by the path from kmod/"

new_tree
echo '#include "../../kmod/sched/sched.h"' >>"$tree/include/novabpf/vgpu.h"
compile
verdict 1 '*include/novabpf/vgpu.h includes kmod/sched/sched.h: points upward' \
	"the interface includes nothing of a room"

new_tree
echo '#include "../sched/sched.h"' >>"$tree/kmod/vfio/vfio.h"
compile
verdict 1 '*kmod/vfio/vfio.h includes kmod/sched/sched.h: points upward' \
	"a module of its own includes nothing of a room"

new_tree
echo 'int sched(void); int turn(void) { return sched(); }' >"$tree/kmod/sched/policy/turn.c"
echo 'int turn(void); int sched(void) { return turn(); }' >"$tree/kmod/sched/sched.c"
compile
verdict 1 '*rooms use each other: sched -> sched/policy -> sched' "rooms inside a room form no cycle"

new_tree
mkdir "$tree/kmod/attic"
echo '#include "../sched/sched.h"' >"$tree/kmod/attic/old.c"
compile
verdict 1 '*kmod/attic is no layer*' "a room that is no layer is refused"

new_tree
compile
touch -d '+1 minute' "$tree/kmod/sched/sched.c"
verdict 1 '*is older than its source: run make modules' "a stale build is refused"
