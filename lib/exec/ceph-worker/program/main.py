"""Asks and changes one Ceph cluster for the script that started it: JSON lines in, framed JSON lines out.

worker.ts starts it over the cluster's transport; lib/ceph says what each request means. Each request gets a thread, so that
a long one delays no other and no renewal of a lock. Once its input has ended, the worker finishes the requests that must
not be cut off, gives the others a moment, releases its locks and ends: so it makes no difference whether the script
stopped, was killed or lost its connection. If a request still runs then, the locks are left to expire, for whoever gets one
must find nothing of ours going on. No request and no answer ever holds a key.

All files of this folder are joined into one program (index.ts), without the imports of one another.
"""
import json
import os
import signal
import sys
import threading
import time

from .connection import connect, import_modules
from .errors import failure_of
from .frames import send
from .locks import expiring, guard, held
from .requests import ATOMIC, answer


# Seconds that a request which may be cut off has to end by itself before the worker leaves with its locks.
GRACE = 10


class End(Exception):
    """Ends the reading of requests, as the end of input does."""


def end_by_signal(*_):
    raise End()


def end(atomic, others):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for thread in begun(atomic):
        thread.join()
    with guard:
        locks = list(held.values())
        held.clear()
    if locks and (expiring.is_set() or not ended_in_time(begun(others))):
        os._exit(0)
    releasing = [threading.Thread(target=lock.release, daemon=True) for lock in locks]
    for thread in releasing:
        thread.start()
    for thread in releasing:
        thread.join(timeout=30)
    os._exit(0)


def begun(threads):
    """A signal may end the reading between a thread and its start."""
    return [thread for thread in threads if thread.ident is not None]


def ended_in_time(threads):
    until = time.monotonic() + GRACE
    for thread in threads:
        thread.join(timeout=max(0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def read(atomic, others):
    for line in iter(sys.stdin.buffer.readline, b''):
        message = json.loads(line)
        thread = threading.Thread(target=answer, args=(message,), daemon=True)
        (atomic if message['method'] in ATOMIC else others).append(thread)
        thread.start()
        others[:] = [one for one in others if one.is_alive()]


def main():
    line = sys.stdin.buffer.readline()
    if not line:
        send({'noInput': True})
        return
    settings = json.loads(line)
    send({'fed': True})
    missing = import_modules()
    if missing:
        send({'missing': missing, 'python': sys.executable})
        return
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        connect(settings)
    except Exception as error:
        send({'refused': failure_of(error)})
        os._exit(1)
    send({'ready': {}})
    atomic, others = [], []
    try:
        read(atomic, others)
    except End:
        pass
    end(atomic, others)


main()
