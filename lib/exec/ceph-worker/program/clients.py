"""cephx clients: their capabilities and the digest of their key. The key itself never leaves this process."""
from .errors import optional
from .monitors import mon
from .requests import request


def auth_of(entity):
    found = optional(lambda: mon('auth get', entity=entity))
    return found[0] if found else None


@request
def clientCaps(entity):
    """Ceph 16 has no command that returns the capabilities without the key, which is dropped here."""
    found = auth_of(entity)
    return None if found is None else found['caps']


@request
def keyDigest(entity):
    import hashlib  # not at the top, which every script would pay for

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
