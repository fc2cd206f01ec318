"""How images are opened."""
from contextlib import contextmanager

from .connection import pool_of, rbd


def open_image(ioctx, name, snapshot=None):
    """Read-only, so that looking at an image registers no watcher."""
    return rbd.Image(ioctx, name, snapshot=snapshot, read_only=True)


@contextmanager
def image_to_read(pool, name):
    """The image, or None if it does not exist, and its pool."""
    with pool_of(pool) as ioctx:
        try:
            one = open_image(ioctx, name)
        except rbd.ImageNotFound:
            one = None
        if one is None:
            yield None, ioctx
        else:
            with one:
                yield one, ioctx


@contextmanager
def image_to_change(pool, name):
    with pool_of(pool) as ioctx, rbd.Image(ioctx, name) as one:
        yield one
