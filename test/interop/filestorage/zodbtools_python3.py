"""zodbtools' command on Python 3, where its own `restore` and `commit` find no hash: dumps are read as bytes, and the names
of hashes are text there. Everything else is as it is."""

from zodbtools import util, zodb

for name, hasher in list(util.hashRegistry.items()):
    util.hashRegistry[name.encode()] = hasher

zodb.main()
