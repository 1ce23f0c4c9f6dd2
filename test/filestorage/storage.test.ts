import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { storageSuite } from '../../src/testing/index.ts';
import { testFolder } from './folder.ts';

describe('FileStorage', () => {
  const path = testFolder();
  storageSuite({ describe, it }, 'FileStorage', () => new FileStorage(path('Data.fs')));

  for (const [title, options, code] of [
    ['a missing file that it may not make', { create: false }, 'NO_SUCH_FILE'],
    ['a missing file for reading', { readOnly: true }, 'NO_SUCH_FILE'],
  ] as const)
    it(`refuses ${title}, and makes nothing`, () => {
      const missing = path('missing.fs');
      expect(() => new FileStorage(missing, options))
        .to.throw()
        .with.property('code', code);
      expect([missing, `${missing}.lock`].filter(existsSync)).to.deep.equal([]);
    });

  it('refuses a file that is there when told to make a new one', () => {
    new FileStorage(path('Data.fs')).close();
    expect(() => new FileStorage(path('Data.fs'), { create: 'new' }))
      .to.throw()
      .with.property('code', 'EXISTS');
  });
});
