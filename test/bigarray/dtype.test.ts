import { expect } from 'chai';
import { DType, type DTypeSpec, dtype } from '../../src/bigarray/index.ts';
import { throwsCode } from './throws.ts';

describe('A dtype', () => {
  const spellings: [DTypeSpec, string][] = [
    ['int64', '<i8'],
    ['i8', '<i8'],
    ['=i8', '<i8'],
    ['int', '<i8'],
    ['l', '<i8'],
    ['>i8', '>i8'],
    ['|i1', '|i1'],
    ['bool', '|b1'],
    ['?', '|b1'],
    ['float', '<f8'],
    ['half', '<f2'],
    ['complex', '<c16'],
    ['longdouble', '<f16'],
    ['S5', '|S5'],
    ['a5', '|S5'],
    ['U5', '<U5'],
    ['>U3', '>U3'],
    ['V7', '|V7'],
    ['M8[ns]', '<M8[ns]'],
    ['datetime64[us]', '<M8[us]'],
    ['M8[s/10]', '<M8[100ms]'],
    ['m8', '<m8'],
    [['f4', [2]], '|V8'],
    [
      [
        ['t', 'M8[ns]'],
        ['v', 'f8'],
      ],
      '|V16',
    ],
  ];
  for (const [spec, str] of spellings) {
    it(`${JSON.stringify(spec)} is ${str}`, () => {
      expect(dtype(spec).str).to.equal(str);
    });
  }

  const wrong: unknown[] = [
    'x',
    'i3',
    'int64 ',
    '',
    '<',
    'M8[]',
    'f1',
    8,
    null,
    {},
    [['a']],
    [
      ['a', 'i4'],
      ['a', 'i4'],
    ],
  ];
  for (const spec of wrong) {
    it(`${JSON.stringify(spec)} is refused`, () => {
      throwsCode('DTYPE', () => dtype(spec as DTypeSpec));
    });
  }

  it('is itself as a spec', () => {
    const type = dtype('f8');
    expect(dtype(type)).to.equal(type);
  });

  const arrays: [string, string][] = [
    ['bool', 'Uint8Array'],
    ['int8', 'Int8Array'],
    ['uint8', 'Uint8Array'],
    ['int16', 'Int16Array'],
    ['uint16', 'Uint16Array'],
    ['int32', 'Int32Array'],
    ['uint32', 'Uint32Array'],
    ['int64', 'BigInt64Array'],
    ['uint64', 'BigUint64Array'],
    ['float16', 'Uint16Array'],
    ['float32', 'Float32Array'],
    ['float64', 'Float64Array'],
    ['complex64', 'Float32Array'],
    ['complex128', 'Float64Array'],
    ['M8[ns]', 'BigInt64Array'],
    ['m8[s]', 'BigInt64Array'],
    ['longdouble', 'Uint8Array'],
    ['>f8', 'Uint8Array'],
    ['S5', 'Uint8Array'],
    ['U5', 'Uint8Array'],
    ['i4,f8', 'Uint8Array'],
  ];
  for (const [spec, name] of arrays) {
    it(`${spec} lies in a ${name}`, () => {
      expect(dtype(spec).arrayType.name).to.equal(name);
    });
  }

  it('finds fields by name and title, with their offsets', () => {
    const type = dtype({
      names: ['a', 'b'],
      formats: ['i1', 'f8'],
      titles: ['T', null],
      aligned: true,
    });
    expect(type.itemsize).to.equal(16);
    expect(type.field('b').offset).to.equal(8);
    expect(type.field('T')).to.equal(type.field('a'));
    throwsCode('DTYPE', () => type.field('c'));
    throwsCode('DTYPE', () => dtype('i4').field('a'));
  });

  it('differs from another in any part of its meaning', () => {
    const types = [
      '<i4',
      '>i4',
      'u4',
      'f4',
      'M8[ns]',
      'M8[us]',
      'i4,i4',
      'i4,u4',
      '(2,)i4',
      '(1,2)i4',
      'V8',
    ];
    for (const [i, a] of types.entries()) {
      for (const [j, b] of types.entries()) {
        expect(dtype(a).equals(dtype(b)), `${a} ${b}`).to.equal(i === j);
      }
    }
  });

  it('knows whether Python objects are anywhere in it', () => {
    expect(dtype('i4,f8').hasObject).to.equal(false);
    for (const spec of ['O', '(2,)O', 'i4,O'] as const)
      expect(dtype(spec).hasObject).to.equal(true);
    expect(dtype([['p', [['q', 'O']]]]).hasObject).to.equal(true);
  });

  it('cannot be of a size that does not exist', () => {
    throwsCode('DTYPE', () => new DType({ kind: 'f', itemsize: 3 }));
    throwsCode('DTYPE', () => dtype('V99999999999'));
  });
});
