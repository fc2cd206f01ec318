"""Pools: their settings and their contents."""
import re
import time

from .connection import pool_of, rados, rbd
from .errors import optional
from .lock_holder import LOCK_PREFIX, first_holder
from .monitors import mon
from .requests import request

# More objects than this are not listed.
MOST_RECORDS = 100
# The objects that librbd itself keeps in each pool.
RECORDS = {'rbd_' + one for one in 'directory children info trash namespace mirroring mirror_leader task'.split()}

# The temporary name of an image (temporary-name.ts), which is written before the image is in the list.
HALF_NAME = re.compile(r'rbd_id\.(.*\.cdktf-libvirt-ceph-[0-9a-f]{16}-[0-9a-f]{16})')
HALF_NAME_SECONDS = 60


def pool_details():
    return mon('osd pool ls', detail='detail')


@request
def pool(name):
    for one in pool_details():
        if one['pool_name'] == name:
            return {
                'id': one['pool_id'],
                'size': one['size'],
                'minSize': one['min_size'],
                'crushRule': one['crush_rule'],
                'pgNum': one['pg_num_target'],
                'autoscaleMode': one['pg_autoscale_mode'],
                'flags': [flag for flag in one['flags_names'].split(',') if flag],
                'erasureCoded': one['type'] == 3,
                'applications': sorted(one['application_metadata']),
            }
    return None


@request
def poolNames():
    return [one['pool_name'] for one in pool_details()]


@request
def crushRule(name):
    rule = optional(lambda: mon('osd crush rule dump', name=name))
    return None if rule is None else rule['rule_id']


@request
def createPool(name, pgNum=None, autoscaleMode=None, size=None, crushRule=None):
    wanted = {'pg_num': pgNum, 'autoscale_mode': autoscaleMode, 'size': size, 'rule': crushRule}
    mon('osd pool create', pool=name, **{key: value for key, value in wanted.items() if value is not None})


@request
def setPool(name, key, value):
    mon('osd pool set', pool=name, var=key, val=str(value))


@request
def initPool(name):
    with pool_of(name) as ioctx:
        rbd.RBD().pool_init(ioctx, False)


@request
def deletePool(name):
    mon('osd pool delete', pool=name, pool2=name, yes_i_really_really_mean_it=True)


@request
def poolContents(name):
    with pool_of(name) as ioctx:
        found = {
            'images': rbd.RBD().list(ioctx),
            'trash': [one['name'] for one in rbd.RBD().trash_list(ioctx)],
            'namespaces': list(rbd.RBD().namespace_list(ioctx)),
            'objects': ioctx.get_stats()['num_objects'],
            'others': [],
        }
        # Listed last, so that the objects of an image that is created meanwhile are among them.
        found['tooMany'] = found['objects'] > MOST_RECORDS
        if not found['tooMany']:
            ioctx.set_namespace(rados.LIBRADOS_ALL_NSPACES)
            others = [one for one in ioctx.list_objects() if one.key not in RECORDS]
            dead = lambda one: is_dead_lock(ioctx, one) or is_dead_name(ioctx, one, found['images'])
            found['others'] = [one.key for one in others if not dead(one)]
        return found


def is_dead_lock(ioctx, found):
    """An empty object without a holder: what a worker leaves that was killed with a lock, once that has expired."""
    if not found.key.startswith(LOCK_PREFIX) or found.nspace:
        return False
    ioctx.set_namespace('')
    try:
        return ioctx.stat(found.key)[0] == 0 and first_holder(ioctx, found.key) is None
    except rados.ObjectNotFound:
        return True


def is_dead_name(ioctx, found, images):
    """A name without an image: what a worker leaves that was killed as it created or renamed one."""
    name = HALF_NAME.fullmatch(found.key)
    if name is None or found.nspace or name[1] in images:
        return False
    ioctx.set_namespace('')
    try:
        return time.time() - time.mktime(ioctx.stat(found.key)[1]) > HALF_NAME_SECONDS
    except rados.ObjectNotFound:
        return True
