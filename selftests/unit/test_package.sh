#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What packages are made from fits the tree: dkms.conf has the modules that kmod/Kbuild has,
# and a release archive gives the same files as git does.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
echo 1..5
conf=tools/package/dkms.conf
check "DKMS installs the modules of kmod/Kbuild" \
	"$(sed -n 's/^BUILT_MODULE_NAME\[[0-9]*\]="\(.*\)"/\1/p' $conf | sort)" \
	"$(sed -n 's/^obj-.*+= \(.*\)\.o$/\1/p' kmod/Kbuild | sort)"
check "each has its place" "$(grep -c '^BUILT_MODULE_LOCATION' $conf) $(grep -c '^DEST_MODULE_LOCATION' $conf)" "3 3"

copy=$tmp/copy
mkdir "$copy"
scripts/source-files | tar --null -T - -c | tar -C "$copy" -x
check "an archive gives the same files" \
	"$("$copy/scripts/source-files" | tr '\0' '\n')" "$(scripts/source-files | tr '\0' '\n')"

# What DKMS gives to the script.
mkdir -p "$tmp/dkms/scripts"
cp -r kmod include VERSION "$tmp/dkms"
cp scripts/build-modules scripts/kernel-btf "$tmp/dkms/scripts"
printf 'modules:\n\t@mkdir -p $(M) && touch $(M)/novabpf.ko && echo $(M)/novabpf.o >$(M)/modules.order\n' \
	>"$tmp/Makefile"
old=6.1.0
out=$("$tmp/dkms/scripts/build-modules" --installed $old "$tmp" 2>/dev/null)
check "that is enough to build from" "${out##* }" "build/$old/kmod/novabpf.ko"
check "no module for tests is made" "$(find "$tmp/dkms/build" -path '*selftests*')" ""
