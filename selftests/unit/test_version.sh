#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The file VERSION is the one place of the version: all that tells one tells that.

cd "$(dirname "$0")/../.." || exit 1
version=$(<VERSION)
count=0

same() { # NAME GOT
	count=$((count + 1))
	if [[ $2 == "$version" ]]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# got '$2', wanted '$version'"
	fi
}

echo 1..7
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
same "it has three numbers" "${BASH_REMATCH[0]}"
same "tool" "$(build/novabpf version | sed -n 's/^novabpf //p')"
same "what captures say of their writer" \
	"$(strings build/novabpf | sed -n 's/^novabpf \([0-9.]*\)$/\1/p' | sort -u)"
same "man page" "$(sed -n 's/^\.TH.*"novabpf \([^"]*\)".*/\1/p' build/man/novabpf.8)"
same "modules" "$(for m in "build/$(scripts/krel)/kmod/"*.ko; do modinfo -F version "$m"; done | sort -u)"
same "first entry of CHANGES.rst" "$(sed -n 's/^\([0-9][0-9.]*\)$/\1/p' CHANGES.rst | head -n 1)"
[[ $(grep -rnE --include=Makefile --include='*.[ch]' 'NOVABPF_VERSION[[:space:]]+"' kmod tools include) ]]
same "no source defines another" "$( (($?)) && echo "$version")"
