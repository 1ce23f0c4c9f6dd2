// Random sequences of steps on one file, in which Python and Node take turns. The other one does each step on a copy of the
// file, and must end with the same bytes; after each step both must read the same from the file, in every way there is.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { formatId } from '../../../src/zodb/ids.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { toHex } from '../../hex.ts';
import { Random } from '../../random.ts';
import { peer } from '../peers.ts';
import { PythonSession } from '../python-session.ts';
import { BLOBS, compareBlobs, copyBlobs, makeBlobFolder } from './blob-trees.ts';
import { doStep, seen } from './node-steps.ts';
import {
  firstStep,
  type Kind,
  kinds,
  type Make,
  type Outcome,
  type Step,
  viewOf,
} from './sequence-steps.ts';

const SEQUENCES = Number(process.env['ZODB_SEQUENCES'] ?? 200);
const STEPS = 30;
const AT_LEAST = 100;
const SEED = Number(process.env['ZODB_SEED'] ?? Date.now() % 1_000_000);

describe('a FileStorage in which Python and Node take turns', () => {
  const zodb = peer('zodb');
  const path = testFolder();
  let python: PythonSession;
  before(() => {
    python = new PythonSession(zodb.python, 'filestorage/sequences.py');
  });
  after(() => python?.close());

  const make: Make = (cls, value, refs) => python.ask({ do: 'make', class: cls, value, refs });
  const sides = {
    Node: async (file: string, step: Step, blobs?: string) => doStep(file, step, blobs),
    Python: (file: string, step: Step, blobs?: string) =>
      python.ask<Outcome>({ do: 'step', file, step, blobs }),
  };

  it(`is the same to both after each step of ${SEQUENCES} sequences, seed ${SEED}`, async function () {
    this.timeout(1_800_000);
    const counts = new Map<string, number>();
    for (let number = 0; number < SEQUENCES; number++) {
      const random = new Random(SEED + number);
      const file = path('Data.fs');
      for (const suffix of ['', '.index', '.old', '.pack', ...BLOBS])
        rmSync(file + suffix, { force: true, recursive: true });
      const setting = { doubles: number % 3 === 0, blobs: number % 3 === 1 };
      if (setting.blobs) makeBlobFolder(`${file}.blobs`, random.of(['bushy', 'lawn']));
      new FileStorage(file).close();
      for (let n = 0; n < STEPS; n++) {
        const side = random.of(['Node', 'Python'] as const);
        const view = viewOf(file, setting);
        const name = view.objects.size === 0 ? 'first' : chosen(random, setting.blobs);
        const choose = name === 'first' ? firstStep : (kinds[name] as Kind).choose;
        const step = await choose(random, view, make);
        const where = `seed ${SEED + number}, step ${n}, ${name} by ${side}: ${JSON.stringify(step)}`;
        await check(file, side, step, where);
        // There is no pack where transactions have several records of one object.
        const done = name === 'pack' ? (step.kind === 'pack' ? name : 'store') : name;
        counts.set(`${done} ${side}`, (counts.get(`${done} ${side}`) ?? 0) + 1);
      }
    }
    for (const name of Object.keys(kinds))
      for (const side of ['Node', 'Python'])
        expect(counts.get(`${name} ${side}`) ?? 0, `${name} by ${side}`).to.be.greaterThanOrEqual(
          SEQUENCES >= 200 ? AT_LEAST : Math.floor(SEQUENCES / 4),
        );
    if (SEQUENCES >= 200)
      console.log(
        `      ${[...counts]
          .sort()
          .map((pair) => pair.join(' '))
          .join(', ')}`,
      );
  });

  async function check(
    file: string,
    side: keyof typeof sides,
    step: Step,
    where: string,
  ): Promise<void> {
    const other = side === 'Node' ? 'Python' : 'Node';
    const copy = path('copy.fs');
    copyFileSync(file, copy);
    if (existsSync(`${file}.index`)) copyFileSync(`${file}.index`, `${copy}.index`);
    const [blobs, otherBlobs] = copyBlobs(file, copy);
    const outcome = await sides[side](file, step, blobs);
    const otherOutcome = await sides[other](copy, step, otherBlobs);
    // Python refuses to pack what Node can: files with references to nothing, for example.
    // Nor does it undo what points back to a blob whose own file is missing, though nearer ones have the same data.
    const [byNode, byPython] = side === 'Node' ? [outcome, otherOutcome] : [otherOutcome, outcome];
    const refused =
      (step.kind === 'pack' && [outcome, otherOutcome].some(({ error }) => error !== undefined)) ||
      (blobs !== undefined && byPython.error === 'POSKeyError' && byNode.error === undefined);
    if (!refused) expect(otherOutcome, where).to.deep.equal(outcome);
    // Node also keeps what only records after the moment of the pack refer to.
    const [node, theirFile] = side === 'Node' ? [file, copy] : [copy, file];
    const keptMore = step.kind === 'pack' && statSync(node).size > statSync(theirFile).size;
    if (keptMore && !refused)
      expect([...recordsOf(node)], where).to.include.members([...recordsOf(theirFile)]);
    // Node keeps no index of a file without objects.
    for (const suffix of refused || keptMore ? [] : ['', '.index'])
      if (existsSync(file + suffix) && existsSync(copy + suffix))
        expect(
          readFileSync(copy + suffix).equals(readFileSync(file + suffix)),
          `${suffix} of ${where}`,
        ).to.equal(true);
    if (blobs !== undefined && !refused) compareBlobs(node, theirFile, step, where);
    const text = [...seen(file)].join('\n');
    const hash = createHash('sha1').update(text).digest('hex');
    const theirs = await python.ask<{ verdict: string; hash: string }>({
      do: 'see',
      file,
      full: false,
    });
    expect(theirs.verdict, where).to.equal('no errors detected');
    if (theirs.hash === hash) return;
    const full = await python.ask<{ text: string }>({ do: 'see', file, full: true });
    expect(text.split('\n'), where).to.deep.equal(full.text.split('\n'));
  }
});

function* recordsOf(file: string): Generator<string> {
  using storage = new FileStorage(file, { readOnly: true });
  for (const transaction of storage.iterate())
    for (const { oid, tid, data } of transaction.records())
      yield [formatId(tid), formatId(oid), data && toHex(data)].join(' ');
}

const weighted = Object.entries(kinds).flatMap(([name, { weight }]) =>
  Array<string>(weight).fill(name),
);

function chosen(random: Random, blobs: boolean): string {
  return random.of(blobs ? weighted : weighted.filter((name) => name !== 'blob'));
}
