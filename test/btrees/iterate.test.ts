// Walking a tree that changes under way: what was there all the time is met once.
import { expect } from 'chai';
import { IIBTree, IOBTree, OOBTree } from '../../src/btrees/index.ts';

function filled(count: number): IIBTree {
  return new IIBTree(Array.from({ length: count }, (_, n) => [n, n] as const));
}

describe('iteration over a changing tree', () => {
  for (const reverse of [false, true]) {
    const title = reverse ? ' backwards' : '';

    it(`meets every key${title} when each is deleted as it is met`, () => {
      const tree = filled(1000);
      let met = 0;
      for (const key of tree.keys({ reverse })) {
        tree.delete(key);
        met++;
      }
      expect([met, tree.size]).to.deep.equal([1000, 0]);
    });

    it(`meets old keys once${title} when leaves are split around it`, () => {
      const tree = new IIBTree(Array.from({ length: 300 }, (_, n) => [n * 10, 0] as const));
      const met: number[] = [];
      for (const key of tree.keys({ reverse })) {
        met.push(key);
        if (key % 10 === 0) for (const near of [-3, -2, 2, 3]) tree.set(key + near, 1);
      }
      tree.check();
      const old = met.filter((key) => key % 10 === 0);
      expect(old).to.have.length(300);
      expect(new Set(met).size).to.equal(met.length);
    });
  }

  it('ends when the tree is cleared', () => {
    const tree = filled(500);
    let met = 0;
    for (const _ of tree) {
      if (++met === 10) tree.clear();
    }
    expect(met).to.equal(10);
  });

  it('goes on where a key was taken out and put in again elsewhere', () => {
    const tree = new OOBTree([
      ['a', 1],
      ['c', 3],
    ]);
    const keys = tree.keys();
    expect(keys.next().value).to.equal('a');
    tree.delete('a');
    tree.set('b', 2);
    expect([...keys]).to.deep.equal(['b', 'c']);
  });

  it('an iterator that has ended stays at its end', () => {
    const tree = filled(3);
    const keys = tree.keys();
    expect([...keys]).to.deep.equal([0, 1, 2]);
    tree.set(3, 3);
    expect(keys.next().done).to.equal(true);
  });
});

describe('a bucket by itself', () => {
  it('walks its own entries only, also after it was cut from a tree', () => {
    const tree = new IOBTree(Array.from({ length: 61 }, (_, n) => [n, 'v'] as const));
    const [[first]] = tree.__getstate__() as any;
    expect([...first.keys()]).to.deep.equal(Array.from({ length: 30 }, (_, n) => n));
    expect([...first.keys({ min: 28, reverse: true })]).to.deep.equal([29, 28]);
    expect(first.maxKey(100)).to.equal(29);
  });
});
