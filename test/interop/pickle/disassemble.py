"""Reads records (length in 4 bytes big-endian, then the pickles of one memo) from standard input; prints for each the
digest of what pickletools prints for them, one a line. With a number as argument, prints that record's text instead.
"""
import hashlib
import io
import pickletools
import struct
import sys


def text(record):
    out = io.StringIO()
    source = io.BytesIO(record)
    memo = {}
    while source.tell() < len(record):
        pickletools.dis(source, out, memo)
    return out.getvalue()


wanted = int(sys.argv[1]) if len(sys.argv) > 1 else None
number = 0
while True:
    head = sys.stdin.buffer.read(4)
    if not head:
        break
    record = sys.stdin.buffer.read(struct.unpack('>I', head)[0])
    if wanted is None:
        print(hashlib.sha1(text(record).encode('utf-8', 'surrogatepass')).hexdigest())
    elif wanted == number:
        sys.stdout.buffer.write(text(record).encode('utf-8', 'surrogatepass'))
    number += 1
