// The classes of all families: BTree, Bucket, TreeSet and Set of each. docs/btrees.md has the table of what they hold.

import { defineFamily } from './define.ts';
import { BytesBucket } from './fs-bucket.ts';
import { BTree, Bucket } from './mapping.ts';
import { KeySet, TreeSet } from './sets.ts';

/** Keys and values that are given as numbers or bigints. */
type Num = number | bigint;

export class OOBTree<K = any, V = any> extends BTree<K, V> {}
export class OOBucket<K = any, V = any> extends Bucket<K, V> {}
export class OOTreeSet<K = any> extends TreeSet<K> {}
export class OOSet<K = any> extends KeySet<K> {}
defineFamily('OO', OOBTree, OOBucket, OOTreeSet, OOSet);

export class OIBTree<K = any> extends BTree<K, number, K, Num> {}
export class OIBucket<K = any> extends Bucket<K, number, K, Num> {}
export class OITreeSet<K = any> extends TreeSet<K> {}
export class OISet<K = any> extends KeySet<K> {}
defineFamily('OI', OIBTree, OIBucket, OITreeSet, OISet);

export class OUBTree<K = any> extends BTree<K, number, K, Num> {}
export class OUBucket<K = any> extends Bucket<K, number, K, Num> {}
export class OUTreeSet<K = any> extends TreeSet<K> {}
export class OUSet<K = any> extends KeySet<K> {}
defineFamily('OU', OUBTree, OUBucket, OUTreeSet, OUSet);

export class OLBTree<K = any> extends BTree<K, bigint, K, Num> {}
export class OLBucket<K = any> extends Bucket<K, bigint, K, Num> {}
export class OLTreeSet<K = any> extends TreeSet<K> {}
export class OLSet<K = any> extends KeySet<K> {}
defineFamily('OL', OLBTree, OLBucket, OLTreeSet, OLSet);

export class OQBTree<K = any> extends BTree<K, bigint, K, Num> {}
export class OQBucket<K = any> extends Bucket<K, bigint, K, Num> {}
export class OQTreeSet<K = any> extends TreeSet<K> {}
export class OQSet<K = any> extends KeySet<K> {}
defineFamily('OQ', OQBTree, OQBucket, OQTreeSet, OQSet);

export class IOBTree<V = any> extends BTree<number, V, Num> {}
export class IOBucket<V = any> extends Bucket<number, V, Num> {}
export class IOTreeSet extends TreeSet<number, Num> {}
export class IOSet extends KeySet<number, Num> {}
defineFamily('IO', IOBTree, IOBucket, IOTreeSet, IOSet);

export class IIBTree extends BTree<number, number, Num, Num> {}
export class IIBucket extends Bucket<number, number, Num, Num> {}
export class IITreeSet extends TreeSet<number, Num> {}
export class IISet extends KeySet<number, Num> {}
defineFamily('II', IIBTree, IIBucket, IITreeSet, IISet);

export class IFBTree extends BTree<number, number, Num, Num> {}
export class IFBucket extends Bucket<number, number, Num, Num> {}
export class IFTreeSet extends TreeSet<number, Num> {}
export class IFSet extends KeySet<number, Num> {}
defineFamily('IF', IFBTree, IFBucket, IFTreeSet, IFSet);

export class IUBTree extends BTree<number, number, Num, Num> {}
export class IUBucket extends Bucket<number, number, Num, Num> {}
export class IUTreeSet extends TreeSet<number, Num> {}
export class IUSet extends KeySet<number, Num> {}
defineFamily('IU', IUBTree, IUBucket, IUTreeSet, IUSet);

export class UOBTree<V = any> extends BTree<number, V, Num> {}
export class UOBucket<V = any> extends Bucket<number, V, Num> {}
export class UOTreeSet extends TreeSet<number, Num> {}
export class UOSet extends KeySet<number, Num> {}
defineFamily('UO', UOBTree, UOBucket, UOTreeSet, UOSet);

