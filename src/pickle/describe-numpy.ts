// numpy's values as numpy writes them: dtypes, scalars (bare in numpy 1, with their type in numpy 2) and arrays.

import { PyComplex } from './complex.ts';
import { describeArray } from './describe-array.ts';
import { dtypeName, dtypeText, shortFloat } from './describe-dtype.ts';
import type { DescriptionPart } from './describe-known.ts';
import { describeComplex } from './describe-scalars.ts';
import { NumpyArray, NumpyScalar } from './numpy-array.ts';
import { datetimeText } from './numpy-datetime.ts';
import { NumpyDType } from './numpy-dtype.ts';

/** The pieces of the text of an array, scalar or dtype; undefined for any other value. */
export function describeNumpy(value: object): Iterable<DescriptionPart> | undefined {
  if (value instanceof NumpyDType) return [`dtype(${dtypeText(value)})`];
  if (value instanceof NumpyScalar) return scalarParts(value);
  if (value instanceof NumpyArray) return describeArray(value);
  return undefined;
}

function scalarParts(scalar: NumpyScalar): Iterable<DescriptionPart> {
  const { dtype, module } = scalar;
  const { kind } = dtype;
  const isTwo = module.startsWith('numpy._core');
  const prefix = isTwo ? 'np.' : 'numpy.';
  const { value } = scalar;
  if (kind === 'M') return [`${prefix}datetime64('${datetimeText(value as bigint, dtype.unit)}')`];
  if (kind === 'm') return [`${prefix}timedelta64(${value}${countedUnit(dtype.unit)})`];
  if (kind === 'b' && isTwo) return [value === true ? 'np.True_' : 'np.False_'];
  const name = kind === 'S' ? 'bytes_' : kind === 'U' ? 'str_' : dtypeName(dtype);
  const part: DescriptionPart =
    typeof value === 'number' && kind === 'f' ? shortFloat(value, dtype.itemsize) : { value };
  const text = value instanceof PyComplex ? complexText(value, dtype.itemsize) : part;
  if (!isTwo || name === undefined) return [text];
  const isBracketed = typeof text === 'string' && text.startsWith('(');
  return isBracketed ? [`np.${name}${text}`] : [`np.${name}(`, text, ')'];
}

function countedUnit(unit: string | undefined): string {
  const [, count = '', name = ''] = /^(\d*)(\D*)$/.exec(unit ?? '') ?? [];
  return name === 'generic' ? '' : `,'${name}'${count === '' ? '' : `,${count}`}`;
}

function complexText(value: PyComplex, itemsize: number): string {
  return describeComplex(value.real, value.imag, (part) => shortFloat(part, itemsize / 2));
}
