"""Changes of images."""
from .connection import pool_of, rbd
from .opening import image_to_change
from .requests import request


def creation_options(objectSize=None, dataPool=None, features=None):
    return {
        'order': None if objectSize is None else objectSize.bit_length() - 1,
        'data_pool': dataPool,
        'features': None if features is None else rbd.RBD().features_from_string(','.join(features)),
    }


@request
def createImage(pool, name, size, **options):
    with pool_of(pool) as ioctx:
        rbd.RBD().create(ioctx, name, size, old_format=False, **creation_options(**options))


@request
def cloneImage(parent, pool, name, **options):
    """Of format 2, which `connect` sets: the binding of Ceph 16 has no argument for it."""
    with pool_of(parent['pool']) as source, pool_of(pool) as ioctx:
        rbd.RBD().clone(source, parent['name'], parent['snapshot'], ioctx, name, **creation_options(**options))


@request
def growImage(pool, name, size):
    """Never shrinks, which the binding does unless it is told not to: another may have grown the image meanwhile."""
    with image_to_change(pool, name) as one:
        if one.size() < size:
            one.resize(size, allow_shrink=False)


@request
def renameImage(pool, name, to):
    with pool_of(pool) as ioctx:
        try:
            rbd.RBD().rename(ioctx, name, to)
        except rbd.ImageExists:
            if not is_renamed_in_part(ioctx, name, to):
                raise
            ioctx.remove_object('rbd_id.%s' % to)
            rbd.RBD().rename(ioctx, name, to)


def is_renamed_in_part(ioctx, name, to):
    """A rename (Ceph 16) first writes the new name with the image's id, and only then changes the pool's list."""
    listed = rbd.RBD().list(ioctx)
    ids = {ioctx.read('rbd_id.%s' % each) for each in (name, to)}
    return len(ids) == 1 and name in listed and to not in listed


@request
def removeImage(pool, name, on_progress):
    with pool_of(pool) as ioctx:
        rbd.RBD().remove(ioctx, name, on_progress=on_progress)


@request
def flattenImage(pool, name, on_progress):
    with image_to_change(pool, name) as one:
        one.flatten(on_progress=on_progress)


@request
def setMetadata(pool, name, key, value):
    with image_to_change(pool, name) as one:
        one.metadata_set(key, value)


@request
def removeMetadata(pool, name, key):
    with image_to_change(pool, name) as one:
        one.metadata_remove(key)
