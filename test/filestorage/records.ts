// Records as Python writes them, for tests that need references between objects.

/** A record of an object of class m.C whose state is a text and references to `oids`. */
export function record(text: string, oids: readonly bigint[] = []): Uint8Array {
  const references = oids.map((oid) => `C\x08${long(oid)}h\0\x86Q`).join('');
  const state = `}(U\x04textT${word(text.length)}${text}U\x04refs](${references}eu.`;
  return Buffer.from(`\x80\x03cm\nC\nq\0.\x80\x03${state}`, 'latin1');
}

/** The text in a record that `record` made. */
export function textOf(data: Uint8Array): string {
  const bytes = Buffer.from(data);
  const start = bytes.indexOf('textT') + 5;
  return bytes.toString('latin1', start + 4, start + 4 + bytes.readUInt32LE(start));
}

function long(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes.toString('latin1');
}

function word(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
}
