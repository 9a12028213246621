#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tshark 4.4.19-0+deb13u1 (Debian 13): root's "-X lua_script:FILE" does nothing, in silence.
#
# For another user the script runs. For root the option is accepted, nothing is printed about
# it, the exit status is 0, and packets of a dissector in Lua are shown undecoded. tshark
# 4.0.17 of Debian 12 runs the script for root, too. A pipeline that decodes recordings which
# only root may read goes on without decoding; "-r -" as another user is the way out.
#
# Seen:
#	as nobody: script ran, status 0
#	as root: script did not run, status 0
#
# usage: tshark-lua-root.sh; as root, with mmdebstrap, in a temporary folder. Exit status 0: it
# behaves so; 1: it does not any more; 2: it cannot be told.
version=4.4.19-0+deb13u1

((EUID == 0)) && command -v mmdebstrap >/dev/null || {
	echo "it takes root and mmdebstrap" >&2
	exit 2
}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
uri=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
	sed -n 's/^Debian [a-z]* //p' | head -n 1)
security=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
	sed -n 's/^Debian [a-z]*-security //p' | head -n 1)
printf 'deb %s trixie main\ndeb %s trixie-security main\n' "$uri" "${security:-$uri}" >"$tmp/list"
mmdebstrap --quiet --variant=apt --include="tshark=$version" trixie "$tmp/root" "$tmp/list" \
	>"$tmp/log" 2>&1 || {
	tail -n 3 "$tmp/log" >&2
	echo "tshark $version cannot be installed" >&2
	exit 2
}
echo 'print("script ran")' >"$tmp/root/usr/local/hello.lua"
printf '0000 00 01 02\n' | chroot "$tmp/root" text2pcap -q - /usr/local/one.pcap 2>/dev/null

try() { # USER COMMAND...
	local out status

	out=$(chroot "$tmp/root" "${@:2}" env HOME=/nonexistent tshark -X lua_script:/usr/local/hello.lua \
		-r /usr/local/one.pcap 2>&1)
	status=$?
	[[ $out == *"script ran"* ]] && out='script ran' || out='script did not run'
	echo "as $1: $out, status $status"
}
seen=$(try nobody setpriv --reuid=65534 --regid=65534 --clear-groups; try root)
echo "$seen"
[[ $seen == $'as nobody: script ran, status 0\nas root: script did not run, status 0' ]]
