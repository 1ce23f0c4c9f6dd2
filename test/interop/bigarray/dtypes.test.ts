import { expect } from 'chai';
import { type DTypeSpec, dtype } from '../../../src/bigarray/dtype-parse.ts';
import { dtypeFromPickle, dtypeToPickle } from '../../../src/bigarray/dtype-pickle.ts';
import { isZodbError } from '../../../src/errors.ts';
import { Pickler, Unpickler } from '../../../src/pickle/index.ts';
import { type PeerName, peer } from '../peers.ts';

interface Case {
  spec: DTypeSpec;
  str: string;
  text: string;
  name: string;
  itemsize: number;
  alignment: number;
  kind: string;
  pickle: string;
}

interface Answer {
  cases: Case[];
  refused: string[];
}

function encode(value: unknown): string {
  const pickler = new Pickler();
  pickler.dump(value);
  return Buffer.from(pickler.take()).toString('hex');
}

const decode = (hex: string): unknown =>
  new Unpickler().load(Uint8Array.from(Buffer.from(hex, 'hex')));

/** Where Python has two equal strings that are not one object: our encoder writes each string once. */
const repeated = new Set(["[('s', '<U3', (2,))]"]);

for (const [name, what] of [
  ['wendelin', 'numpy 1'],
  ['zodb', 'numpy 2'],
] as const satisfies readonly (readonly [PeerName, string])[]) {
  describe(`dtypes beside ${what}`, () => {
    const numpy = peer(name);
    let answer: Answer;

    before(() => {
      answer = numpy.runJson<Answer>('bigarray/dtypes.py');
    });

    it('have the same texts, sizes and alignments', () => {
      for (const { spec, str, text, name, itemsize, alignment, kind } of answer.cases) {
        const type = dtype(spec);
        const ours = {
          str: type.str,
          text: type.toString(),
          name: type.name,
          itemsize: type.itemsize,
          alignment: type.alignment,
          kind: type.kind,
        };
        expect(ours, JSON.stringify(spec)).to.deep.equal({
          str,
          text,
          name,
          itemsize,
          alignment,
          kind,
        });
      }
    });

    it('are refused alike', () => {
      for (const spec of answer.refused) {
        expect(() => dtype(spec), spec)
          .to.throw()
          .that.satisfies((e: unknown) => isZodbError(e, 'DTYPE'));
      }
    });

    it('pickle to the same bytes, but for what numpy 1 could not read', () => {
      for (const { spec, pickle, text } of answer.cases) {
        const differs = what === 'numpy 2' && /aligned|[mM]8|datetime|timedelta/.test(text);
        if (differs) continue;
        // Python writes an equal string twice where it is two objects.
        const expected = repeated.has(text) ? encode(decode(pickle)) : pickle;
        expect(encode(dtypeToPickle(dtype(spec))), JSON.stringify(spec)).to.equal(expected);
      }
    });

    it('are read from their pickles and written back byte for byte', () => {
      for (const { spec, pickle, text } of answer.cases) {
        const type = dtypeFromPickle(decode(pickle));
        expect(type.toString(), JSON.stringify(spec)).to.equal(text);
        expect(type.equals(dtype(spec)), JSON.stringify(spec)).to.equal(true);
        if (repeated.has(text)) continue;
        expect(encode(dtypeToPickle(type)), JSON.stringify(spec)).to.equal(pickle);
      }
    });

    it('as we pickle them, are read by numpy as its own', () => {
      const input = JSON.stringify(
        answer.cases.map(({ spec }) => ({ spec, pickle: encode(dtypeToPickle(dtype(spec))) })),
      );
      const loaded = numpy.runJson<string[]>('bigarray/dtypes_load.py', [], { input });
      expect(loaded.filter((verdict) => verdict !== 'equal')).to.deep.equal([]);
    });
  });
}
