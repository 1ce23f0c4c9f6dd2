import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { isZodbError } from '../../../src/errors.ts';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { isDamaged, type Problem, verify } from '../../../src/tools/index.ts';
import { corpusFiles } from '../../filestorage/corpus.ts';
import { damage } from '../../filestorage/damages.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

const COUNT = Number(process.env['ZODB_DAMAGES'] ?? '100');
const SEED = Number(process.env['ZODB_SEED'] ?? '1');

interface Verdict {
  readonly tests: string | null;
  readonly refs: number;
}

describe('verify, beside fstest and fsrefs', () => {
  const python = peer('zodb');
  const path = testFolder();
  const verdicts = (files: readonly string[]): Verdict[] =>
    python.runJson<Verdict[]>('filestorage/damage.py', files);

  it('names the objects that fsrefs names in intact files, and nothing else', () => {
    python.run('filestorage/pack.py', [path(''), String(SEED), '30']);
    const files = Array.from({ length: 30 }, (_, i) => path(`${SEED + i}.fs`));
    let dangling = 0;
    let clean = 0;
    verdicts(files).forEach(({ tests, refs }, i) => {
      expect(tests).to.equal(null);
      const problems = problemsOf(files[i] as string);
      expect(problems.filter(({ message }) => !message.startsWith('refers to'))).to.deep.equal([]);
      expect(new Set(problems.map(({ oid }) => oid)).size, files[i]).to.equal(refs);
      if (refs > 0) dangling++;
      else clean++;
    });
    expect(dangling).to.be.greaterThan(0);
    expect(clean).to.be.greaterThan(0);
  });

  it(`reports damage whenever one of them does, seeds from ${SEED}`, () => {
    python.run('filestorage/pack.py', [path(''), '1', '12']);
    const originals = Array.from({ length: 12 }, (_, i) => readFileSync(path(`${i + 1}.fs`)));
    const files = Array.from({ length: COUNT }, (_, i) => {
      const file = path(`${i}.damaged.fs`);
      writeFileSync(file, damage(originals[i % 12] as Buffer, SEED + i).bytes);
      return file;
    });
    let reported = 0;
    verdicts(files).forEach(({ tests, refs }, i) => {
      if (tests === null && refs === 0) return;
      reported++;
      expect(problemsOf(files[i] as string), `seed ${SEED + i}: ${tests}`).to.not.deep.equal([]);
    });
    expect(reported).to.be.greaterThan(COUNT / 2);
  });

  it('reports whenever one of them does on the damaged files of the corpus', () => {
    const files = corpusFiles('damaged').map(({ name, file }) => {
      copyFileSync(file, path(`${name}.fs`));
      return path(`${name}.fs`);
    });
    verdicts(files).forEach(({ tests, refs }, i) => {
      if (tests === null && refs === 0) return;
      // Python 3 refuses what Python 2 wrote; as that, the file is intact.
      if (readFileSync(files[i] as string, 'latin1').startsWith('FS21')) return;
      expect(problemsOf(files[i] as string), `${files[i]}: ${tests}`).to.not.deep.equal([]);
    });
  });
});

function problemsOf(file: string): readonly Problem[] {
  try {
    using storage = new FileStorage(file, { readOnly: true });
    const result = verify(storage);
    expect(isDamaged(result)).to.equal(result.problems.length > 0);
    return result.problems;
  } catch (error) {
    if (!isZodbError(error)) throw error;
    return [{ message: error.message }];
  }
}
