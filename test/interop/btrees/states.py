"""The states of a tree and all nodes under it as text: the twin of states.ts.

One line a node, `#number Class state`, in the order in which they are met.
"""

import struct

from persistent import Persistent


def text_of(value, reference):
    """A value of a state as text; `reference` gives that of anything else than plain values and tuples."""
    if value is None:
        return 'n'
    if isinstance(value, int):
        return f'i{int(value)}'
    if isinstance(value, float):
        return f'f{struct.pack(">d", value).hex()}'
    if isinstance(value, str):
        return f's{value.encode("utf-8").hex()}'
    if isinstance(value, bytes):
        return f'b{value.hex()}'
    if isinstance(value, tuple):
        return f'({",".join(text_of(item, reference) for item in value)})'
    return reference(value)


def states(root):
    numbers = {id(root): 0}
    nodes = [root]

    def reference(value):
        if not isinstance(value, Persistent):
            raise TypeError(f'a state holds {value!r}')
        if id(value) not in numbers:
            numbers[id(value)] = len(nodes)
            nodes.append(value)
        return f'#{numbers[id(value)]}'

    lines = []
    for node in nodes:
        lines.append(f'#{len(lines)} {type(node).__name__} {text_of(node.__getstate__(), reference)}')
    return lines
