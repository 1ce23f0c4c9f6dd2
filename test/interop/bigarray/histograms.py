"""Histograms of random arrays, judged by numpy: histograms.py SEED COUNT prints a list of cases as JSON."""
import json
import random
import sys

import numpy as np

seed, count = int(sys.argv[1]), int(sys.argv[2])
rnd = random.Random(seed)
rng = np.random.default_rng(seed)

cases = []
for _ in range(count):
    dtype = np.dtype(rnd.choice(['u1', 'i2', 'i4', 'i8', 'u8', 'f4', 'f8', '>f8', '>i8']))
    n = rnd.choice([0, 1, 5, 1000, 20000])
    array = (rng.integers(0, 100, n) if dtype.kind in 'iu' else rng.standard_normal(n) * 10).astype(dtype)
    options = {}
    if rnd.random() < 0.7:
        options['bins'] = rnd.choice([1, 3, 10, 33, [0, 1, 5, 50], [-5, 0.25, 0.5, 7, 7, 99], [3, 3]])
    if rnd.random() < 0.4 and not isinstance(options.get('bins'), list):
        options['range'] = rnd.choice([(0, 10), (-3, 3.5), (50, 51), (5, 5)])
    counts, edges = np.histogram(array, **options)
    cases.append({
        'dtype': dtype.str, 'bytes': array.tobytes().hex(), 'options': options,
        'counts': counts.tolist(), 'edges': edges.astype('f8').tolist(),
    })
json.dump(cases, sys.stdout)
