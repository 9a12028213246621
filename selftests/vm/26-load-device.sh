#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /dev/novabpf_simN: who may open it, what it refuses, when it may go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 11

load_sim clock=virtual
is "$(stat -c '%a %U' /dev/novabpf_sim0)" "600 root" "the device is root's alone"

# Each line: what was tried, and the error's name or what came back.
out=$(python3 - <<'END'
import errno, fcntl, os, select, struct

START, STOP = ord("N") << 8 | 1, ord("N") << 8 | 2

def attempt(name, call):
    try:
        print(name, call())
    except OSError as error:
        print(name, errno.errorcode[error.errno])

def load(gfid, tenants=1, duration=10**9):
    return (struct.pack("<IIQQIIII", 0x4C4F4144, tenants, 1, duration, 0, 0, 0, 0) +
            struct.pack("<IIIIQQQII", gfid, 1, 1, 0, 0, 10**9, 0, 1, 0) +
            struct.pack("<QQ", 1000, 1000))

f = os.open("/dev/novabpf_sim0", os.O_RDWR | os.O_NONBLOCK)
attempt("second", lambda: os.open("/dev/novabpf_sim0", os.O_RDWR))
attempt("read-early", lambda: os.read(f, 100))
attempt("start-early", lambda: fcntl.ioctl(f, START))
attempt("short", lambda: os.write(f, b"x" * 10))
attempt("huge", lambda: os.write(f, bytes(65 << 20)))
attempt("garbage", lambda: os.write(f, b"x" * 104))
attempt("start-garbage", lambda: fcntl.ioctl(f, START))
attempt("cut", lambda: os.write(f, load(1, tenants=2)))
attempt("start-cut", lambda: fcntl.ioctl(f, START))
attempt("no-vgpu", lambda: os.write(f, load(1)))
attempt("start-no-vgpu", lambda: fcntl.ioctl(f, START))
attempt("poll", lambda: select.select([f], [], [], 0)[0])
attempt("stop", lambda: fcntl.ioctl(f, STOP))
attempt("unknown", lambda: fcntl.ioctl(f, ord("N") << 8 | 3))
END
)
answer() { sed -n "s/^$1 //p" <<<"$out"; }

is "$(answer second)" EBUSY "one opener at a time"
is "$(answer read-early) $(answer start-early)" "ENODATA EINVAL" "nothing to read or start at first"
is "$(answer short) $(answer huge)" "EINVAL EINVAL" "a load too short or too long is refused"
is "$(answer start-garbage) $(answer start-cut)" "EINVAL EINVAL" "so is one that makes no sense"
is "$(answer start-no-vgpu)" ENOENT "a tenant needs its vGPU"
like "$(dmesg_since)" 'load: tenant 0: vGPU 1 has' "the log says which"
is "$(answer poll) $(answer stop)" "[] 0" "nothing to poll for; a stop without a load does nothing"
is "$(answer unknown)" ENOTTY "an unknown ioctl is refused"

exec 9<>/dev/novabpf_sim0
fails "the module stays while the device is open" rmmod novabpf_sim
exec 9>&-
succeeds "and goes once it is closed" unload_all
