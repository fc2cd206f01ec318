"""Commands to the monitors, and requests about the monitors themselves."""
import json
import os

from .connection import MONITOR_SECONDS, cluster
from .errors import Failure
from .requests import request


def mon(prefix, target=None, inbuf=b'', **arguments):
    command = json.dumps({'prefix': prefix, 'format': 'json', **arguments})
    result, out, said = cluster.mon_command(command, inbuf, MONITOR_SECONDS, target=target)
    if result != 0:
        raise Failure(-result, said or os.strerror(-result))
    return json.loads(out) if out.strip()[:1] in (b'{', b'[', b'"') else out.decode(errors='replace').strip()


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
