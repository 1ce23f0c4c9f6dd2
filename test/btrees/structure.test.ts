// Where nodes are split and removed. The numbers were read off Python's BTrees.
import { expect } from 'chai';
import {
  fsBTree,
  fsBucket,
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

describe('the sizes of a subclass', () => {
  for (const [title, sizes] of [
    ['maxLeafSize of 0', { maxLeafSize: 0, maxInternalSize: 2 }],
    ['maxInternalSize below 0', { maxLeafSize: 2, maxInternalSize: -1 }],
    ['a size that is no integer', { maxLeafSize: 2.5, maxInternalSize: 2 }],
  ] as const) {
    it(`are refused when they are first needed: ${title}`, () => {
      class Wrong extends IOBTree<number> {
        static override maxLeafSize: number = sizes.maxLeafSize;
        static override maxInternalSize: number = sizes.maxInternalSize;
      }
      const tree = new Wrong();
      expect(() => new Wrong([[1, 1]]))
        .to.throw('integers above 0')
        .with.property('code', 'ARGUMENT');
      expect(tree.size).to.equal(0);
    });
  }
});

describe('the bytes of an fs bucket', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

  it('are all keys, then all values, as in Python', () => {
    const bucket = new fsBucket([
      [bytes('cd'), bytes('abcdef')],
      [bytes('ab'), bytes('123456')],
    ]);
    expect(Buffer.from(bucket.toBytes()).toString()).to.equal('abcd123456abcdef');
    const other = new fsBucket([[bytes('zz'), bytes('zzzzzz')]]).fromBytes(bucket.toBytes());
    expect([...other]).to.deep.equal([...bucket]);
    expect(new fsBucket().toBytes()).to.have.length(0);
  });

  it('are refused where they are no whole entries, or not in order', () => {
    for (const [wrong, message] of [
      [bytes('abc'), 'a multiple of 8'],
      ['ab123456', 'a multiple of 8'],
      [bytes('cdab123456abcdef'), 'ascending order'],
    ] as const) {
      const bucket = new fsBucket([[bytes('ab'), bytes('123456')]]);
      expect(() => bucket.fromBytes(wrong as Uint8Array)).to.throw(message);
      expect(bucket.size).to.equal(1);
    }
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
