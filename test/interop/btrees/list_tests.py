"""Prints the test methods of BTrees/tests/common.py as a JSON list of Class.method."""

import ast
import json
import os

import BTrees.tests

with open(os.path.join(os.path.dirname(BTrees.tests.__file__), 'common.py')) as source:
    tree = ast.parse(source.read())
print(json.dumps([
    f'{cls.name}.{method.name}'
    for cls in tree.body if isinstance(cls, ast.ClassDef)
    for method in cls.body if isinstance(method, ast.FunctionDef) and method.name.startswith('test')
]))
