"""Asks and changes one Ceph cluster for the script that started it: JSON lines in, framed JSON lines out.

Started by worker.ts over the cluster's transport; lib/ceph says what each request means. A thread takes each request, so
that a long one holds up no other and no renewal of a lock. At the end of its input it lets requests end that must not be
cut off, gives its locks back and ends: one rule for a stop, a kill and a connection that was cut. No key is ever in a
request or in an answer.
"""
import datetime
import errno
import json
import os
import signal
import struct
import sys
import threading
import time

CONNECT_SECONDS = 15
MONITOR_SECONDS = 12
LOCK_NAME = 'cdktf-libvirt-ceph'
LOCK_PREFIX = 'cdktf-libvirt-ceph.lock.'
OUR_KEYS = 'cdktf-libvirt-ceph/'
MOST_RECORDS = 100
REQUESTS = {}
# A rename or a move to the trash that is cut off leaves one image with two names, or none; a lock would be left to expire.
ATOMIC = {'renameImage', 'trashImage', 'restoreFromTrash', 'takeLock', 'giveLock'}


class Failure(Exception):
    """Of a request, as Ceph words it."""

    def __init__(self, number, message, missing=None):
        super().__init__(message)
        self.errno = number
        self.missing = missing


def request(function):
    REQUESTS[function.__name__] = function
    return function


# ---- the frame -----------------------------------------------------------------------------------------------------------

writing = threading.Lock()


def send(message):
    """On a line of its own that begins with the tag: a login shell that prints gets into no answer."""
    line = '\n%s %s\n' % (tag, json.dumps(message))
    with writing:
        try:
            sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
        except OSError:
            pass  # Nobody reads any more: the end of input follows.


def failure_of(error):
    number = abs(getattr(error, 'errno', None) or errno.EIO)
    text = str(error)
    if text.startswith('[errno '):
        text = text[text.index(']') + 1 :].strip()
    if not isinstance(error, (Failure, rados.Error, rbd.Error)):
        text = '%s: %s' % (type(error).__name__, text)
    return {'errno': number, 'message': text, 'missing': getattr(error, 'missing', None)}


def answer(message):
    number, method = message['id'], message['method']
    try:
        params = message.get('params') or {}
        if method in PROGRESS:
            params['on_progress'] = lambda done, total: progress(number, done, total)
        send({'id': number, 'result': without_none(REQUESTS[method](**params))})
    except Exception as error:
        send({'id': number, 'error': failure_of(error)})


