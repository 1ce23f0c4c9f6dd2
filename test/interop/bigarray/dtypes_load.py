"""Loads pickles of dtypes: reads a list of {spec, pickle} as JSON, prints for each "equal" or what is wrong."""
import json
import pickle
import sys
import warnings

from dtypes import to_python

import numpy as np

warnings.simplefilter('error')


def verdict(case):
    expected = np.dtype(to_python(case['spec']))
    try:
        loaded = pickle.loads(bytes.fromhex(case['pickle']))
    except Exception as error:
        return '%s: %r' % (expected, error)
    same = loaded == expected and loaded.fields == expected.fields and loaded.alignment == expected.alignment
    return 'equal' if same and np.zeros(3, loaded).dtype == np.zeros(3, expected).dtype else '%r != %r' % (loaded, expected)


json.dump([verdict(case) for case in json.load(sys.stdin)], sys.stdout)
