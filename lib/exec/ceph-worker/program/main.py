"""Asks and changes one Ceph cluster for the script that started it: JSON lines in, framed JSON lines out.

worker.ts starts it over the cluster's transport; lib/ceph says what each request means. Each request gets a thread, so that
a long one delays no other and no renewal of a lock. Once its input has ended, the worker finishes the requests that must
not be cut off, gives its locks back and ends: so it makes no difference whether the script stopped, was killed or lost its
connection. No request and no answer ever holds a key.

All files of this folder are joined into one program (index.ts), without the imports of one another.
"""
import json
import os
import signal
import sys
import threading

from .connection import connect, import_modules
from .errors import failure_of
from .frames import send
from .locks import guard, held
from .requests import ATOMIC, answer


class End(Exception):
    """Ends the reading of requests, as the end of input does."""


def end_by_signal(*_):
    raise End()


def end(running):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for thread in running:
        thread.join()
    with guard:
        locks = list(held.values())
        held.clear()
    giving = [threading.Thread(target=lock.give, daemon=True) for lock in locks]
    for thread in giving:
        thread.start()
    for thread in giving:
        thread.join(timeout=30)
    os._exit(0)


def read(running):
    for line in iter(sys.stdin.buffer.readline, b''):
        message = json.loads(line)
        thread = threading.Thread(target=answer, args=(message,), daemon=True)
        if message['method'] in ATOMIC:
            running.append(thread)
        thread.start()


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
    running = []
    try:
        read(running)
    except End:
        pass
    end(running)


main()
