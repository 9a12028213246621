# SPDX-License-Identifier: GPL-2.0-only
"""Programs that the runner starts, all of which end when it does."""

import os
import signal
import subprocess
from subprocess import PIPE, STDOUT
import threading

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

_lock = threading.Lock()
_running = set()
_closed = False


class Closed(Exception):
    """The runner ends: nothing more is started."""


def start(cmd, **kw):
    """A child in a session of its own, so that what it starts ends with it."""
    with _lock:
        if _closed:
            raise Closed
        child = subprocess.Popen(cmd, cwd=TOP, stdin=subprocess.DEVNULL, text=True,
                                 errors="replace", start_new_session=True, **kw)
        _running.add(child)
    return child


def ended(child):
    with _lock:
        _running.discard(child)


def send(child, signum):
    try:
        os.killpg(child.pid, signum)
    except ProcessLookupError:
        pass


def stop(child):
    """Ends a test program; a virtual machine goes with it."""
    send(child, signal.SIGTERM)
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        pass
    # Also what has outlived it in its session.
    send(child, signal.SIGKILL)


def stop_all():
    """Ends everything, and lets nothing new begin."""
    global _closed
    with _lock:
        _closed = True
        children = list(_running)
    for child in children:
        send(child, signal.SIGTERM)
    for child in children:
        stop(child)


def run(cmd, limit, **kw):
    child = start(cmd, **kw)
    try:
        out, err = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        stop(child)
        out, err = child.communicate()
        return subprocess.CompletedProcess(cmd, 124, f"{out or ''}\n# time limit of {limit} s\n",
                                           err or "")
    except BaseException:
        stop(child)
        raise
    finally:
        ended(child)
    return subprocess.CompletedProcess(cmd, child.returncode, out, err)


def output(cmd):
    return run(cmd, 60, stdout=subprocess.PIPE).stdout
