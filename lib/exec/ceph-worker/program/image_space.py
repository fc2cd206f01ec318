"""How much space an image takes."""
from .opening import image_to_read
from .requests import request


@request
def imageSpace(pool, name):
    """As `rbd du` counts: the data of each snapshot that is not in the one before, and what is written since the last."""
    with image_to_read(pool, name) as (one, _ioctx):
        if one is None:
            return None
        taken = sorted(one.list_snaps(), key=lambda snapshot: snapshot['id'])
        names = [snapshot['name'] for snapshot in taken if snapshot['namespace'] == 0]
        used = sum(space_since(one, *each) for each in zip([None] + names, names + [None]))
        return {'size': one.size(), 'used': used}


def space_since(image, before, snapshot):
    image.set_snap(snapshot)
    lengths = [0]

    def count(_offset, length, exists):
        lengths[0] += length if exists else 0

    image.diff_iterate(0, image.size(), before, count, include_parent=False, whole_object=True)
    return lengths[0]
