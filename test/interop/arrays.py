"""What wendelin.core sees in the arrays of a database, as JSON: arrays.py describe FILE, or arrays.py change FILE.

change commits, as Python programs do: elements of A and all of B changed, A grown by three, a new array C.
"""
import hashlib
import json
import sys

import numpy
import transaction
from wendelin.bigarray.array_zodb import ZBigArray
from wendelin.lib.zodb import dbclose, dbopen


def describe(root):
    return {name: description(array) for name, array in root.items() if isinstance(array, ZBigArray)}


def description(array):
    values = array[:]
    return {
        "dtype": array.dtype.str,
        "shape": list(array.shape),
        "first": values[:10].tolist(),
        "last": values[-10:].tolist(),
        "sum": int(values.sum()),
        "sha1": hashlib.sha1(values.tobytes()).hexdigest(),
        "blocks": {str(n): type(block).__name__ for n, block in array.zfile.blktab.items()},
    }


def change(root):
    root["A"][3:4] = 333
    root["A"][-1:] = -1
    root["B"][:] = root["B"][:] + 1
    root["A"].append(numpy.array([7, 8, 9]))
    root["C"] = ZBigArray((2, 3), numpy.float64)
    transaction.commit()
    root["C"][:] = [[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]
    transaction.commit()
    return describe(root)


what, path = sys.argv[1:]
root = dbopen(path)
json.dump({"describe": describe, "change": change}[what](root), sys.stdout)
dbclose(root)
