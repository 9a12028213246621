#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# mdevctl 1.2.0-3+b1 (Debian 12): a definition with --auto is never started, in silence.
#
# The package's udev rule runs /usr/sbin/mdevctl when a parent of mediated devices appears;
# its program is /usr/bin/mdevctl, and nothing in /usr/sbin belongs to the package. The shell
# of the rule says "not found" into a pipe to logger. On a merged-/usr system, too:
# /usr/sbin and /usr/bin are two folders.
#
# Seen:
#	rule runs:     /usr/sbin/mdevctl
#	program is in: /usr/bin/mdevctl
#	as udev runs it: status 127
#
# usage: mdevctl-autostart.sh [FILE.deb]; without one apt-get downloads the package. Exit
# status 0: it behaves so; 1: it does not any more; 2: it cannot be told.
version=1.2.0-3+b1

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
deb=$1
if [[ ! $deb ]]; then
	(cd "$tmp" && apt-get download "mdevctl=$version" >/dev/null 2>&1)
	deb=$(find "$tmp" -name 'mdevctl_*.deb')
fi
[[ -f $deb ]] || {
	echo "mdevctl $version cannot be downloaded: give its .deb" >&2
	exit 2
}
[[ $(dpkg-deb -f "$deb" Version) == "$version" ]] || {
	echo "$deb is version $(dpkg-deb -f "$deb" Version), not $version" >&2
	exit 2
}
dpkg-deb -x "$deb" "$tmp/root"

rule=$(grep -oh '/usr/[a-z]*/mdevctl' "$tmp"/root/lib/udev/rules.d/60-mdevctl.rules | sort -u)
program=$(cd "$tmp/root" && find . -type f -name mdevctl -perm -u+x | sed 's/^\.//')
echo "rule runs:     $rule"
echo "program is in: $program"

# What the rule runs, of the package alone.
"$tmp/root$rule" start-parent-mdevs none 2>/dev/null
status=$?
echo "as udev runs it: status $status"
[[ $rule == /usr/sbin/mdevctl && $program == /usr/bin/mdevctl && $status == 127 ]]
