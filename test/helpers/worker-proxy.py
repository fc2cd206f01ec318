"""Stands between a script and its Ceph worker, and kills at chosen requests: see kill-points.ts.

Called with the folder of the kill points, '<kind>.<verb>.<word>' of the script, its process, and the command of the worker.
What comes first is the worker's program, then its settings, then a request a line. The moments of a request: 'before' it
reaches the worker, 'after' it is done and before its answer reaches the script, and 'worker', which has just been given it
and is killed alone.
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zlib

state, script, parent, command = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
alike = [(re.compile(pattern), to) for pattern, to in json.load(open(os.path.join(state, 'alike.json')))]
by_terraform = lambda: os.path.exists(os.path.join(state, 'terraform'))


def text_of(request):
    """Without what differs from one object or run to another; marks are JSON in JSON."""
    params = {key: value for key, value in (request.get('params') or {}).items() if key != 'lock'}
    text = 'request %s %s' % (request['method'], json.dumps(params, sort_keys=True, separators=(',', ':')).replace('\\', ''))
    for pattern, to in alike:
        text = pattern.sub(to, text)
    return text


def point_of(text):
    digest = zlib.crc32(text.encode())
    n = 1
    while True:
        try:
            os.close(os.open(os.path.join(state, 'calls', '%s.r%s.%s' % (parent, digest, n)), os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            n += 1
    point = '%s.r%s.%s' % (script, digest, n)
    with open(os.path.join(state, 'log'), 'a') as log:
        log.write('%s %.300s\n' % (point, text))
    return point


def meets(point, moment):
    name = '%s.%s' % (point, moment)
    try:
        os.rename(os.path.join(state, 'plan', name), os.path.join(state, 'met', name))
        return True
    except OSError:
        return False


def slay(point, moment):
    """The script; or waits until Terraform is dead, which the test kills at many points at once."""
    if not by_terraform():
        os.kill(parent, signal.SIGKILL)
        return
    open(os.path.join(state, 'waiting', '%s.%s' % (point, moment)), 'w').close()
    while not os.path.exists(os.path.join(state, 'killed')):
        time.sleep(0.1)


# A handler, as what is ignored is ignored by the worker too. Its end is this one's.
signal.signal(signal.SIGTERM, lambda *_: None)
worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
asked = {}


def give(data):
    try:
        worker.stdin.write(data)
        worker.stdin.flush()
    except OSError:
        pass  # It has ended, which the script is told.


def ask():
    take = sys.stdin.buffer
    length = take.readline()
    give(length)
    give(take.read(int(length or 0)))
    give(take.readline())
    for line in iter(take.readline, b''):
        request = json.loads(line)
        asked[request['id']] = point = point_of(text_of(request))
        if meets(point, 'before'):
            slay(point, 'before')
            if not by_terraform():
                break
        give(line)
        if not by_terraform() and meets(point, 'worker'):
            # So long that the request is at its beginning, its middle or its end; the same of one point each time.
            time.sleep(zlib.crc32(point.encode()) % 20 / 1000)
            worker.kill()
    try:
        worker.stdin.close()
    except OSError:
        pass


def answer():
    for line in worker.stdout:
        frame = line.split(b' ', 1)[1] if b' ' in line else b''
        if frame.startswith(b'{"id": ') and b'"progress"' not in frame[:40]:
            point = asked.get(json.loads(frame)['id'])
            if point and meets(point, 'after'):
                slay(point, 'after')
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except OSError:
            pass  # The script is dead.


threading.Thread(target=ask, daemon=True).start()
answer()
code = worker.wait()
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
    os.kill(os.getpid(), -code)
os._exit(code)
