"""Locks of images: taken, renewed until they are released, and lost when that fails."""
import os
import threading
import time

from .connection import pool_of, rados
from .errors import failure_of
from .frames import send
from .lock_holder import LOCK_NAME, LOCK_PREFIX, first_holder
from .requests import request

# The flag of librados by which only the holder gets the lock once more.
MUST_RENEW = 2
# Seconds that a lock lasts, and after which it is renewed.
DURATION, RENEWAL = 60, 15
held = {}
# Set while a command of the script, which may outlive it, changes an image.
expiring = threading.Event()
guard = threading.Lock()


class Lock:
    """The exclusive lock of an image, on an object of its own in the pool. Not renewed, it expires at the OSD."""

    def __init__(self, pool, image, holder):
        self.pool, self.holder = pool, holder
        self.object = LOCK_PREFIX + image
        self.cookie = '%s-%s' % (os.getpid(), time.monotonic_ns())
        self.ended = threading.Event()

    def take(self, flags=0):
        with pool_of(self.pool) as ioctx:
            ioctx.lock_exclusive(self.object, LOCK_NAME, self.cookie, self.holder, DURATION, flags)

    def renew(self):
        while not self.ended.wait(RENEWAL):
            try:
                self.take(MUST_RENEW)
            except Exception as error:
                send({'lost': {'lock': self.cookie, **failure_of(error)}})
                return

    def release(self):
        """Removes the object. The lock is renewed just before, so that nobody else gets it until then."""
        self.ended.set()
        try:
            self.take(MUST_RENEW)
        except rados.Error:
            return
        with pool_of(self.pool) as ioctx:
            ioctx.remove_object(self.object)


@request
def takeLock(pool, image, holder):
    lock = Lock(pool, image, holder)
    try:
        lock.take()
    except rados.ObjectBusy:
        return {'holder': holder_of(pool, lock.object)}
    number = lock.cookie
    with guard:
        held[number] = lock
    threading.Thread(target=lock.renew, daemon=True).start()
    return {'lock': number}


@request
def releaseLock(lock):
    with guard:
        one = held.pop(lock, None)
    if one:
        one.release()


@request
def setLocksExpire(expire):
    (expiring.set if expire else expiring.clear)()


def holder_of(pool, name):
    with pool_of(pool) as ioctx:
        try:
            return first_holder(ioctx, name)
        except rados.Error:
            return None
