"""Reads pickles from standard input, a JSON list of hexadecimal texts, loads each and prints its dump in the same way.

As ZODB does it: zodbpickle, protocol 3.
"""
import json
import sys

from zodbpickle import pickle

again = []
for text in json.load(sys.stdin):
    value = pickle.loads(bytes.fromhex(text), errors='bytes')
    again.append(pickle.dumps(value, 3).hex())
print(json.dumps(again))
