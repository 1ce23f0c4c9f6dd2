"""One turn of wendelin.core on a database: steps as JSON from standard input, hashes of all arrays as JSON to standard output.

alternating.py FILE FORMAT, where FORMAT is that of the blocks which are written.
"""
import hashlib
import json
import sys

import numpy
import transaction
from BTrees.OOBTree import OOBTree
from wendelin.bigarray.array_zodb import ZBigArray
from wendelin.bigfile import file_zodb
from wendelin.lib.zodb import dbclose, dbopen


def values(step, dtype, shape):
    count = dtype.itemsize
    for length in shape:
        count *= length
    pattern = step.get("pattern")
    if pattern is None:
        raw = numpy.zeros(count, dtype=numpy.uint8)
    else:
        at = numpy.arange(count, dtype=numpy.int64)
        mask = 1 if dtype == numpy.bool_ else 255
        raw = (pattern["a"] * at + pattern["b"] * (at >> 8) + pattern["c"]) & mask
        raw = raw.astype(numpy.uint8)
    return raw.view(dtype).reshape(shape)


def index(axis):
    if axis.get("single"):
        return axis["start"]
    return slice(axis["start"], axis["start"] + axis["count"] * axis["step"], axis["step"])


def create(root, step):
    root[step["name"]] = ZBigArray(tuple(step["shape"]), numpy.dtype(step["dtype"]), order=step["order"])


def write(root, step):
    array = root[step["name"]]
    shape = tuple(axis["count"] for axis in step["axes"] if not axis.get("single"))
    array[tuple(index(axis) for axis in step["axes"])] = values(step, array.dtype, shape)


def append(root, step):
    array = root[step["name"]]
    array.append(values(step, array.dtype, tuple(step["shape"])))


def resize(root, step):
    root[step["name"]].resize(tuple(step["shape"]))


def set_value(root, step):
    root[step["name"]] = step["value"]


def set_in_tree(root, step):
    tree = root["tree"]
    if step["value"] is None:
        tree.pop(step["name"], None)
    else:
        tree[step["name"]] = step["value"]


def commit(root, step):
    transaction.commit()


def abort(root, step):
    transaction.abort()


STEPS = {
    "create": create,
    "write": write,
    "append": append,
    "resize": resize,
    "value": set_value,
    "tree": set_in_tree,
    "commit": commit,
    "abort": abort,
}


def seen(root):
    arrays = {}
    rest = {}
    for name, value in root.items():
        if isinstance(value, ZBigArray):
            arrays[name] = {"shape": list(value.shape), "dtype": value.dtype.str, "sha1": sha1(value)}
        elif not isinstance(value, OOBTree):
            rest[name] = value
    return {"arrays": arrays, "values": rest, "tree": list(root["tree"].items())}


def sha1(array):
    content = b"" if array.size == 0 else numpy.ascontiguousarray(array[:]).tobytes()
    return hashlib.sha1(content).hexdigest()


path, file_zodb.ZBlk_fmt_write = sys.argv[1:]
root = dbopen(path)
before = seen(root)
for step in json.load(sys.stdin):
    STEPS[step["op"]](root, step)
json.dump({"before": before, "after": seen(root)}, sys.stdout)
transaction.abort()
dbclose(root)
