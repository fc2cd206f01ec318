"""Lists pools, images, trash and clients, as JSON: ["pool vms", "image vms/web1-root", "client client.libvirt"].

In one process: `ceph` and `rbd` load for a tenth of a second and more, and would do so twice for each pool.
Arguments: the configuration file, how the pools begin; that is anywhere in the names of the clients.
"""
import json
import os
import rados
import rbd
import sys

conf, prefix = sys.argv[1:]
cluster = rados.Rados(conffile=conf)
cluster.connect(timeout=60)
found = []
for pool in cluster.list_pools():
    if not pool.startswith(prefix):
        continue
    ioctx = cluster.open_ioctx(pool)
    images = rbd.RBD().list(ioctx)
    trash = [image['name'] for image in rbd.RBD().trash_list(ioctx) if image['source'] == 'USER']
    found += ['pool ' + pool]
    found += ['image %s/%s' % (pool, name) for name in images]
    found += ['trash %s/%s' % (pool, name) for name in trash]
code, users, said = cluster.mon_command(json.dumps({'prefix': 'auth ls', 'format': 'json'}), b'')
if code != 0:
    sys.exit('auth ls: %s' % said)
entities = [user['entity'] for user in json.loads(users)['auth_dump']]
found += ['client ' + entity for entity in entities if entity.startswith('client.') and prefix in entity]
print(json.dumps(found), flush=True)
# Threads of librados still run, and may crash while Python takes its modules down.
os._exit(0)
