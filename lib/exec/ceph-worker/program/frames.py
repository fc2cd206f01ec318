"""Writes what the script reads: one line of JSON for each answer and for each step of progress.

`tag` is given to the program by what starts it: see start.ts.
"""
import json
import sys
import threading

writing = threading.Lock()
told = {}


def send(message):
    """On a line of its own that begins with the tag: what a login shell prints never becomes part of an answer."""
    line = '\n%s %s\n' % (tag, json.dumps(message))
    with writing:
        try:
            sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
        except OSError:
            pass  # Nobody reads any more: the end of input follows.


def send_progress(number, done, total):
    percent = int(done * 100 / total) if total else 0
    if told.get(number) != percent:
        told[number] = percent
        send({'id': number, 'progress': percent})
    return 0
