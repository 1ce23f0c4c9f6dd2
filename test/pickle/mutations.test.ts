import { getHeapStatistics } from 'node:v8';
import { expect } from 'chai';
import {
  encode,
  float,
  PersistentRef,
  PickleError,
  PyDateTime,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  PyTimeZone,
  pyGlobal,
  scanReferences,
  tuple,
  Unpickler,
  UUID,
} from '../../src/pickle/index.ts';
import { opcodeName } from '../../src/pickle/opcodes.ts';
import { generator, mutated } from './mutations.ts';
import { le, raw } from './raw.ts';
import { corpusDatabases, fileRecords } from './records.ts';

const MIB = 1024 * 1024;
const OID = 0x123n;

/** How many are tried: a million take some minutes, so they are asked for. */
const RUNS = Number(
  process.env['ZODB_MUTATIONS'] ?? (process.env['CI'] === 'true' ? 100_000 : 20_000),
);

const CLS = pyGlobal('m', 'C');

/** Every opcode, every form of reference, every type that decodes to a class of its own. */
const SAMPLES: readonly Uint8Array[] = [
  ...[
    '\x80\x03cm\nC\nq\x00.\x80\x03}q\x01(X\x01\x00\x00\x00aq\x02K\x01X\x01\x00\x00\x00bq\x03]q\x04(h\x02K\x02eu.',
    "(dp0\nS'a'\np1\nI1\nsVb\\u0041\np2\n(lp3\nF1.5\naL5L\naI01\nasg1\ng2\ns.",
    `\x80\x05\x95${le(29, 8)}\x8c\x01m\x94\x8c\x01C\x94\x93\x94)}\x92\x94\x8f\x94(K\x01K\x02\x90(K\x03\x91\x86\x94.`,
    `\x8d${le(3, 8)}abc\x8e${le(2, 8)}xy\x96${le(2, 8)}xy\x98\x87.`,
    `(U\x08\0\0\0\0\0\0\0\x07q\x01(U\x01mq\x02U\x01Cq\x03tq\x04tQT${le(3, 4)}abc\x86.`,
    `cm\nC\nq\x01.}q\x02(U\x01aq\x03U\x08\0\0\0\0\0\0\0\x07q\x04h\x01\x86q\x05QU\x01b(U\x08\0\0\0\0\0\0\0\x08h\x01tQu.`,
    '(cm\nC\nK\x01o}U\x01aK\x01sb(K\x01im\nD\n}b\x86.',
    "(S'w'\n(U\x08\0\0\0\0\0\0\0\x07tlQP12\n\x86.",
    '\x82\x01\x83\x00\x01\x84\x00\x00\x01\x00\x87\x8a\x09\0\0\0\0\0\0\0\x80\0\x8b\x02\0\0\0\x01\x02\x86\x86.',
    '(K\x01(K\x020K\x03l1N2\x86r\x00\x01\0\0j\x00\x01\0\0\x86J\xff\xff\xff\xffM\x01\x02\x86\x86.',
    'cdecimal\nDecimal\nX\x04\x00\x00\x001.50\x85Rcbuiltins\ncomplex\nG?\xf8\0\0\0\0\0\0G@\x08\0\0\0\0\0\0\x86R\x86.',
    'ccollections\nOrderedDict\n)RX\x01\0\0\0aK\x01sccollections\ndeque\n)RK\x01a\x86.',
    'cdatetime\ndate\nC\x04\x07\xe4\x01\x02\x85Rcdatetime\ntimedelta\nK\x01K\x02K\x03\x87R\x86.',
    'ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR}U\x01aK\x01sb.',
  ].map(raw),
  ...[
    tuple(1, 2.5, float(3), -70000, 2n ** 70n, null, true, 'text', 'é\ud800', Uint8Array.of(1, 2)),
    new PyDict<unknown, unknown>([
      ['when', new PyDateTime(2024, 1, 2, 3, 4, 5, 6, { tzinfo: PyTimeZone.utc })],
      ['id', new UUID(2n ** 100n)],
      ['set', new PySet([1, 'a', tuple(1, 2)])],
      [new PyFrozenSet([1]), [[], [[]], new PyDict()]],
    ]),
    Array.from({ length: 8 }, (_, n) => {
      const oid = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, n);
      return new PersistentRef(tuple<unknown>(oid, CLS));
    }),
    new PyObject('newobj', CLS, tuple(), {
      listItems: [1, 2],
      dictItems: new PyDict([['a', 1]]),
      state: tuple(null, new PyDict([['slot', 1.5]])),
    }),
  ].map((value) => encode([value, value])),
];

describe('Damaged pickles', () => {
  const samples = [...SAMPLES];

  before(() => {
    for (const { path } of corpusDatabases()) {
      let n = 0;
      for (const { data } of fileRecords(path)) {
        if (data.length > 3000 || n++ % 11 !== 0) continue;
        samples.push(data.slice());
        if (n > 400) break;
      }
    }
  });

  it('have samples that are pickles as they are', () => {
    for (const sample of SAMPLES) readAll(sample);
  });

  it(`${RUNS} of them give values or typed errors that say where, each within a second and in bounded memory`, function () {
    this.timeout(3_600_000);
    const random = generator(4);
    const { stackTraceLimit } = Error;
    // most of the time would go into stacks that nobody reads
    Error.stackTraceLimit = 0;
    after(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    const counts = { values: 0, errors: 0 };
    let slowest = 0;
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutated(samples, random);
      const heap = heapInUse();
      const started = performance.now();
      for (const read of [readAll, scanAll]) {
        try {
          read(bytes);
          counts.values += 1;
        } catch (error) {
          counts.errors += 1;
          checkError(error, bytes, read === readAll);
        }
      }
      slowest = Math.max(slowest, performance.now() - started);
      // garbage counts too, where none was collected in between
      const grown = heapInUse() - heap;
      if (grown > 32 * bytes.length + 16 * MIB) {
        throw new Error(`run ${run}: ${bytes.length} bytes took ${grown} bytes of memory`);
      }
    }
    console.log(
      `        ${counts.values} values, ${counts.errors} errors, the slowest in ${slowest.toFixed(0)} ms`,
    );
    expect(slowest).to.be.lessThan(1000);
    expect(counts.values).to.be.greaterThan(RUNS / 20);
    expect(counts.errors).to.be.greaterThan(RUNS / 20);
  });
});

function heapInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function readAll(bytes: Uint8Array): void {
  const unpickler = new Unpickler({
    oid: OID,
    loadReference: () => null,
    buffers: [Uint8Array.of(1)],
  });
  for (let at = 0; at < bytes.length; at = unpickler.position) unpickler.load(bytes, at);
}

function scanAll(bytes: Uint8Array): void {
  scanReferences(bytes, () => {});
}

/** The error of a damaged pickle says at which opcode of which object. */
function checkError(error: unknown, bytes: Uint8Array, isOfDecoder: boolean): void {
  if (!(error instanceof PickleError)) throw error;
  if (!isOfDecoder) return;
  const { offset, oid, opcode, message } = error;
  const expected = offset === bytes.length ? opcode : opcodeName(bytes[offset ?? -1]);
  if (offset === undefined || offset > bytes.length || oid !== OID || opcode !== expected) {
    throw new Error(`does not say where: ${message}`, { cause: error });
  }
}
