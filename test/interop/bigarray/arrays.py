"""What wendelin.core sees in the arrays of a database: arrays.py FILE prints it as JSON.

Every array is then changed (its elements in reverse, and one more row) and committed.
"""
import json
import sys

import numpy as np
import transaction
from wendelin.bigarray.array_zodb import ZBigArray
from wendelin.lib.zodb import dbclose, dbopen

root = dbopen(sys.argv[1])
seen = {}
for name, array in sorted(root.items()):
    assert type(array) is ZBigArray
    values = array[:]
    seen[name] = {
        'dtype': str(array.dtype),
        'shape': list(array.shape),
        'strides': list(array.strides),
        'bytes': values.tobytes('A' if array._order == 'F' else 'C').hex(),
        'blocks': {str(n): type(block).__name__ for n, block in array.zfile.blktab.items()},
    }
    values[...] = values[::-1, ::-1].copy()
    array.append(np.array(values[:1] if array._order == 'C' else values[:, :1]))
transaction.commit()
for name, array in root.items():
    seen[name]['after'] = array[:].tobytes('C').hex()
json.dump(seen, sys.stdout)
dbclose(root)
