// Where nodes are split and removed. The numbers were read off Python's BTrees.
import { expect } from 'chai';
import {
  fsBTree,
  IOBTree,
  LLTreeSet,
  LOBTree,
  OOBTree,
  OOTreeSet,
} from '../../src/btrees/index.ts';
import { tuple } from '../../src/pickle/index.ts';
import { shapeOf } from './shape.ts';

function filled(count: number): IOBTree<number> {
  const tree = new IOBTree<number>();
  for (let i = 0; i < count; i++) tree.set(i, i);
  return tree;
}

describe('the structure of a tree', () => {
  const ascending: [
    name: string,
    tree: { insert(key: any, value?: any): boolean },
    key: (i: number) => unknown,
    count: number,
    leaves: number[],
  ][] = [
    ['an OO leaf is split at 31 keys', new OOBTree(), (i) => i, 31, [15, 16]],
    ['an OOTreeSet leaf is split at 31 keys', new OOTreeSet(), (i) => i, 31, [15, 16]],
    ['an IO leaf holds 60 keys', new IOBTree(), (i) => i, 60, [60]],
    ['an IO leaf is split at 61 keys', new IOBTree(), (i) => i, 61, [30, 31]],
    ['an LO leaf is split at 61 keys', new LOBTree(), (i) => i, 61, [30, 31]],
    ['an LL leaf is split at 121 keys', new LLTreeSet(), (i) => i, 121, [60, 61]],
    [
      'an fs leaf is split at 501 keys',
      new fsBTree(),
      (i) => Uint8Array.of(i >> 8, i),
      501,
      [250, 251],
    ],
  ];
  for (const [title, tree, key, count, leaves] of ascending) {
    it(title, () => {
      for (let i = 0; i < count; i++)
        tree.insert(key(i), tree instanceof fsBTree ? new Uint8Array(6) : 0);
      expect(shapeOf(tree as never)).to.deep.equal(leaves);
    });
  }

  it('ascending keys leave leaves half full', () => {
    expect(shapeOf(filled(200))).to.deep.equal([30, 30, 30, 30, 30, 50]);
  });

  it('a root is split when it reaches twice the size of a node', () => {
    const tree = filled(30000);
    expect((shapeOf(tree) as unknown[]).length).to.equal(999);
    tree.set(30000, 0);
    const halves = shapeOf(tree) as unknown[][];
    expect(halves.map((half) => half.length)).to.deep.equal([500, 500]);
    tree.check();
  });
});

describe('the state of a tree', () => {
  it('is None when it is empty, also after everything was deleted', () => {
    const tree = new OOBTree();
    expect(tree.__getstate__()).to.equal(null);
    tree.set('a', 1);
    tree.delete('a');
    expect(tree.__getstate__()).to.equal(null);
  });

  it('holds a single bucket within itself', () => {
    const tree = new OOBTree([['a', 1]]);
    expect(tree.__getstate__()).to.deep.equal(tuple(tuple(tuple(tuple<unknown>('a', 1)))));
    const set = new OOTreeSet(['b', 'a']);
    expect(set.__getstate__()).to.deep.equal(tuple(tuple(tuple(tuple('a', 'b')))));
  });

  it('names children, separators and the first bucket', () => {
    const state = filled(61).__getstate__() as any[];
    expect(state).to.have.length(2);
    expect(state[0]).to.have.length(3);
    expect(state[0][1]).to.equal(30);
    expect(state[1]).to.equal(state[0][0]);
    expect(state[0][0].__getstate__()[1]).to.equal(state[0][2]);
    expect(state[0][2].__getstate__()).to.have.length(1);
  });
});
