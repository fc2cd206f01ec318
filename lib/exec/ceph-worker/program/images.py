"""Looks at images: what one is, which there are, and who uses them."""
from .connection import pool_of, rados, rbd
from .errors import failure_of
from .image_parts import data_pool_of, feature_names, group_of, locks_of, migration_of, mirroring_of
from .image_parts import parent_of, snapshots_of, watchers_of
from .opening import image_to_read, open_image
from .requests import request


@request
def image(pool, name):
    with image_to_read(pool, name) as (one, ioctx):
        if one is None:
            return None
        stat = one.stat()
        features = feature_names(one.features())
        return {
            'id': one.id(),
            'size': stat['size'],
            'objectSize': stat['obj_size'],
            'features': features,
            'dataPool': data_pool_of(one, ioctx),
            'parent': parent_of(one),
            'snapshots': snapshots_of(one),
            'metadata': dict(one.metadata_list()),
            'watchers': watchers_of(one),
            'locks': locks_of(one),
            'group': group_of(one),
            'mirroring': mirroring_of(one),
            'migration': migration_of(ioctx, name, features),
        }


@request
def imageNames(pool):
    with pool_of(pool) as ioctx:
        return rbd.RBD().list(ioctx)


@request
def watchers(pool, name):
    try:
        with pool_of(pool) as ioctx, open_image(ioctx, name) as one:
            return watchers_of(one)
    except rbd.ImageNotFound:
        return []


@request
def imagesInUse(pool):
    """Of each image who has it open, and what reading it needs: the parents, its snapshots' too, and the data pool."""
    with pool_of(pool) as ioctx:
        found = []
        for name in rbd.RBD().list(ioctx):
            try:
                found.append(use_of(ioctx, name))
            except rbd.ImageNotFound:
                pass
            except rbd.Error as error:
                found.append({'name': name, 'error': failure_of(error)['message']})
        return found


def use_of(ioctx, name):
    with open_image(ioctx, name) as one:
        parents = [parent_of(one)]
        for snapshot in snapshots_of(one):
            if snapshot['namespace'] == 'user':
                with open_image(ioctx, name, snapshot['name']) as at:
                    parents.append(parent_of(at))
        known = {(each['pool'], each['image']) for each in parents if each}
        return {
            'name': name,
            'parents': [{'pool': pool, 'image': image} for pool, image in sorted(known)],
            'dataPool': data_pool_of(one, ioctx),
            'watchers': watchers_of(one),
        }


@request
def isRemovalInterrupted(pool, name):
    """The pool's list still has the name, but the image is gone: its removal was interrupted."""
    with pool_of(pool) as ioctx:
        if name not in rbd.RBD().list(ioctx):
            return False
        try:
            ioctx.stat('rbd_id.%s' % name)
            return False
        except rados.ObjectNotFound:
            return True
