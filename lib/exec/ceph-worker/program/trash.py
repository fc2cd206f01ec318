"""The trash of a pool."""
import errno

from .connection import pool_of, rbd
from .errors import Failure
from .image_parts import when
from .requests import request


@request
def trash(pool):
    with pool_of(pool) as ioctx:
        return [
            {
                'id': one['id'],
                'name': one['name'],
                'source': one['source'].lower(),
                'deleted': when(one['deletion_time']),
                'expires': when(one['deferment_end_time']),
            }
            for one in rbd.RBD().trash_list(ioctx)
        ]


@request
def trashImage(pool, name, delaySeconds):
    with pool_of(pool) as ioctx:
        rbd.RBD().trash_move(ioctx, name, delaySeconds)


@request
def restoreFromTrash(pool, id, name):
    with pool_of(pool) as ioctx:
        rbd.RBD().trash_restore(ioctx, id, name)


@request
def purgeTrash(pool, id, snapshot=None):
    with pool_of(pool) as ioctx:
        if not any(one['id'] == id for one in rbd.RBD().trash_list(ioctx)):
            raise Failure(errno.ENOENT, 'no image %s in the trash' % id)
        with rbd.Image(ioctx, image_id=id) as one:
            for each in list(one.list_snaps()):
                one.set_snap_by_id(each['id'])
                if list(one.list_children2()):
                    raise Failure(errno.EBUSY, 'image %s has clones' % id)
            one.set_snap(None)
            if snapshot in [each['name'] for each in one.list_snaps()]:
                one.remove_snap(snapshot)
        rbd.RBD().trash_remove(ioctx, id, force=True)