export class UUBTree extends BTree<number, number, Num, Num> {}
export class UUBucket extends Bucket<number, number, Num, Num> {}
export class UUTreeSet extends TreeSet<number, Num> {}
export class UUSet extends KeySet<number, Num> {}
defineFamily('UU', UUBTree, UUBucket, UUTreeSet, UUSet);

export class UFBTree extends BTree<number, number, Num, Num> {}
export class UFBucket extends Bucket<number, number, Num, Num> {}
export class UFTreeSet extends TreeSet<number, Num> {}
export class UFSet extends KeySet<number, Num> {}
defineFamily('UF', UFBTree, UFBucket, UFTreeSet, UFSet);

export class UIBTree extends BTree<number, number, Num, Num> {}
export class UIBucket extends Bucket<number, number, Num, Num> {}
export class UITreeSet extends TreeSet<number, Num> {}
export class UISet extends KeySet<number, Num> {}
defineFamily('UI', UIBTree, UIBucket, UITreeSet, UISet);

export class LOBTree<V = any> extends BTree<bigint, V, Num> {}
export class LOBucket<V = any> extends Bucket<bigint, V, Num> {}
export class LOTreeSet extends TreeSet<bigint, Num> {}
export class LOSet extends KeySet<bigint, Num> {}
defineFamily('LO', LOBTree, LOBucket, LOTreeSet, LOSet);

export class LLBTree extends BTree<bigint, bigint, Num, Num> {}
export class LLBucket extends Bucket<bigint, bigint, Num, Num> {}
export class LLTreeSet extends TreeSet<bigint, Num> {}
export class LLSet extends KeySet<bigint, Num> {}
defineFamily('LL', LLBTree, LLBucket, LLTreeSet, LLSet);

export class LFBTree extends BTree<bigint, number, Num, Num> {}
export class LFBucket extends Bucket<bigint, number, Num, Num> {}
export class LFTreeSet extends TreeSet<bigint, Num> {}
export class LFSet extends KeySet<bigint, Num> {}
defineFamily('LF', LFBTree, LFBucket, LFTreeSet, LFSet);

export class LQBTree extends BTree<bigint, bigint, Num, Num> {}
export class LQBucket extends Bucket<bigint, bigint, Num, Num> {}
export class LQTreeSet extends TreeSet<bigint, Num> {}
export class LQSet extends KeySet<bigint, Num> {}
defineFamily('LQ', LQBTree, LQBucket, LQTreeSet, LQSet);

export class QOBTree<V = any> extends BTree<bigint, V, Num> {}
export class QOBucket<V = any> extends Bucket<bigint, V, Num> {}
export class QOTreeSet extends TreeSet<bigint, Num> {}
export class QOSet extends KeySet<bigint, Num> {}
defineFamily('QO', QOBTree, QOBucket, QOTreeSet, QOSet);

export class QQBTree extends BTree<bigint, bigint, Num, Num> {}
export class QQBucket extends Bucket<bigint, bigint, Num, Num> {}
export class QQTreeSet extends TreeSet<bigint, Num> {}
export class QQSet extends KeySet<bigint, Num> {}
defineFamily('QQ', QQBTree, QQBucket, QQTreeSet, QQSet);

export class QFBTree extends BTree<bigint, number, Num, Num> {}
export class QFBucket extends Bucket<bigint, number, Num, Num> {}
export class QFTreeSet extends TreeSet<bigint, Num> {}
export class QFSet extends KeySet<bigint, Num> {}
defineFamily('QF', QFBTree, QFBucket, QFTreeSet, QFSet);

export class QLBTree extends BTree<bigint, bigint, Num, Num> {}
export class QLBucket extends Bucket<bigint, bigint, Num, Num> {}
export class QLTreeSet extends TreeSet<bigint, Num> {}
export class QLSet extends KeySet<bigint, Num> {}
defineFamily('QL', QLBTree, QLBucket, QLTreeSet, QLSet);

export class fsBTree extends BTree<Uint8Array, Uint8Array> {}
export class fsBucket extends BytesBucket {}
export class fsTreeSet extends TreeSet<Uint8Array> {}
export class fsSet extends KeySet<Uint8Array> {}
defineFamily('fs', fsBTree, fsBucket, fsTreeSet, fsSet);
