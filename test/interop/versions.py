"""Prints the Python version and the versions of the packages named as arguments, as JSON."""
import json
import sys

try:
    from importlib.metadata import version
except ImportError:  # Python 2
    import pkg_resources

    def version(name):
        return pkg_resources.get_distribution(name).version

names = sys.argv[1:]
json.dump(
    {
        "python": "%d.%d" % sys.version_info[:2],
        "packages": {name: version(name) for name in names},
    },
    sys.stdout,
)
