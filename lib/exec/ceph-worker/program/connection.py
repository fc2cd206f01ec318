"""The connection to the cluster, and its pools."""
import errno
import os

from .errors import Failure

CONNECT_SECONDS = 15
MONITOR_SECONDS = 12
# Ceph's Python modules and the connection. The modules are imported late, as not every machine has them.
rados = rbd = cluster = None


def import_modules():
    """Returns the modules that are missing."""
    missing = []
    for name in ('rados', 'rbd'):
        try:
            globals()[name] = __import__(name)
        except ImportError as error:
            missing.append({'module': name, 'message': str(error)})
    return missing


def of_environment():
    """What CEPH_ARGS says of the connection itself, as `ceph` takes it; librados reads the rest."""
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
    global cluster
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
    cluster = handle


def pool_of(name):
    try:
        return cluster.open_ioctx(name)
    except rados.ObjectNotFound:
        raise Failure(errno.ENOENT, "pool '%s' does not exist" % name, 'pool')


def pool_name(number):
    return None if number is None or number < 0 else cluster.pool_reverse_lookup(number)
