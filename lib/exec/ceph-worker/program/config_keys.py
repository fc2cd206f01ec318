"""The monitors' config-key store, where our marks are."""
import errno
import json

from .connection import cluster
from .errors import Failure
from .monitors import mon
from .requests import request

OUR_KEYS = 'cdktf-libvirt-ceph/'


def ours(key):
    """Refuses other keys, which may be secrets of others."""
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
