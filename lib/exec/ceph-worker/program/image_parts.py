"""What an open image says of itself, part by part."""
import datetime
import errno

from .connection import pool_name, pool_of, rados, rbd
from .errors import optional

NAMESPACES = {0: 'user', 1: 'group', 2: 'trash', 3: 'mirror'}
MIRRORING = {0: 'disabling', 1: 'enabled', 3: 'creating'}
MIGRATION = 'error preparing prepared executing executed aborting'.split()


def when(moment):
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def snapshots_of(image):
    return [
        {
            'id': one['id'],
            'name': one['name'],
            'size': one['size'],
            'namespace': NAMESPACES.get(one['namespace'], 'other'),
            'time': when(image.get_snap_timestamp(one['id'])),
        }
        for one in image.list_snaps()
    ]


def parent_of(image):
    try:
        spec = image.get_parent_image_spec()
        snapshot = image.parent_info()[2]
    except rbd.ImageNotFound:
        return None
    trash = spec.get('trash')
    if trash is None:
        # The binding of this version does not say.
        trash = parent_in_trash(image, spec)
    return {'pool': spec['pool_name'], 'image': spec['image_name'], 'snapshot': snapshot, 'trash': trash}


def parent_in_trash(image, spec):
    with pool_of(spec['pool_name']) as ioctx:
        ioctx.set_namespace(spec['pool_namespace'])
        try:
            return any(one['id'] == image.parent_id() for one in rbd.RBD().trash_list(ioctx))
        except rados.Error:
            return False


def watchers_of(image):
    return [{'address': one['addr'], 'client': one['id']} for one in image.watchers_list()]


def locks_of(image):
    found = image.list_lockers()
    if not found:
        return []
    kind = 'exclusive' if found['exclusive'] else 'shared'
    return [
        {'client': client, 'cookie': cookie, 'address': address, 'kind': kind, 'tag': found['tag']}
        for client, cookie, address in found['lockers']
    ]


def group_of(image):
    try:
        found = image.group()
    except rbd.Error as error:
        if abs(error.errno) in (errno.ENOENT, errno.EOPNOTSUPP):
            return None
        raise
    name = found.get('name')
    return {'pool': pool_name(found['pool']), 'name': name} if name else None


def mirroring_of(image):
    try:
        found = image.mirror_image_get_info()
    except rbd.Error as error:
        if abs(error.errno) in (errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL):
            return None
        raise
    state = MIRRORING.get(found['state'])
    return {'state': state, 'primary': found['primary']} if state else None


def migration_of(ioctx, name, features):
    if 'migrating' not in features:
        return None
    found = optional(lambda: rbd.RBD().migration_status(ioctx, name))
    if found is None:
        return None
    state = found['state']
    return {
        'state': MIGRATION[state] if 0 <= state < len(MIGRATION) else str(state),
        'from': {'pool': pool_name(found['source_pool_id']), 'name': found['source_image_name']},
        'to': {'pool': pool_name(found['dest_pool_id']), 'name': found['dest_image_name']},
    }


def feature_names(features):
    return [name for name in rbd.RBD().features_to_string(features).split(',') if name] if features else []


def data_pool_of(image, ioctx):
    number = image.data_pool_id()
    return None if number == ioctx.get_pool_id() else pool_name(number)
