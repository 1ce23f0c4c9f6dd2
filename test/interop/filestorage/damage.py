"""What Python's tools make of damaged files: damage.py FILE... prints a JSON list, an entry for each file.

    recovered   the transactions that fsrecover copies: tid, and oid and data of each record
    tests       what fstest says, null if nothing
    refs        how many objects fsrefs names, -1 if it ends with an error
"""
import contextlib
import io
import json
import logging
import os
import signal
import sys

import ZODB.FileStorage.FileStorage as module
from ZODB import fsrecover
from ZODB.FileStorage import FileIterator
from ZODB.scripts import fsrefs, fstest

logging.disable(logging.CRITICAL)
module.fsync = None


class Endless(BaseException):
    pass


def interrupt(*_):
    raise Endless


# At the end of some files fsrecover looks for the next transaction for ever.
signal.signal(signal.SIGVTALRM, interrupt)


def recovered(path):
    target = path + '.python'
    signal.setitimer(signal.ITIMER_VIRTUAL, .5)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            fsrecover.recover(path, target, force=True)
        except Endless:
            pass
        except (Exception, SystemExit):
            return None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    found = []
    for txn in FileIterator(target):
        found.append([txn.tid.hex(), [[r.oid.hex(), r.data.hex() if r.data is not None else None] for r in txn]])
    for suffix in '', '.index', '.lock', '.tmp':
        if os.path.exists(target + suffix):
            os.remove(target + suffix)
    return found


def tests(path):
    try:
        fstest.check(path)
    except Exception as error:
        return str(error)


def refs(path):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            fsrefs.main(path)
        except BaseException:
            return -1
    return out.getvalue().count('last updated')


print(json.dumps([{'recovered': recovered(path), 'tests': tests(path), 'refs': refs(path)} for path in sys.argv[1:]]))
