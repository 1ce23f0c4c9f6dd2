// What the consistency check finds in damaged trees, and which states are refused.
import { expect } from 'chai';
import {
  findProblems,
  IIBTree,
  IOBTree,
  IOBucket,
  LOBTree,
  OOBTree,
  OOTreeSet,
} from '../../src/btrees/index.ts';
import { type LeafData, leafData, type Node, TreeData, treeData } from '../../src/btrees/node.ts';
import { PyObject, pyGlobal, tuple } from '../../src/pickle/index.ts';
import { stateOf } from '../../src/zodb/object-state.ts';

/** A tree of three levels: nodes of up to three children, leaves of up to four keys. */
function deep(): OOBTree {
  class Small extends OOBTree {
    static override maxLeafSize = 4;
    static override maxInternalSize = 3;
  }
  const tree = new Small();
  for (let key = 0; key < 40; key++) tree.set(key, key);
  return tree;
}

const child = (node: Node, at: number): Node => treeData(node).children[at]!.self as Node;
const leaf = (root: Node): LeafData => leafData(treeData(root).first as Node);

const damages: [title: string, damage: (tree: OOBTree) => unknown, problem: RegExp][] = [
  [
    'a next bucket that is skipped',
    (t) => (leaf(t).next = leafData(leaf(t).next!).next),
    /^bucket 0: the next bucket is not the one/,
  ],
  ['a chain that ends too early', (t) => (leaf(t).next = undefined), /^bucket 0: the next bucket/],
  [
    'a first bucket that is another',
    (t) => (treeData(t).first = leaf(t).next),
    /^the first bucket is not the leftmost/,
  ],
  [
    'the same in an inner node',
    (t) => (treeData(child(t, 1)).first = treeData(t).first),
    /^\/1: the first bucket is not/,
  ],
  ['an empty bucket', (t) => leaf(t).keys.splice(0), /^\/0\/0\/0.*: a bucket is empty/],
  [
    'an empty node',
    (t) => Object.assign(treeData(child(t, 0)), new TreeData([], [], undefined)),
    /\/0: an inner node is empty/,
  ],
  [
    'keys out of order',
    (t) => leaf(t).keys.reverse(),
    /key 0 at 1 does not come after the one before/,
  ],
  ['a key above its bound', (t) => (leaf(t).keys[1] = 30), /key 30 at 1 is not below \d+/],
  [
    'a key below its bound',
    (t) => (leafData(leaf(t).next!).keys[0] = -1),
    /key -1 at 0 is below its bound \d+/,
  ],
  [
    'separators out of order',
    (t) => (treeData(child(t, 0)).keys[0] = 100),
    /^\/0: key 100 at 0 is not below/,
  ],
  [
    'a node that stands twice',
    (t) => (treeData(t).children[1] = stateOf(child(t, 0))),
    /^\/1: a node stands in the tree twice/,
  ],
  [
    'children of both kinds',
    (t) => (treeData(t).children[1] = stateOf(treeData(t).first!)),
    /^children are of both kinds/,
  ],
  [
    'keys without an order',
    (t) => (leaf(t).keys[0] = 'a'),
    /"a" and \d+ have no order|\d+ and "a" have no order/,
  ],
];

describe('the check of a tree', () => {
  it('leaves the order of keys to Python whose class is not known here', () => {
    const [a, b] = [1, 2].map((n) => new PyObject('newobj', pyGlobal('app', 'Key'), tuple(n)));
    const set = new OOTreeSet();
    set.__setstate__(tuple(tuple(tuple(tuple(a, b)))));
    expect(findProblems(set)).to.deep.equal([]);
    expect([...set]).to.deep.equal([a, b]);
    expect(() => set.has(b))
      .to.throw('have no order')
      .with.property('code', 'KEY_ORDER');
  });

  it('finds nothing in a whole one', () => {
    expect(findProblems(deep())).to.deep.equal([]);
    expect(findProblems(new OOBTree())).to.deep.equal([]);
    expect(findProblems(new IOBucket([[1, 1]]))).to.deep.equal([]);
  });

  for (const [title, damage, problem] of damages) {
    it(`finds ${title}`, () => {
      const tree = deep();
      damage(tree);
      const problems = findProblems(tree);
      expect(
        problems.some((text) => problem.test(text)),
        problems.join('\n'),
      ).to.equal(true);
      expect(() => tree.check())
        .to.throw(problems[0]!)
        .with.property('code', 'CORRUPTED');
    });
  }
});

