"""Deletes pools, and what else of ours has a name that begins in one of the given ways: pools, clients and marks.

In one process: `ceph` loads for a tenth of a second, and would do so ten times in every test file.
Arguments: the configuration file, JSON of {"pools": [name], "prefixes": [text]}.
"""
import json
import os
import rados
import sys

OURS = 'cdktf-libvirt-ceph/'
cluster = rados.Rados(conffile=sys.argv[1])
cluster.connect(timeout=60)
wanted = json.loads(sys.argv[2])
prefixes = tuple(wanted['prefixes'])


def mon(prefix, **params):
    code, output, said = cluster.mon_command(json.dumps({'prefix': prefix, 'format': 'json', **params}), b'')
    if code != 0:
        sys.exit('%s %s: %s' % (prefix, params, said))
    return output


def begins(name):
    return prefixes != () and name.startswith(prefixes)


pools = set(wanted['pools']) | {pool for pool in cluster.list_pools() if begins(pool)}


def is_of_them(key):
    """Of 'cdktf-libvirt-ceph/pool/vms', 'cdktf-libvirt-ceph/client/libvirt', 'cdktf-libvirt-ceph/trash/vms/1a2b'."""
    kind, _, name = key[len(OURS):].partition('/')
    if kind == 'trash':
        return name.rpartition('/')[0] in pools
    return name in pools if kind == 'pool' else begins(name)


mon('config set', who='mon', name='mon_allow_pool_delete', value='true')
for pool in pools:
    mon('osd pool rm', pool=pool, pool2=pool, yes_i_really_really_mean_it=True)
mon('config rm', who='mon', name='mon_allow_pool_delete')
if prefixes:
    for user in json.loads(mon('auth ls'))['auth_dump']:
        kind, _, name = user['entity'].partition('.')
        if kind == 'client' and begins(name):
            mon('auth rm', entity=user['entity'])
for key in json.loads(mon('config-key ls')):
    if key.startswith(OURS) and is_of_them(key):
        mon('config-key rm', key=key)
# Threads of librados still run, and may crash while Python takes its modules down.
os._exit(0)