def without_none(value):
    """What is not there is left out: JSON has a null for it, which TypeScript does not take for undefined."""
    if isinstance(value, dict):
        return {key: without_none(one) for key, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


told = {}


def progress(number, done, total):
    percent = int(done * 100 / total) if total else 0
    if told.get(number) != percent:
        told[number] = percent
        send({'id': number, 'progress': percent})
    return 0


# ---- monitors ------------------------------------------------------------------------------------------------------------


def mon(prefix, target=None, inbuf=b'', **arguments):
    command = json.dumps({'prefix': prefix, 'format': 'json', **arguments})
    result, out, said = cluster.mon_command(command, inbuf, MONITOR_SECONDS, target=target)
    if result != 0:
        raise Failure(-result, said or os.strerror(-result))
    return json.loads(out) if out.strip()[:1] in (b'{', b'[', b'"') else out.decode(errors='replace').strip()


def optional(work):
    try:
        return work()
    except Exception as error:
        if getattr(error, 'errno', None) in (errno.ENOENT, -errno.ENOENT) and not getattr(error, 'missing', None):
            return None
        raise


@request
def monitors():
    return [one['addr'] for each in mon('mon dump')['mons'] for one in each['public_addrs']['addrvec']]


@request
def ticketSeconds():
    return float(mon('config get', who='mon', key='auth_mon_ticket_ttl'))


@request
def sessions(entity):
    found = {}
    for name in mon('quorum_status')['quorum_names']:
        for one in mon('sessions', target=name):
            if one.get('entity_name') == entity:
                at = one.get('socket_addr')
                found[one['global_id']] = '%s/%s' % (at['addr'], at['nonce']) if at else None
    return [{'client': client, 'address': address} for client, address in found.items()]


# ---- pools ---------------------------------------------------------------------------------------------------------------


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


RECORDS = {'rbd_' + one for one in 'directory children info trash namespace mirroring mirror_leader task'.split()}


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
        # Last, as it shows the objects of an image that was made since, too.
        found['tooMany'] = found['objects'] > MOST_RECORDS
        if not found['tooMany']:
            ioctx.set_namespace(rados.LIBRADOS_ALL_NSPACES)
            others = [one for one in ioctx.list_objects() if one.key not in RECORDS]
            found['others'] = [one.key for one in others if not is_dead_lock(ioctx, one)]
        return found


def is_dead_lock(ioctx, found):
    """What a worker leaves that was killed with the lock, once that has expired: an object without content and holder."""
    if not found.key.startswith(LOCK_PREFIX) or found.nspace:
        return False
    ioctx.set_namespace('')
    try:
        return ioctx.stat(found.key)[0] == 0 and first_holder(ioctx, found.key) is None
    except rados.ObjectNotFound:
        return True


# ---- cephx clients -------------------------------------------------------------------------------------------------------


def auth_of(entity):
    found = optional(lambda: mon('auth get', entity=entity))
    return found[0] if found else None


@request
def clientCaps(entity):
    """Ceph 16 has no command that tells the capabilities without the key: that is dropped here."""
    found = auth_of(entity)
    return None if found is None else found['caps']


@request
def keyDigest(entity):
    import hashlib  # not at the start, which every script pays

    found = auth_of(entity)
    return None if found is None else hashlib.sha256(found['key'].encode()).hexdigest()


def caps_words(caps):
    return [word for daemon, text in caps.items() if text for word in (daemon, text)]


@request
def addClient(entity, caps):
    mon('auth add', entity=entity, caps=caps_words(caps))


@request
def setClientCaps(entity, caps):
    mon('auth caps', entity=entity, caps=caps_words(caps))


@request
def removeClient(entity):
    mon('auth del', entity=entity)


# ---- config-key ----------------------------------------------------------------------------------------------------------


def ours(key):
    """Others keep their secrets in there."""
    if not key.startswith(OUR_KEYS):
        raise Failure(errno.EPERM, "'%s' is not below '%s'" % (key, OUR_KEYS))
    return key


@request
def configKey(key):
    result, out, said = cluster.mon_command(json.dumps({'prefix': 'config-key get', 'key': ours(key)}), b'')
    if result == -errno.ENOENT:
        return None
    if result != 0:
        raise Failure(-result, said)
    return out.decode(errors='replace')


@request
def configKeys(prefix):
    return mon('config-key dump', key=ours(prefix)) or {}


@request
def setConfigKey(key, value):
    mon('config-key set', inbuf=value.encode(), key=ours(key))


@request
def removeConfigKey(key):
    mon('config-key rm', key=ours(key))


# ---- images --------------------------------------------------------------------------------------------------------------


def pool_of(name):
    try:
        return cluster.open_ioctx(name)
    except rados.ObjectNotFound:
        raise Failure(errno.ENOENT, "pool '%s' does not exist" % name, 'pool')


def pool_name(number):
    return None if number is None or number < 0 else cluster.pool_reverse_lookup(number)


NAMESPACES = {0: 'user', 1: 'group', 2: 'trash', 3: 'mirror'}


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
        # The binding does not say; a parent in the trash is one that its name does not open.
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


MIRRORING = {0: 'disabling', 1: 'enabled', 3: 'creating'}


def mirroring_of(image):
    try:
        found = image.mirror_image_get_info()
    except rbd.Error as error:
        if abs(error.errno) in (errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL):
            return None
        raise
    state = MIRRORING.get(found['state'])
    return {'state': state, 'primary': found['primary']} if state else None


MIGRATION = 'error preparing prepared executing executed aborting'.split()


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


def names_of(features):
    return [name for name in rbd.RBD().features_to_string(features).split(',') if name] if features else []


def data_pool_of(image, ioctx):
    number = image.data_pool_id()
    return None if number == ioctx.get_pool_id() else pool_name(number)


def opened(ioctx, name, read_only=True, snapshot=None):
    """A look opens read-only, and so is no watcher of its own."""
    return rbd.Image(ioctx, name, snapshot=snapshot, read_only=read_only)


@request
def image(pool, name):
    with pool_of(pool) as ioctx:
        try:
            one = opened(ioctx, name)
        except rbd.ImageNotFound:
            return None
        with one:
            stat = one.stat()
            features = names_of(one.features())
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
def watchers(pool, name):
    with pool_of(pool) as ioctx:
        try:
            with opened(ioctx, name) as one:
                return watchers_of(one)
        except rbd.ImageNotFound:
            return []


@request
def imageNames(pool):
    with pool_of(pool) as ioctx:
        return rbd.RBD().list(ioctx)


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
    with opened(ioctx, name) as one:
        parents = [parent_of(one)]
        for snapshot in snapshots_of(one):
            if snapshot['namespace'] == 'user':
                with opened(ioctx, name, snapshot=snapshot['name']) as at:
                    parents.append(parent_of(at))
        known = {(each['pool'], each['image']) for each in parents if each}
        return {
            'name': name,
            'parents': [{'pool': pool, 'image': image} for pool, image in sorted(known)],
            'dataPool': data_pool_of(one, ioctx),
            'watchers': watchers_of(one),
        }


@request
def imageSpace(pool, name):
    """What `rbd du` tells: the data of each snapshot that is not in the one before, and what is written since the last."""
    with pool_of(pool) as ioctx:
        try:
            one = opened(ioctx, name)
        except rbd.ImageNotFound:
            return None
        with one:
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


@request
def children(pool, name, snapshot=None):
    found = []
    with pool_of(pool) as ioctx, opened(ioctx, name) as one:
        for each in list(one.list_snaps()):
            if snapshot is None or (each['name'] == snapshot and each['namespace'] == 0):
                one.set_snap_by_id(each['id'])
                found.extend(one.list_children2())
    return [{key: child[key] for key in ('pool', 'image', 'id', 'trash')} for child in found]


@request
def isRemovalInterrupted(pool, name):
    """The name of an image stands in the pool's list and the image is gone: its removal was cut off."""
    with pool_of(pool) as ioctx:
        if name not in rbd.RBD().list(ioctx):
            return False
        try:
            ioctx.stat('rbd_id.%s' % name)
            return False
        except rados.ObjectNotFound:
            return True


def made_with(objectSize=None, dataPool=None, features=None):
    return {
        'order': None if objectSize is None else objectSize.bit_length() - 1,
        'data_pool': dataPool,
        'features': None if features is None else rbd.RBD().features_from_string(','.join(features)),
    }


@request
def createImage(pool, name, size, **options):
    with pool_of(pool) as ioctx:
        rbd.RBD().create(ioctx, name, size, old_format=False, **made_with(**options))


@request
def cloneImage(parent, pool, name, **options):
    """Of format 2 by the configuration that the worker is given: the binding of Ceph 16 cannot say it."""
    with pool_of(parent['pool']) as source, pool_of(pool) as ioctx:
        rbd.RBD().clone(source, parent['name'], parent['snapshot'], ioctx, name, **made_with(**options))


@request
def growImage(pool, name, size):
    """The binding shrinks where it is not told not to; what somebody else has grown meanwhile stays."""
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        if one.size() < size:
            one.resize(size, allow_shrink=False)


@request
def renameImage(pool, name, to):
    with pool_of(pool) as ioctx:
        rbd.RBD().rename(ioctx, name, to)


@request
def trashImage(pool, name, delaySeconds):
    with pool_of(pool) as ioctx:
        rbd.RBD().trash_move(ioctx, name, delaySeconds)


@request
def removeImage(pool, name, on_progress):
    with pool_of(pool) as ioctx:
        rbd.RBD().remove(ioctx, name, on_progress=on_progress)


@request
def flattenImage(pool, name, on_progress):
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        one.flatten(on_progress=on_progress)


@request
def setMetadata(pool, name, key, value):
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        one.metadata_set(key, value)


@request
def removeMetadata(pool, name, key):
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        one.metadata_remove(key)


@request
def createSnapshot(pool, name, snapshot):
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        one.create_snap(snapshot)


@request
def removeSnapshot(pool, name, snapshot):
    with pool_of(pool) as ioctx, opened(ioctx, name, False) as one:
        one.remove_snap(snapshot)


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


@request
def restoreFromTrash(pool, id, name):
    with pool_of(pool) as ioctx:
        rbd.RBD().trash_restore(ioctx, id, name)


PROGRESS = {'removeImage', 'flattenImage'}


# ---- locks ---------------------------------------------------------------------------------------------------------------

MAY_RENEW, MUST_RENEW = 1, 2
DURATION, RENEWAL = 60, 15
held = {}
guard = threading.Lock()


class Lock:
    """The exclusive lock of an image, on an object of its own beside it. Not renewed, it expires at the OSD."""

    def __init__(self, pool, image, holder):
        self.pool, self.holder = pool, holder
        self.object = LOCK_PREFIX + image
        self.cookie = '%s-%s' % (os.getpid(), time.monotonic_ns())
        self.ended = threading.Event()

    def take(self, flags=0):
        with pool_of(self.pool) as ioctx:
            ioctx.lock_exclusive(self.object, LOCK_NAME, self.cookie, self.holder, DURATION, flags)

    def renew(self):
        last = time.monotonic()
        while not self.ended.wait(RENEWAL):
            try:
                self.take(MUST_RENEW)
                last = time.monotonic()
            except Exception as error:
                send({'lost': {'lock': self.cookie, **failure_of(error)}})
                return

    def give(self):
        """By removing the object. Renewed just before, nobody else can get it until that is done."""
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
def giveLock(lock):
    with guard:
        one = held.pop(lock, None)
    if one:
        one.give()


def holder_of(pool, name):
    with pool_of(pool) as ioctx:
        try:
            return first_holder(ioctx, name)
        except rados.Error:
            return None


def first_holder(ioctx, name):
    """The description of the first locker that has not expired: cls_lock_get_info_reply, as the OSD encodes it."""
    encoded = LOCK_NAME.encode()
    body = struct.pack('<I', len(encoded)) + encoded
    out = ioctx.execute(name, 'lock', 'get_info', struct.pack('<BBI', 1, 1, len(body)) + body)[1]
    return Reader(out).first_description() if out else None


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value = struct.unpack_from('<' + form, self.data, self.at)[0]
        self.at += struct.calcsize('<' + form)
        return value

    def block(self):
        """Version, compatible version, length."""
        self.at += 2
        return self.take('I') + self.at

    def text(self):
        length = self.take('I')
        self.at += length
        return self.data[self.at - length : self.at].decode(errors='replace')

    def address(self):
        if self.take('B') == 1:
            self.at = self.block()
        else:
            self.at += 3 + 4 + 128  # the form before Ceph 10: the rest of the type, nonce, sockaddr_storage

    def first_description(self):
        self.block()
        if self.take('I') == 0:
            return None
        self.at = self.block()  # who
        self.block()
        self.at += 8  # until when
        self.address()
        return self.text()


# ---- the run -------------------------------------------------------------------------------------------------------------


def of_environment():
    """What CEPH_ARGS says of the connection itself, as `ceph` takes it; the rest of it is read by librados."""
    text = os.environ.get('CEPH_ARGS', '')
    if not text:
        return None, None
    import shlex

    words = [part for word in shlex.split(text) for part in word.split('=', 1)]
    said = dict(zip(words, words[1:]))
    user = said.get('--id') or said.get('--user')
    name = said.get('--name') or said.get('-n') or (user and 'client.%s' % user)
    return said.get('--conf') or said.get('-c'), name


def connect(settings):
    options = {key: str(value) for key, value in settings.get('options', {}).items()}
    if settings.get('keyring'):
        options['keyring'] = settings['keyring']
    options['rados_mon_op_timeout'] = str(MONITOR_SECONDS)
    options['client_mount_timeout'] = str(CONNECT_SECONDS)
    options['rbd_default_clone_format'] = '2'
    conf, name = of_environment()
    conf = settings.get('conf') or conf
    name = 'client.%s' % settings['id'] if settings.get('id') else name or 'client.admin'
    handle = rados.Rados(name=name, conffile=rados.Rados.DEFAULT_CONF_FILES if conf is None else conf)
    handle.conf_parse_env()
    for key, value in options.items():
        handle.conf_set(key, value)
    handle.connect(timeout=CONNECT_SECONDS)
    return handle


class End(Exception):
    pass


def end_by_signal(*_):
    raise End()


def end(running):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for thread in running:
        thread.join()
    with guard:
        locks = list(held.values())
        held.clear()
    giving = [threading.Thread(target=lock.give, daemon=True) for lock in locks]
    for thread in giving:
        thread.start()
    for thread in giving:
        thread.join(timeout=30)
    os._exit(0)


def read(running):
    for line in iter(sys.stdin.buffer.readline, b''):
        message = json.loads(line)
        thread = threading.Thread(target=answer, args=(message,), daemon=True)
        if message['method'] in ATOMIC:
            running.append(thread)
        thread.start()


def main():
    global cluster, rados, rbd
    line = sys.stdin.buffer.readline()
    if not line:
        send({'noInput': True})
        return
    settings = json.loads(line)
    send({'fed': True})
    missing = []
    for name in ('rados', 'rbd'):
        try:
            globals()[name] = __import__(name)
        except ImportError as error:
            missing.append({'module': name, 'message': str(error)})
    if missing:
        send({'missing': missing, 'python': sys.executable})
        return
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        cluster = connect(settings)
    except Exception as error:
        send({'refused': failure_of(error)})
        os._exit(1)
    send({'ready': {}})
    running = []
    try:
        read(running)
    except End:
        pass
    end(running)


main()
