# SPDX-License-Identifier: GPL-2.0-only
"""What runs beside what: a lane is a thread that does one thing after another."""

import queue
import threading

from runner import children


def run(lanes, show):
    """Runs functions beside each other. Each gets a function that tells a report, and
    show() is called with those in this thread, one by one. An error ends all."""
    events = queue.Queue()

    def lane(work):
        try:
            work(events.put)
        except children.Closed:
            pass
        except BaseException as e:  # pylint: disable=broad-except
            events.put(e)
        finally:
            events.put(None)

    try:
        for work in lanes:
            threading.Thread(target=lane, args=(work,), daemon=True).start()
        going = len(lanes)
        while going:
            event = events.get()
            if event is None:
                going -= 1
            elif isinstance(event, BaseException):
                raise event
            else:
                show(event)
    except BaseException:
        children.stop_all()
        raise


class Tests:
    """Tests that lanes share, each taken by one of them."""

    def __init__(self, tests):
        self.lock = threading.Lock()
        self.left = list(tests)

    def take(self):
        with self.lock:
            return self.left.pop(0) if self.left else None

    def work(self, host, tell):
        test = self.take()
        while test:
            tell(host.test(test.kind, test.name))
            test = self.take()
