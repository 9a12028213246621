#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/lint on a small tree that is made for it: it is clean, and each check finds
# the fault that is planted for it.

cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
rel=$(scripts/krel) || exit 1
count=0

result() { # STATUS NAME TEXT
	count=$((count + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' <<<"$3" | head -n 30
	fi
}

clean() { # NAME CHECK
	local out

	out=$(cd "$tmp" && git add -A && KREL=$rel scripts/lint "$2" 2>&1)
	result $? "$1" "$out"
}

# The fault is a file, or what is added to one; afterwards the tree is as it was.
finds() { # NAME CHECK FILE TEXT REGEX
	local out status kept=

	[[ -e $tmp/$3 ]] && kept=$(<"$tmp/$3")
	mkdir -p "$(dirname "$tmp/$3")"
	printf '%s\n' "$4" >>"$tmp/$3"
	out=$(cd "$tmp" && git add -A && KREL=$rel scripts/lint "$2" 2>&1)
	status=$?
	[[ $status -eq 1 && $out == *"not ok 1 - $2"* && $out =~ $5 ]]
	result $? "$1" "exit $status: $out"
	if [[ $kept ]]; then
		printf '%s\n' "$kept" >"$tmp/$3"
	else
		rm "$tmp/$3"
	fi
}

mkdir -p "$tmp"/{kmod/base,include/novabpf,bpf,selftests/vm/modules,Documentation/man,tools/novabpf}
printf '%s\n' '// SPDX-License-Identifier: GPL-2.0-only' 'int main(void)' '{' '	return 0;' '}' \
	>"$tmp/tools/novabpf/main.c"
cp -r scripts .shellcheckrc .codespellrc "$tmp"
cp VERSION "$tmp"
cp Documentation/conf.py "$tmp/Documentation"
printf '%s\n' '.. SPDX-License-Identifier: GPL-2.0-only' '' ==== Page ==== '' '.. toctree::' '' \
	'   api/index' >"$tmp/Documentation/index.rst"
printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-only' 'ccflags-y := -I$(src)/../include' \
	'obj-m += novabpf.o' 'novabpf-y := base/small.o' >"$tmp/kmod/Kbuild"
cat >"$tmp/kmod/base/small.c" <<'END'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <novabpf/small.h>

int nova_small(int a)
{
	return a;
}

MODULE_DESCRIPTION("small");
MODULE_LICENSE("GPL");
END
cat >"$tmp/include/novabpf/small.h" <<'END'
/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * nova_small() - the same
 * @a: number
 *
 * Return: @a.
 */
int nova_small(int a);
END
printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-only' 'obj-m += novabpf_a.o' \
	>"$tmp/selftests/vm/modules/Kbuild"
sed 's/.novabpf.small.h./<linux\/types.h>/; s/^int/static int __maybe_unused/' "$tmp/kmod/base/small.c" \
	>"$tmp/selftests/vm/modules/novabpf_a.c"
(cd "$tmp" && git init -q && git config core.fsync none) || exit 1

checks=$(scripts/lint --list)
echo "1..$(($(wc -w <<<"$checks") + 13))"
for check in $checks; do
	clean "$check: nothing where nothing is wrong" "$check"
done
finds "checkpatch" style kmod/base/small.c 'int  nova_other(void) {return 0;}' 'small\.c:12: ERROR'
finds "shell syntax" style tools/a $'#!/bin/bash\nif' 'tools/a: line'
finds "kernel-doc" kernel-doc include/novabpf/small.h $'/**\n * nova_x() - x\n */\nvoid nova_x(int b);' \
	"'b' not described"
finds "shellcheck" shell tools/a $'#!/bin/bash\ncd $1\nread -r a b < <(ls)\nset -- $(ls)' 'SC2046'
finds "codespell" spelling tools/a 'teh words' 'teh ==> the'
finds "htmldocs" docs Documentation/index.rst $'\nA :ref:`nowhere`.' 'nowhere'
finds "sparse" modules kmod/base/small.c 'int nova_other;' "nova_other' was not declared"
finds "W=1" modules kmod/base/small.c $'\nvoid __iomem *nova_w(void);\nvoid __iomem *nova_w(void)\n{\n\tint unused_one;\n\tunused_one = 1;\n\treturn NULL;\n}' \
	'unused_one'
again=$(cd "$tmp" && printf 'int nova_other;\n' >>kmod/base/small.c &&
	KREL=$rel scripts/lint modules 2>&1; KREL=$rel scripts/lint modules 2>&1)
[[ $(grep -c "nova_other' was not declared" <<<"$again") -eq 2 ]]
result $? "a warning is told again as long as it is there" "$again"

# A checker that is not there has not found the sources clean.
mkdir "$tmp/bin"
for tool in bash dirname git grep xargs sort sed ls tail awk wc head cat mktemp rm stat cut; do
	ln -s "$(command -v $tool)" "$tmp/bin/"
done
out=$(cd "$tmp" && PATH=$tmp/bin KREL=$rel scripts/lint shell spelling docs modules 2>&1)
status=$?
[[ $status -eq 1 && $(grep -c '^not ok' <<<"$out") -eq 4 ]]
result $? "a checker that is not there is a failure" "exit $status: $out"

out=$(scripts/lint frobnicate 2>&1)
status=$?
[[ $status -eq 2 && $out == "lint: no check 'frobnicate'"* && $out != *$'\n'* ]]
result $? "an unknown check" "exit $status: $out"

# As in a release's archive.
rm -rf "$tmp/.git"
out=$(cd "$tmp" && scripts/lint spelling 2>&1)
status=$?
[[ $status -eq 1 && $out == "lint: this is no git checkout, which lists the files to check" ]]
result $? "no list of files is a failure" "exit $status: $out"
out=$(cd "$tmp" && scripts/htmldocs "$tmp/html" 2>&1)
status=$?
[[ $status -eq 0 && -e $tmp/html/api/novabpf-small.html ]]
result $? "the interface's pages are there without git" "exit $status: $out"
