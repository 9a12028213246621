#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The pages in Documentation name files and functions: each of them is there, and each
# function in the file that the page says.

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

# Prints PAGE FILE [FUNCTION] for each name. In walks.rst a function that stands alone is one
# of the file that was named last in its step.
named()
{
	python3 - "$@" <<-'PY'
	import re, sys
	FILE = re.compile(r"((?:kmod|tools|bpf|include|selftests|scripts)/[a-z0-9_./-]+\.[ch])"
	                  r"(?:: (\w+)\(\))?$")
	for page in sys.argv[1:]:
	    for step in re.split(r"\n\s*\n|\n(?=\d+\. )", open(page).read()):
	        last = None
	        for word in re.findall(r"``(.+?)``", step, re.S):
	            word = " ".join(word.split())
	            got = FILE.match(word)
	            if got:
	                last = got.group(1)
	                print(page, last, got.group(2) or "")
	            elif last and page.endswith("walks.rst") and re.match(r"[a-z_]+_\w+\(\)$", word):
	                print(page, last, word[:-2])
	PY
}

# Prints what the pages below TOP name and is not there, and at the end how many names it saw.
missing()
{
	local n=0 page file function

	cd "$1" || exit 1
	while read -r page file function; do
		n=$((n + 1))
		if [[ ! -e $file ]]; then
			echo "${page##*/}: there is no $file"
		elif [[ -n $function ]] && ! grep -Eq "^[a-z_][^(]*\b$function\([^;]*$" "$file"; then
			echo "${page##*/}: $file has no $function()"
		fi
	done < <(named Documentation/*.rst)
	echo "$n names"
}

echo 1..2
mapfile -t lines < <(missing .)
[[ ${#lines[@]} -eq 1 && ${lines[0]% names} -gt 60 ]]
result $? "files and functions that pages name are there" "$(printf '%s\n' "${lines[@]}")"

mkdir -p "$tmp/Documentation" "$tmp/kmod"
printf 'int there(void)\n{\n\treturn now_gone();\n}\n' >"$tmp/kmod/a.c"
# shellcheck disable=SC2016
echo 'See ``kmod/a.c: there()``, ``now_gone()`` and ``kmod/b.c``.' >"$tmp/Documentation/walks.rst"
mapfile -t lines < <(missing "$tmp")
[[ ${lines[*]} == "walks.rst: kmod/a.c has no now_gone() walks.rst: there is no kmod/b.c 3 names" ]]
result $? "a function and a file that are gone are seen" "$(printf '%s\n' "${lines[@]}")"
