"""How numpy spells and pickles dtypes: dtypes.py prints, for each dtype below, its texts and its pickle as JSON."""
import io
import json
import pickle
import sys

import numpy as np

SPECS = [
    '?', 'i1', 'u1', '<i2', '<u2', '<i4', '<u4', '<i8', '<u8', 'f2', 'f4', 'f8', 'f16', 'c8', 'c16', 'c32',
    '>i2', '>u2', '>i4', '>u4', '>i8', '>u8', '>f2', '>f4', '>f8', '>c8', '>c16', '>f16',
    'S5', 'S1', 'U5', '>U3', 'V7', 'M8', 'M8[ns]', 'M8[10ms]', 'm8[D]', 'm8', '>M8[us]', 'M8[s/10]', 'M8[Y]',
    'int', 'float', 'complex', 'bool', 'half', 'longlong', 'l', 'd', 'D', 'Q',
    'i4,f8', 'i4, (2,3)f8', '2i4,f4', '3i4', '(2,)i4', 'M8[ns],m8[s]',
    [['a', '<i4'], ['b', '>f8']],
    [['a', 'i1'], ['b', 'S3'], ['c', 'f8', [2, 3]]],
    [['p', [['x', 'f4'], ['y', 'f4']]], ['t', 'M8[s]']],
    [['t', 'M8[ns]'], ['v', 'f8']],
    [['a', 'U5'], ['b', '?'], ['c', 'c16']],
    [['a', 'V3'], ['b', 'i8']],
    [['', 'i4'], ['', 'f8']],
    [[['Title', 'a'], 'i4'], ['b', 'u2']],
    [['it\'s', 'i4'], ['naïve', 'f8']],
    [['a', 'f4', 3], ['b', 'i4', [1]]],
    [['s', 'U3', [2]]],
    [],
    {'names': ['a', 'b'], 'formats': ['i4', 'f8'], 'offsets': [4, 16], 'itemsize': 32},
    {'names': ['a', 'b'], 'formats': ['i4', 'i4'], 'offsets': [4, 0]},
    {'names': ['a', 'b'], 'formats': ['i4', 'i4'], 'offsets': [0, 2]},
    {'names': ['a', 'b'], 'formats': ['i4', 'f8'], 'titles': ['Ta', None]},
    {'names': ['a', 'b'], 'formats': ['i1', 'f8'], 'aligned': True},
    {'names': ['a', 'b', 'c'], 'formats': ['f8', 'i1', [['x', 'i2'], ['y', 'i4']]], 'aligned': True},
]
WRONG = ['x', 'i3', 'f3', 'int64 ', 'M8[]', 'M8[x]', 'i4[ns]', '', '<', '(2)', 'b2', 'c4', '<int64']


def to_python(spec):
    """Lists of [name, dtype, shape?] become lists of tuples."""
    if isinstance(spec, list):
        return [
            tuple(
                tuple(part) if i == 0 and isinstance(part, list)
                else to_python(part) if i == 1
                else tuple(part) if isinstance(part, list) else part
                for i, part in enumerate(field)
            )
            for field in spec
        ]
    if isinstance(spec, dict):
        aligned = spec.get('aligned', False)
        layout = {key: value for key, value in spec.items() if key != 'aligned'}
        layout['formats'] = [to_python(part) for part in layout['formats']]
        return np.dtype(layout, align=aligned)
    return spec


def refused(spec):
    try:
        np.dtype(spec)
    except TypeError:
        return True
    return False


if __name__ == '__main__':
    cases = []
    for spec in SPECS:
        dtype = np.dtype(to_python(spec))
        buffer = io.BytesIO()
        pickle.Pickler(buffer, 3).dump(dtype)
        cases.append({
            'spec': spec,
            'str': dtype.str,
            'text': str(dtype),
            'name': dtype.name,
            'itemsize': dtype.itemsize,
            'alignment': dtype.alignment,
            'kind': dtype.kind,
            'pickle': buffer.getvalue().hex(),
        })
    json.dump({'cases': cases, 'refused': [spec for spec in WRONG if refused(spec)]}, sys.stdout)