const bucket = new IOBucket([[1, 'a']]);
const badStates: [
  title: string,
  made: () => { __setstate__(state: unknown): void },
  state: unknown,
  message: string,
][] = [
  ['no tuple', () => new IOBTree(), 5, 'the state of a tree is None or a tuple'],
  ['a list', () => new IOBTree(), [tuple(bucket)], 'the state of a tree is None or a tuple'],
  [
    'a first element that is no tuple',
    () => new IOBTree(),
    tuple([bucket], bucket),
    'a tuple that begins with a tuple',
  ],
  [
    'three elements',
    () => new IOBTree(),
    tuple<unknown>(tuple(bucket), bucket, 1),
    'a tuple that begins with a tuple',
  ],
  [
    'two embedded buckets',
    () => new IOBTree(),
    tuple(tuple(tuple(tuple()), 1, tuple(tuple()))),
    'holds one bucket',
  ],
  [
    'a child too few',
    () => new IOBTree(),
    tuple<unknown>(tuple<unknown>(bucket, 5), bucket),
    'a child or the key before it is missing',
  ],
  [
    'no children',
    () => new IOBTree(),
    tuple<unknown>(tuple(), bucket),
    'a child or the key before it is missing',
  ],
  [
    'a child of another family',
    () => new LOBTree(),
    tuple<unknown>(tuple(bucket), bucket),
    'the first bucket is not a bucket of this tree',
  ],
  [
    'a child that is no node',
    () => new IOBTree(),
    tuple<unknown>(tuple<unknown>(bucket, 1, 'x'), bucket),
    'a child is neither a node of this tree',
  ],
  [
    'a separator that is no key',
    () => new IOBTree(),
    tuple<unknown>(tuple<unknown>(bucket, 'x', bucket), bucket),
    'a key or value is not an integer of 32 bits',
  ],
  [
    'a key out of range',
    () => new IIBTree(),
    tuple(tuple(tuple(tuple(2 ** 40, 1)))),
    'a key or value is not an integer of 32 bits',
  ],
  ['a key without value', () => new IOBucket(), tuple(tuple(1, 'a', 2)), 'a key has no value'],
  ['a bucket state that is null', () => new IOBucket(), null, 'a tuple that begins with a tuple'],
  [
    'a successor that is no bucket',
    () => new IOBucket(),
    tuple<unknown>(tuple(), 'next'),
    'the successor of a bucket or set',
  ],
  [
    'a set as the successor of a bucket',
    () => new IOBucket(),
    tuple<unknown>(tuple(), new OOTreeSet()),
    'the successor of a bucket or set',
  ],
];

describe('a state', () => {
  for (const [title, made, state, message] of badStates) {
    it(`with ${title} is refused`, () => {
      const object = made();
      expect(() => object.__setstate__(state))
        .to.throw(message)
        .with.property('code', 'CORRUPTED');
    });
  }

  it('may hold more keys than a node that was built here', () => {
    const items = tuple<unknown>(...Array.from({ length: 200 }, (_, n) => [n, 'v']).flat());
    const tree = new IOBTree();
    tree.__setstate__(tuple(tuple(tuple(items))));
    expect([tree.size, tree.get(199)]).to.deep.equal([200, 'v']);
    tree.set(200, 'v');
    expect(tree.size).to.equal(201);
    tree.check();
  });
});
