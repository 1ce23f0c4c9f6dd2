// The one place that names all drivers and all classes with a Python name.

import { fileURLToPath } from 'node:url';
import { FileStorage } from './filestorage/index.ts';
import { registerDriver } from './zodb/open.ts';

registerDriver('file', (url, options) => {
  const text = String(url);
  const path = text.startsWith('file:') ? fileURLToPath(text) : text;
  return new FileStorage(path, options);
});
