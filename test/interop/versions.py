"""Prints the Python version and the versions of the packages named as arguments, as JSON."""
import json
import sys

import pkg_resources

names = sys.argv[1:]
json.dump(
    {
        "python": "%d.%d" % sys.version_info[:2],
        "packages": {name: pkg_resources.get_distribution(name).version for name in names},
    },
    sys.stdout,
)
