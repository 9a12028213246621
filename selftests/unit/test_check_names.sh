#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/check-names: what it refuses in a planted tree, and that this one is clean.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
tree=$tmp/tree
echo 1..6

verdict() # STATUS TEXT NAME
{
	scripts/check-names "$tree" >"$tmp/out" 2>&1
	[[ $? -eq $1 && $(<"$tmp/out") == "$2" ]]
	result $? "$3" "$(<"$tmp/out")"
}

new_tree()
{
	rm -rf "$tree"
	mkdir -p "$tree"/kmod/{sched,vfio}
	printf 'static int watch_arm(int at_ns)\n{\n\treturn at_ns;\n}\n' >"$tree/kmod/sched/watch.c"
}

scripts/check-names >"$tmp/out" 2>&1
result $? "the tree is clean" "$(<"$tmp/out")"

new_tree
printf 'static ssize_t weight_show(int dev)\n{\n}\n' >"$tree/kmod/sched/sysfs.c"
verdict 0 '' "a file's or a folder's word in front, and handlers of sysfs files"

new_tree
printf 'static void arm(int at_ns)\n{\n}\n' >>"$tree/kmod/sched/watch.c"
verdict 1 "check-names: kmod/sched/watch.c: arm() has neither its file's name in front nor its room's" \
	"a bare name"

new_tree
printf 'static int sched_arm(int at_ns)\n{\n}\n' | tee "$tree/kmod/sched/a.c" >"$tree/kmod/sched/b.c"
verdict 1 "check-names: kmod/sched/b.c: sched_arm() is a function of kmod/sched/a.c, too" \
	"one name twice in a module"

new_tree
printf '/*\n * Whoever waits.\n */\n' >>"$tree/kmod/sched/watch.c"
verdict 1 'check-names: kmod/sched/watch.c:6: "Whoever" in a comment: name who it is' \
	"a word that names nobody"

rm -rf "$tree"
verdict 1 "check-names: no sources below $tree" "nothing to check"
