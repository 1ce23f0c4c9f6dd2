// The names that each entry of the package gives. Programs use them: a name that goes away, or is exported by accident,
// shows here.

import { expect } from 'chai';
import { FAMILIES } from '../src/btrees/index.ts';

const families = [...FAMILIES.keys()].flatMap((family) =>
  ['BTree', 'Bucket', 'Set', 'TreeSet'].map((kind) => family + kind),
);

const entries: readonly (readonly [source: string, names: string])[] = [
  [
    'main.ts',
    `ArgumentError Blob BlobError ClassError ClosedError CommitOutcomeUnknownError ConflictError CorruptedDataError DB DemoStorage FileStorageQuotaError FormatError
     InvalidObjectError LockError MappingStorage MultipleUndoErrors POSKeyError Persistent PersistentList PersistentMapping PersistentReference PersistentWeakKeyDictionary PersistentWeakRef PlacedError
     ReadConflictError ReadOnlyError Savepoint StateLoadError StorageError StorageTransactionError Transaction TransactionError
     TransactionManager UndoError ZodbError attributesOf classOf dateOfTid dbclose dbopen formatId getAttribute isZodbError oid open
     registerClass tid tidOfDate transaction`,
  ],
  [
    'pickle/index.ts',
    `Decimal DisassembledOpcode Fraction Kinds NumpyArray NumpyDType NumpyScalar PersistentRef PickleError Pickler PyByteArray PyComplex PyCounter PyDate PyDateTime PyDefaultDict PyDeque PyDict PyExtension PyFloat
     PyFrozenSet PyGlobal PyObject PyOrderedDict PyRange PyRawText PySet PySlice PyString2 PyTime PyTimeDelta PyTimeZone PyTuple PytzZone UUID Unpickler ZoneInfo asBytes asText decode
     decodeAll describe disassemble encode float kindsWritten pyGlobal registerType scanReferences spellKnown toJS tuple`,
  ],
  ['filestorage/index.ts', 'FileStorage backup openShared recover restoreBackup verifyBackup'],
  [
    'btrees/index.ts',
    `BTree BTreesConflictError Bucket Collection FAMILIES KeyOrderError KeySet Length SortedMapping SortedSet TreeSet
     difference findProblems intersection multiunion union weightedIntersection weightedUnion ${families.join(' ')}`,
  ],
  [
    'bigfile/index.ts',
    'BLOCK_SIZE BlockLoadError ViewTooLargeError ZBigFile ZBlk0 ZBlk1 ZData configure guard stats',
  ],
  [
    'bigarray/index.ts',
    `ArrayIndexError ArrayStateError ArrayView BigArray BlockLoadError DType DTypeError ElementValueError Geometry NaT
     RAMArray ShapeError Slice StoppedError ViewTooLargeError ZBigArray ZBigFile configure dtype dtypeFromPickle
     dtypeToPickle ellipsis guard histogram max mean min newaxis slice stats std sum variance zeros`,
  ],
  [
    'tools/index.ts',
    `DumpError INFO_PARAMETERS commitDump copyTransactions dump firstDifference info isDamaged parseTid parseTidRange quote readDump
     restoreDump unquote unreadable verify`,
  ],
  ['testing/index.ts', 'storageSuite'],
];

describe('the public names', () => {
  for (const [source, names] of entries)
    it(`of ${source}`, async () => {
      const entry = (await import(`../src/${source}`)) as object;
      expect(Object.keys(entry)).to.have.members(names.trim().split(/\s+/));
    });
});
