// What TypeScript knows of trees. The compiler is the judge: a line after @ts-expect-error must not compile.
import { expect } from 'chai';
import {
  type BTree,
  difference,
  IIBTree,
  type IISet,
  IOBTree,
  LLBTree,
  LOBTree,
  OOBTree,
  OOTreeSet,
  union,
} from '../../src/btrees/index.ts';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function typed<A, B>(_same: Equal<A, B>): void {}

describe('the types of trees', () => {
  it('know keys and values', () => {
    const lo = new LOBTree<string>([[1, 'a']]);
    const value = lo.get(1n);
    typed<typeof value, string | undefined>(true);
    const [first] = lo.keys();
    typed<typeof first, bigint | undefined>(true);
    const numbers = [...lo.asNumbers()];
    typed<typeof numbers, [number, string][]>(true);
    const ll = new LLBTree().asNumbers().get(1);
    typed<typeof ll, number | undefined>(true);
    const oo = [...new OOBTree<string, Date>()];
    typed<typeof oo, [string, Date][]>(true);
    const kept = difference(new OOBTree<string, number>(), new OOTreeSet<string>()).get('a');
    typed<typeof kept, number | undefined>(true);
    const united = union(new IIBTree(), [1]).minKey();
    typed<typeof united, number | undefined>(true);
    const general: BTree<number, string, number | bigint> = new IOBTree<string>();
    expect([lo.size, general.size]).to.deep.equal([1, 0]);
  });

  it('refuse what a family does not take', () => {
    // @ts-expect-error a value of another type
    new LOBTree<string>().set(1, 2);
    // @ts-expect-error a key that is text
    expect(() => new IIBTree().set('a', 1)).to.throw();
    // @ts-expect-error sets have no values
    expect(() => (new OOTreeSet() as IISet).get(1)).to.throw();
  });
});
