"""Errors as the script gets them: Ceph's number and Ceph's words."""
import errno

from .connection import rados, rbd


class Failure(Exception):
    """What Ceph says without an exception of its own: a number, a message, and what does not exist."""

    def __init__(self, number, message, missing=None):
        super().__init__(message)
        self.errno = number
        self.missing = missing


def failure_of(error):
    number = abs(getattr(error, 'errno', None) or errno.EIO)
    text = str(error)
    if text.startswith('[errno '):
        text = text[text.index(']') + 1 :].strip()
    if not isinstance(error, (Failure, rados.Error, rbd.Error)):
        text = '%s: %s' % (type(error).__name__, text)
    return {'errno': number, 'message': text, 'missing': getattr(error, 'missing', None)}


def optional(work):
    """None where Ceph says that what was asked for does not exist; a pool that does not exist stays an error."""
    try:
        return work()
    except Exception as error:
        if getattr(error, 'errno', None) in (errno.ENOENT, -errno.ENOENT) and not getattr(error, 'missing', None):
            return None
        raise
