"""Objects as JSON that says everything: type, value, order and sharing. test/pickle/neutral.ts writes the same for ours."""
import struct


def neutral(value, seen):
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return ['int', str(value)]
    if kind is float:
        return ['float', struct.pack('>d', value).hex()]
    if kind is str:
        return ['str', value]
    if kind is bytes:
        return ['bytes', value.hex()]
    if kind is type:
        return ['global', value.__module__, value.__qualname__]
    if id(value) in seen:
        return ['again', seen[id(value)][0]]
    number = len(seen)
    seen[id(value)] = (number, value)
    if kind is tuple or kind is list:
        return [kind.__name__, number, [neutral(item, seen) for item in value]]
    if kind is set or kind is frozenset:
        return [kind.__name__, number, [neutral(item, seen) for item in value]]
    if kind is bytearray:
        return ['bytearray', number, value.hex()]
    if kind is dict:
        return ['dict', number, [[neutral(k, seen), neutral(v, seen)] for k, v in value.items()]]
    raise TypeError('no neutral form for %r' % kind)
