"""The requests by name, and how one is answered."""
from .errors import failure_of
from .frames import send, send_progress

REQUESTS = {}
# Cut off, a rename or a move to the trash would leave an image with two names or none, and a lock would have to expire.
ATOMIC = {'renameImage', 'trashImage', 'restoreFromTrash', 'takeLock', 'releaseLock'}
PROGRESS = {'removeImage', 'flattenImage'}


def request(function):
    """Makes the function a request of that name; lib/ceph says what it means."""
    REQUESTS[function.__name__] = function
    return function


def answer(message):
    number, method = message['id'], message['method']
    try:
        params = message.get('params') or {}
        if method in PROGRESS:
            params['on_progress'] = lambda done, total: send_progress(number, done, total)
        send({'id': number, 'result': without_none(REQUESTS[method](**params))})
    except Exception as error:
        send({'id': number, 'error': failure_of(error)})


def without_none(value):
    """Leaves out what is None: JSON would have a null for it, which TypeScript does not take for undefined."""
    if isinstance(value, dict):
        return {key: without_none(one) for key, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value
