"""Runs ZODB's own storage tests on the adapter, and prints as JSON which passed, which failed and how, which were left out."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import ZODB.FileStorage  # noqa: E402
from adapter import NodeStorage, node  # noqa: E402
from ZODB.tests import Corruption, PackableStorage, StorageTestBase, testblob, testFileStorage  # noqa: E402

# Tests that look into the innards of Python's FileStorage, which an adapter has not.
LEFT_OUT = {
    'loadblob_tmpstore': 'asks a closed storage for a blob, which ours refuses',
    'testCorruptionInPack': 'wants the words of Python in the error; ours, of the same class, has other ones',
    'commit_from_wrong_partition': 'breaks the rename of Python, but it is Node that renames',
    'test_conversion_from_dict_to_btree_data_in_fsIndex': 'replaces an attribute of the index in memory of FileStorage',
    'testFlushNeededAfterTruncate': 'checks that another test notices when a method of FileStorage is disabled',
}

if os.geteuid() == 0:
    # It fails with Python's FileStorage, too.
    LEFT_OUT['blob_transaction_txt'] = 'has a file without write permission, which root may open all the same'


class NodeFileStorageTests(testFileStorage.FileStorageTests):
    def open(self, **options):
        self._storage = NodeStorage('FileStorageTests.fs', **options)


class NodeFileStorageTestsWithBlobs(NodeFileStorageTests):
    def open(self, **options):
        super().open(**dict({'blob_dir': 'blobs'}, **options))


class NodeRecoveryTests(testFileStorage.FileStorageRecoveryTest):
    def setUp(self):
        StorageTestBase.StorageTestBase.setUp(self)
        self._storage = NodeStorage('Source.fs', create=True)
        self._dst = NodeStorage('Dest.fs', create=True)

    def new_dest(self):
        return NodeStorage('Dest.fs')


class NodeCorruptionTests(Corruption.FileStorageCorruptTests):
    """Uses FileStorage by its name in ZODB, which is ours meanwhile."""

    def setUp(self):
        self.original = ZODB.FileStorage.FileStorage
        ZODB.FileStorage.FileStorage = NodeStorage
        super().setUp()

    def tearDown(self):
        super().tearDown()
        ZODB.FileStorage.FileStorage = self.original


def tests_of(*classes):
    loader = unittest.defaultTestLoader
    return unittest.TestSuite(loader.loadTestsFromTestCase(each) for each in classes)


def suites():
    yield tests_of(NodeFileStorageTests, NodeFileStorageTestsWithBlobs, NodeRecoveryTests, NodeCorruptionTests)
    yield testblob.storage_reusable_suite(
        'NodeBlobStorage',
        lambda name, blob_dir: NodeStorage('%s.fs' % name, blob_dir=blob_dir),
        test_blob_storage_recovery=True,
        test_packing=True,
    )
    yield PackableStorage.IExternalGC_suite(lambda: NodeStorage('data.fs', blob_dir='blobs', pack_gc=False))


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


class Result(unittest.TestResult):
    """Sets up what the suite's layer brings around each of its tests, as zope.testrunner does."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.outcomes = []

    def startTest(self, test):
        super().startTest(test)
        if hasattr(self.layer, 'testSetUp'):
            self.layer.testSetUp()

    def stopTest(self, test):
        super().stopTest(test)
        if hasattr(self.layer, 'testTearDown'):
            self.layer.testTearDown()

    def _add(self, test, outcome, detail=''):
        self.outcomes.append((test.id(), outcome, detail))

    def addSuccess(self, test):
        self._add(test, 'passed')

    def addSkip(self, test, reason):
        self._add(test, 'left out', reason)

    def addError(self, test, error):
        self._add(test, 'failed', self._exc_info_to_string(error, test))

    addFailure = addError


outcomes = []
for suite in suites():
    layer = getattr(suite, 'layer', None)
    for test in flat(suite):
        name = test.id().split('.')[-1]
        if len(sys.argv) > 1 and sys.argv[1] not in test.id():
            continue
        if name in LEFT_OUT:
            outcomes.append((test.id(), 'left out', LEFT_OUT[name]))
            continue
        result = Result(layer)
        test.run(result)
        outcomes += result.outcomes
print(json.dumps(outcomes))
node.process.stdin.close()
node.process.wait()
