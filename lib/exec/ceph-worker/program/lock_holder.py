"""Who holds the lock of an image. The binding cannot say, so the OSD is asked, and its answer decoded here."""
import struct

LOCK_NAME = 'cdktf-libvirt-ceph'
LOCK_PREFIX = 'cdktf-libvirt-ceph.lock.'


def first_holder(ioctx, name):
    """The description of the first locker that has not expired: cls_lock_get_info_reply, as the OSD encodes it."""
    encoded = LOCK_NAME.encode()
    body = struct.pack('<I', len(encoded)) + encoded
    out = ioctx.execute(name, 'lock', 'get_info', struct.pack('<BBI', 1, 1, len(body)) + body)[1]
    return Reader(out).first_description() if out else None


class Reader:
    """Of what Ceph encodes, field after field."""

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
