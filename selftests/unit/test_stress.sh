#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The stress test's own judgement: bad arguments, and what it must see.
cd "$(dirname "$0")/../.." || exit 1
count=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

is() { # GOT WANTED NAME
	count=$((count + 1))
	if [[ $1 == "$2" ]]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		printf '# got:    %s\n# wanted: %s\n' "${1//$'\n'/ | }" "$2"
	fi
}

check() { # ARGS...: exit status, and what is said
	local said

	said=$(selftests/stress/stress.sh --check "$@" 2>&1)
	echo "$? $said"
}

range="want a number from"
is "$(check abc 1)" "2 stress: STRESS_SECONDS is 'abc'; $range 5 to 86400" "seconds: no number"
is "$(check 4 1)" "2 stress: STRESS_SECONDS is '4'; $range 5 to 86400" "seconds: too few"
is "$(check 10 -1)" "2 stress: STRESS_SEED is '-1'; $range 0 to 1000000" "a seed below 0"
is "$(check 10 1 x)" "2 stress: STRESS_ROUND is 'x'; $range 0 to 100000" "a round: no number"
is "$(check 10 1 '' create,no-step | cut -d ';' -f 1)" "2 stress: STRESS_STEPS has 'no-step'" \
	"a step that is not there"
is "$(check 10 1 1 create,cli-ops x | cut -d ';' -f 1)" "2 stress: 'x' is too much" "a word too much"
is "$(check 010 08 09 create,unload-sim)" "0 " "leading zeros are decimal"
is "$(selftests/stress/stress.sh --help | head -n 1 | cut -c 1-27)" "usage: stress.sh [--check] " "--help"
is "$(make -s stress STRESS_SECONDS='7; echo no' 2>&1 | head -n 1)" \
	"stress: STRESS_SECONDS is '7; echo no'; $range 5 to 86400" "refused before all is built"
is "$(make -s stress DEBUG=nothing 2>&1 | head -n 1)" \
	"stress: DEBUG is 'nothing'; want kasan lockdep" "so is an unknown kernel"

make -s build/selftests/stress/stress || exit 1
is "$(build/selftests/stress/stress list | sed 's/ .*//')" \
	"$(sed -n 's/^\t{ "\([a-z-]*\)".*/\1/p' selftests/stress/stress.c)" "the driver knows all steps"
steps() { # STEPS LIMIT: exit status, and the first line
	local said

	said=$(build/selftests/stress/stress run 1 1 0 2 "$2" "$tmp" "$1" 2>&1 </dev/null)
	echo "$? $(head -n 1 <<<"$said" | sed 's/[0-9]\+/N/g')"
}
is "$(steps plant-stuck 2)" \
	"3 stuck: plant-stuck: until somebody looks: worker N, process N, for N s" \
	"a step that does not end"
is "$(steps plant-crash 20)" "1 wrong: plant-crash: now: worker N died of signal N" \
	"a process that dies"
is "$(steps plant-wrong 20)" "1 wrong: plant-wrong: once: planted" "a wrong answer"
is "$(steps plant-nothing 20)" "0 count plant-nothing ENOENT N" "steps that find nothing are counted"
is "$(steps plant-nothing,no-step 20)" "2 stress: no step 'no-step'; see stress list" "an unknown step"

# What one and the same seed draws
draws() { # SEED
	build/selftests/stress/stress run 1 "$1" 0 1 20 "$tmp" plant-draw >/dev/null </dev/null
	awk '{ print $3, $4 }' "$tmp/worker.0" | grep -v '[A-Za-z],' | head -n 20
}
first=$(draws 5)
is "$(draws 5)" "$first" "a seed draws the same again"
is "$([[ $(draws 6) != "$first" ]] && echo others)" others "another one draws others"

# The sum of a run
judge() { # NAME=NUMBER...
	(
		declare -A sum=() got=()
		chosen='' dead='' what=all problems=$tmp/problems
		. selftests/stress/after.sh
		for name in "${provoked[@]}"; do sum[$name]=1; done
		for name; do sum[${name%=*}]=${name#*=}; done
		look_at_provoked
	)
}
is "$(judge)" "" "a run that provoked all of it"
for name in removed recovered ejected quarantined refused; do
	is "$(judge $name=0)" "not ok - all: nothing of this came up: $name" "a run without: $name"
done
counts() { # STEP RESULT
	(
		declare -A got=()
		. selftests/stress/after.sh
		count_up "$1" "$2" 3
		echo "${!got[*]}" | tr ' ' '\n' | sort | paste -sd ' '
	)
}
is "$(counts destroy EBUSY)" "refused steps" "a destruction that is refused"
is "$(counts destroy ENOENT)" "nothing steps" "nothing to destroy"
is "$(counts unload-sim EBUSY)" "steps" "a removal that is refused is none"
is "$(counts unload-sim ok)" "removed steps" "a removal"
echo "1..$count"
