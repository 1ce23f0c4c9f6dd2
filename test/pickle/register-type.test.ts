import { expect } from 'chai';
import {
  decode,
  decodeAll,
  encode,
  float,
  type PickledType,
  Pickler,
  PyDict,
  PyObject,
  pyGlobal,
  registerType,
  describe as repr,
  tuple,
} from '../../src/pickle/index.ts';
import { failure } from './raw.ts';

class Price {
  amount: number;
  currency: string;

  constructor(amount: number, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
}

const PRICE: PickledType<Price> = {
  python: 'shop.money.Price',
  class: Price,
  fromPickle({ args: [amount, currency] }) {
    return typeof amount === 'number' && typeof currency === 'string'
      ? new Price(amount, currency)
      : undefined;
  },
  toPickle: ({ amount, currency }) =>
    new PyObject('reduce', pyGlobal('shop.money', 'Price'), tuple<unknown>(amount, currency)),
};

class Box {
  content: unknown;

  constructor(content: unknown) {
    this.content = content;
  }
}

const BOX: PickledType<Box> = {
  python: pyGlobal('shop', 'Box'),
  class: Box,
  fromPickle: ({ state }) => (state instanceof PyDict ? new Box(state.get('content')) : undefined),
  toPickle: ({ content }) =>
    new PyObject('newobj', pyGlobal('shop', 'Box'), tuple(), {
      state: new PyDict([['content', content]]),
    }),
};

const types = [PRICE as unknown as PickledType, BOX as unknown as PickledType];

function price(...args: unknown[]): PyObject {
  return new PyObject('reduce', pyGlobal('shop.money', 'Price'), tuple(...args));
}

function box(content: unknown): PyObject {
  return BOX.toPickle(new Box(content));
}

describe('Types of the user', () => {
  it('stand for the objects of a Python class, and are written as those', () => {
    const bytes = encode([price(5, 'EUR'), box(price(7, 'USD'))]);
    const [first, second] = decode(bytes, { types }) as [Price, Box];
    expect(first).to.be.instanceOf(Price).and.to.include({ amount: 5, currency: 'EUR' });
    expect(second.content).to.be.instanceOf(Price).and.to.include({ amount: 7 });
    expect(encode([first, second], { types })).to.deep.equal(bytes);
  });

  it('hold for one call where they are options', () => {
    expect(decode(encode(price(5, 'EUR')))).to.be.instanceOf(PyObject);
    expect(failure(() => encode(new Price(5, 'EUR')))).to.include({ code: 'PICKLE_VALUE' });
  });

  it('hold everywhere once they are registered, and only once', () => {
    class Weight {
      readonly grams: number;
      constructor(grams: number) {
        this.grams = grams;
      }
    }
    const weight: PickledType<Weight> = {
      python: 'shop.Weight',
      class: Weight,
      fromPickle: ({ args }) => new Weight(Number(args[0])),
      toPickle: ({ grams }) => new PyObject('reduce', pyGlobal('shop', 'Weight'), tuple(grams)),
    };
    registerType(weight);
    expect(decode(encode(new Weight(3))))
      .to.be.instanceOf(Weight)
      .and.to.include({ grams: 3 });
    const again = failure(() => registerType(weight));
    expect(again.message).to.include('shop.Weight').and.to.include('already');
    const sameClass = failure(() => registerType({ ...weight, python: 'shop.Mass' }));
    expect(sameClass).to.include({ code: 'PICKLE_VALUE' });
  });

  it('are one object wherever their description was one', () => {
    const shared = box(1);
    const [a, b] = decode(encode([shared, tuple(shared)]), { types }) as [Box, [Box]];
    expect(b[0]).to.equal(a);
    const key = price(1, 'EUR');
    const dict = decode(encode([new PyDict([[key, key]])]), { types }) as [PyDict];
    const [[first, second]] = [...dict[0]] as [[unknown, unknown]];
    expect(first).to.be.instanceOf(Price).and.to.equal(second);
  });

  it('are one object in both pickles of a record', () => {
    const pickler = new Pickler();
    const shared = box(1);
    pickler.dump(tuple(pyGlobal('m', 'C'), shared));
    pickler.dump({ again: shared });
    const [cls, state] = decodeAll(pickler.take(), { types }) as [unknown[], PyDict];
    expect(cls[1]).to.be.instanceOf(Box).and.to.equal(state.get('again'));
  });

  it('leave what they would write in another way as it is', () => {
    const others = [
      price(5),
      price(5, 'EUR', 1),
      new PyObject('newobj', pyGlobal('shop.money', 'Price'), tuple<unknown>(5, 'EUR')),
      new PyObject('reduce', pyGlobal('shop.money', 'Price'), tuple<unknown>(5, 'EUR'), {
        state: null,
      }),
      new PyObject('newobj', pyGlobal('shop', 'Box'), tuple(), {
        state: new PyDict<string, unknown>([
          ['content', 1],
          ['colour', 'red'],
        ]),
      }),
    ];
    for (const other of others) {
      const bytes = encode(other);
      expect(decode(bytes, { types }), repr(other)).to.be.instanceOf(PyObject);
      expect(encode(decode(bytes, { types }), { types })).to.deep.equal(bytes);
    }
  });

  it('leave an object that leads back to itself as it is, and what is in it not', () => {
    const loop = box(undefined);
    const inner = box(loop);
    (loop.state as PyDict).set('content', inner);
    const bytes = encode(loop);
    const decoded = decode(bytes, { types }) as PyObject;
    expect(decoded).to.be.instanceOf(PyObject);
    const content = (decoded.state as PyDict).get('content') as Box;
    expect(content).to.be.instanceOf(Box);
    expect(content.content).to.equal(decoded);
    expect(encode(decoded, { types })).to.deep.equal(bytes);
  });

  it('keep floats that are whole', () => {
    const bytes = encode([price(float(5), 'EUR'), price(5, 'EUR'), box([float(1), 2])]);
    const [first, second, third] = decode(bytes, { types }) as [Price, Price, Box];
    expect(first.amount).to.equal(5);
    expect(second.amount).to.equal(5);
    expect(third.content).to.deep.equal([1, 2]);
    const whole = decode(bytes, { types });
    expect(encode(whole, { types })).to.deep.equal(bytes);
  });

  it('keep floats of a dict whose key they are', () => {
    const bytes = encode(
      new PyDict([
        [price(1, 'EUR'), float(2)],
        [price(2, 'EUR'), 2 as unknown],
      ]),
    );
    expect(encode(decode(bytes, { types }), { types })).to.deep.equal(bytes);
  });

  it('may say themselves that a part is a float, and do not take ints for floats', () => {
    const exact: PickledType = {
      ...(PRICE as unknown as PickledType),
      toPickle: (value) => price(float((value as Price).amount), (value as Price).currency),
    };
    const floats = encode(price(float(5), 'EUR'));
    expect(decode(floats, { types: [exact] })).to.be.instanceOf(Price);
    expect(encode(decode(floats, { types: [exact] }), { types: [exact] })).to.deep.equal(floats);
    const ints = encode(price(5, 'EUR'));
    expect(decode(ints, { types: [exact] })).to.be.instanceOf(PyObject);
  });

  it('may be subclasses of Array and Map', () => {
    class Path extends Array<string> {}
    class Index extends Map<string, number> {}
    const own: PickledType[] = [
      {
        python: 'shop.Path',
        class: Path,
        fromPickle: ({ args }) => Path.from(args) as Path,
        toPickle: (path) =>
          new PyObject('reduce', pyGlobal('shop', 'Path'), tuple(...(path as Path))),
      },
      {
        python: 'shop.Index',
        class: Index,
        fromPickle: ({ args: [dict] }) => new Index(dict as PyDict<string, number>),
        toPickle: (index) =>
          new PyObject('reduce', pyGlobal('shop', 'Index'), tuple(new PyDict(index as Index))),
      },
    ];
    const [path, index] = decode(
      encode([Path.of('a', 'b'), new Index([['k', 1]])], { types: own }),
      {
        types: own,
      },
    ) as [Path, Index];
    expect(path).to.be.instanceOf(Path).and.to.have.members(['a', 'b']);
    expect(index).to.be.instanceOf(Index);
    expect(index.get('k')).to.equal(1);
  });

  it('name themselves in the error when their own code fails', () => {
    const broken: PickledType = {
      ...(PRICE as unknown as PickledType),
      fromPickle: () => {
        throw new RangeError('no');
      },
    };
    const error = failure(() => decode(encode(price(1, 'EUR')), { types: [broken], oid: 5n }));
    expect(error.message).to.include('shop.money.Price').and.to.include('0000000000000005');
    expect(error.cause).to.be.instanceOf(RangeError);
  });

  const wrong: readonly [what: string, type: unknown][] = [
    ['no class', { ...PRICE, class: undefined }],
    ['a class with a meaning', { ...PRICE, class: Array }],
    ['a name without a module', { ...PRICE, python: 'Price' }],
    ['no fromPickle', { ...PRICE, fromPickle: undefined }],
    ['no toPickle', { ...PRICE, toPickle: null }],
    ['a Python class that has a type', { ...PRICE, python: 'decimal.Decimal' }],
    ['nothing', undefined],
  ];
  for (const [what, type] of wrong) {
    it(`are refused with ${what}`, () => {
      expect(failure(() => registerType(type as PickledType))).to.include({ code: 'PICKLE_VALUE' });
    });
  }

  it('are refused as an option that is no list', () => {
    for (const types of [PRICE, 5, null, 'shop.Price']) {
      const error = failure(() => decode(encode(1), { types: types as never }));
      expect(error.message).to.include('types');
      expect(failure(() => encode(1, { types: types as never }))).to.include({
        code: 'PICKLE_VALUE',
      });
    }
  });

  it('are refused where they write something else than they read', () => {
    const other = { ...PRICE, toPickle: () => box(1) } as unknown as PickledType;
    expect(failure(() => encode(new Price(1, 'EUR'), { types: [other] }))).to.include({
      code: 'PICKLE_VALUE',
    });
  });
});
