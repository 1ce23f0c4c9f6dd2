"""Trees with small nodes: subclasses of every family's BTree and TreeSet, named as those with `Small` before."""

import importlib

FAMILIES = 'OO OI OU OL OQ IO II IF IU UO UU UF UI LO LL LF LQ QO QQ QF QL fs'.split()

for _family in FAMILIES:
    _module = importlib.import_module(f'BTrees.{_family}BTree')
    for _type in ('BTree', 'TreeSet'):
        _base = getattr(_module, _family + _type)
        _sizes = {'max_leaf_size': 4, 'max_internal_size': 3, '__module__': __name__}
        globals()[f'Small{_family}{_type}'] = type(f'Small{_family}{_type}', (_base,), _sizes)
