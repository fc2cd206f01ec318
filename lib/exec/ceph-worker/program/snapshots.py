"""Snapshots of an image, and the clones that depend on them."""
from .connection import pool_of
from .opening import image_to_change, open_image
from .requests import request


@request
def createSnapshot(pool, name, snapshot):
    with image_to_change(pool, name) as one:
        one.create_snap(snapshot)


@request
def removeSnapshot(pool, name, snapshot):
    with image_to_change(pool, name) as one:
        one.remove_snap(snapshot)


@request
def children(pool, name, snapshot=None):
    found = []
    with pool_of(pool) as ioctx, open_image(ioctx, name) as one:
        for each in list(one.list_snaps()):
            if snapshot is None or (each['name'] == snapshot and each['namespace'] == 0):
                one.set_snap_by_id(each['id'])
                found.extend(one.list_children2())
    return [{key: child[key] for key in ('pool', 'image', 'id', 'trash')} for child in found]
