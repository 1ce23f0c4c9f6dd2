import { expect } from 'chai';
import fc from 'fast-check';
import { type SavepointMark, SavepointStore } from '../../src/zodb/savepoint-store.ts';

type Step =
  | { readonly do: 'set'; readonly key: number; readonly length: number }
  | { readonly do: 'mark' }
  | { readonly do: 'rollback'; readonly to: number };

const MIB = 1024 * 1024;
const step = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    key: fc.nat(5),
    length: fc.oneof(fc.nat(100), fc.integer({ min: MIB, max: 5 * MIB })),
  }),
  fc.record({ do: fc.constant('mark' as const) }),
  fc.record({ do: fc.constant('rollback' as const), to: fc.nat(3) }),
);

describe('the log of savepoints', () => {
  it('holds what a map with copies holds, in memory and in its file, also after going back', () => {
    fc.assert(
      fc.property(fc.array<Step>(step, { maxLength: 30 }), (steps) => {
        const store = new SavepointStore<number, number>();
        let model = new Map<number, Uint8Array>();
        const marks: { mark: SavepointMark; model: Map<number, Uint8Array> }[] = [];
        steps.forEach((each, i) => {
          if (each.do === 'set') {
            const bytes = new Uint8Array(each.length).fill(i + 1);
            store.set(each.key, [bytes.subarray(0, 7), bytes.subarray(7)], i);
            model.set(each.key, bytes);
          } else if (each.do === 'mark') {
            marks.push({ mark: store.mark(), model: new Map(model) });
          } else if (marks.length > 0) {
            const kept = Math.min(each.to, marks.length - 1);
            marks.length = kept + 1;
            const { mark, model: then } = marks[kept]!;
            store.rollback(mark);
            model = new Map(then);
          }
        });
        expect(store.keys()).to.have.members([...model.keys()]);
        for (const [key, bytes] of model) {
          const found = store.get(key)!;
          expect(store.note(key)).to.equal((bytes[0] ?? store.note(key)! + 1) - 1);
          expect(Buffer.compare(found, bytes)).to.equal(0);
        }
        store.close();
      }),
      { numRuns: 30 },
    );
  });
});
