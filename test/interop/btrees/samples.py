"""Keys and values of every family, by number: the twin of test/btrees/samples.ts."""

from functools import lru_cache

COUNT = 4000
KINDS = 6


def _object_key(n, kind):
    if kind == 0:
        return n - 2000
    if kind == 1:
        return None if n == 0 else f'key {n:04}'
    if kind == 2:
        return bytes([0xf0, n >> 8, n & 255])
    if kind == 3:
        return (n >> 9, ((n >> 3) & 63, n & 7), None)
    if kind == 4:
        return chr(0xf000 + n) if n < 2000 else chr(0x10000 + n)
    return n // 4 - 500 if n % 4 == 0 else n / 4 - 500


@lru_cache(maxsize=None)
def key_at(family, n, kind):
    letter = 'fs' if family == 'fs' else family[0]
    if letter == 'I':
        return (n - 2000) * 1000003
    if letter == 'U':
        return n * 1000003
    if letter == 'L':
        return n - 2**63 if n < 1000 else n - 2000 if n < 3000 else (n - 2990) * 2**53
    if letter == 'Q':
        return n if n < 2000 else 2**64 - 4000 + n
    if letter == 'fs':
        return bytes([n >> 8, n & 255])
    return _object_key(n, kind)


@lru_cache(maxsize=None)
def value_at(family, n):
    letter = 'fs' if family == 'fs' else family[1]
    if letter == 'I':
        return n - 5
    if letter == 'U':
        return n * 400000000
    if letter == 'L':
        return (n - 5) * 2**60
    if letter == 'Q':
        return 2**64 - 1 - n
    if letter == 'F':
        return n / 8
    if letter == 'fs':
        return bytes([n, 0, 255, n, 1, 2])
    return f'value {n}' if n % 2 == 0 else (n, n)
