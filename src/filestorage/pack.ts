// Packing: what nobody can see any more is left out of a new file, which then takes the place of the data file.
//
//     plan     which records are kept (pack-plan.ts)
//     copy     they are written to NAME.pack (pack-copy.ts), and so is what is committed meanwhile
//     replace  NAME becomes NAME.old, NAME.pack becomes NAME (pack-replace.ts); the storage goes on with the new file
//
// All of it is one generator of small steps, which is run to its end at once, or step by step while other work goes on.

import { rmSync } from 'node:fs';
import { isZodbError } from '../errors.ts';
import { CorruptedDataError, StorageError, StorageTransactionError } from '../zodb/errors.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { PackOptions, PackReport } from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { MAGIC_LENGTH } from './format.ts';
import { IndexMap } from './index-map.ts';
import type { PackObserver } from './pack-blobs.ts';
import { PackCopy } from './pack-copy.ts';
import type { PackHost } from './pack-host.ts';
import { PackOutput } from './pack-output.ts';
import { type PackPlan, planPack, UnknownObject } from './pack-plan.ts';
import { packNames, replaceByPacked } from './pack-replace.ts';
import { PackTable } from './pack-table.ts';
import { scan } from './scan.ts';
import { Source, Window } from './source.ts';
import type { FileWriter } from './writer.ts';

/** Between two steps: how far it is, and whether it waits for a transaction in progress. */
export interface PackStep {
  readonly done: number;
  readonly total: number;
  readonly waiting: boolean;
}

type Steps = Generator<PackStep, PackReport>;

/** Packs the file of `host`; nothing is changed where it throws, or is left before its end. */
export function* packSteps(host: PackHost, options: PackOptions): Steps {
  for (;;) {
    const pass = new PackPass(host, options);
    try {
      const report = yield* pass.run();
      if (report !== undefined) return report;
    } catch (cause) {
      if (isZodbError(cause)) throw cause;
      throw new StorageError(
        `cannot be packed: ${(cause as Error).message}`,
        { file: host.state.file, cause },
        'WRITE',
      );
    } finally {
      pass.clear();
    }
  }
}

/** Runs all steps now. */
export function packNow(host: PackHost, options: PackOptions): PackReport {
  if (host.busy && !options.dryRun)
    throw new StorageTransactionError('a transaction is in progress: finish it, then pack', {
      file: host.state.file,
    });
  const steps = packSteps(host, options);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (step.value.waiting)
        throw new StorageTransactionError('a transaction was begun by onProgress', {
          file: host.state.file,
        });
      tell(host, options, step.value);
    }
  } finally {
    endSteps(steps);
  }
}

/** Runs the steps with pauses, in which other work goes on. */
export async function packInTurns(
  host: PackHost,
  options: PackOptions & { readonly signal?: AbortSignal },
): Promise<PackReport> {
  const steps = packSteps(host, options);
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const step = steps.next();
      if (step.done) return step.value;
      tell(host, options, step.value);
      await pause(step.value.waiting);
    }
  } finally {
    endSteps(steps);
  }
}

function endSteps(steps: Steps): void {
  steps.return({} as PackReport);
}

function pause(waiting: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (waiting) setTimeout(resolve, 1);
    else setImmediate(resolve);
  });
}

function tell({ state }: PackHost, { onProgress }: PackOptions, step: PackStep): void {
  if (onProgress?.({ done: step.done, total: step.total }) === false)
    throw new StorageError('packing was stopped by onProgress', { file: state.file }, 'STOPPED');
}

// One attempt. Another is needed where something committed meanwhile refers to an object that was not to be kept.
class PackPass {
  readonly #host: PackHost;
  readonly #options: PackOptions;
  readonly #before: Tid;
  #observer: PackObserver | undefined;
  #writer: FileWriter | undefined;
  #replacement: Source | undefined;
  #done = 0;
  #total = 0;

  constructor(host: PackHost, options: PackOptions) {
    this.#host = host;
    this.#options = options;
    this.#before = options.before ?? nextTid(host.state.lastTid);
  }

  *run(): Generator<PackStep, PackReport | undefined> {
    const { state } = this.#host;
    const { gc = true, strict = false, dryRun = false } = this.#options;
    if (state.index.count === 0) return this.#unchanged(undefined, 0);
    const { end } = state;
    this.#total = end * (gc || strict ? 3 : 2);
    const plan = yield* this.#plan(end, gc, gc || strict);
    if (strict) this.#refuseDangling(plan);
    if (plan.redundant) return this.#unchanged(plan, 0);

    this.#observer = this.#host.observe(dryRun);
    if (!dryRun) this.#open();
    const output = new PackOutput(this.#writer);
    const copy = new PackCopy(state.source, plan, output, this.#observer);
    yield* this.#steps(copy.packed());
    if (output.position === plan.packEnd) return this.#unchanged(plan, 0);
    yield* this.#steps(copy.later(plan.packEnd, end, false));
    const sizeBefore = state.end;
    if (dryRun) return this.#dryReport(plan, copy, output.position);

    // What is on the disk already need not be waited for while nobody may commit.
    output.flush();
    this.#writer?.sync();
    if (yield* this.#catchUp(copy, end, gc)) return undefined;
    output.flush();
    this.#writer?.sync();
    const objectsBefore = state.index.count;
    const index = copy.index();
    const blobsRemoved = this.#replace(index);
    return {
      ...danglingOf(plan),
      sizeBefore: Math.max(sizeBefore, end),
      sizeAfter: index.end,
      objectsBefore,
      objectsAfter: index.count,
      recordsRemoved: copy.recordsRemoved,
      blobsRemoved,
      packed: true,
    };
  }

  /** Takes away what an attempt that came to nothing has left. */
  clear(): void {
    this.#observer?.cancel();
    this.#observer = undefined;
    this.#replacement?.close();
    this.#replacement = undefined;
    if (this.#writer === undefined) return;
    this.#writer.close();
    this.#writer = undefined;
    rmSync(packNames(this.#host.state.file).packed, { force: true });
  }

  *#plan(end: number, gc: boolean, references: boolean): Generator<PackStep, PackPlan> {
    const { state } = this.#host;
    const options = { before: this.#before, gc, references };
    state.source.refresh();
    try {
      const table = new PackTable(state.index);
      return yield* this.#steps(planPack(state.source, end, table, options));
    } catch (error) {
      if (!(error instanceof UnknownObject)) throw error;
    }
    // The index came from an index file that is wrong where opening did not look.
    const index = new IndexMap(state.index.count);
    scan(new Window(state.source), MAGIC_LENGTH, ZERO_TID, index);
    this.#done = 0;
    return yield* this.#steps(planPack(state.source, end, new PackTable(index), options));
  }

  // Copies what is committed meanwhile, until there is no more. True where a new plan is needed.
  *#catchUp(copy: PackCopy, from: number, gc: boolean): Generator<PackStep, boolean> {
    const { state } = this.#host;
    for (let position = from; position < state.end || this.#host.busy; ) {
      const { end } = state;
      if (position === end) {
        yield this.#step(true);
        continue;
      }
      state.source.refresh();
      if (yield* this.#steps(copy.later(position, end, gc))) return true;
      position = end;
    }
    return false;
  }

  #open(): void {
    const { packed, old } = packNames(this.#host.state.file);
    // Makes room before the new file is written, as Python does.
    rmSync(old, { force: true });
    rmSync(packed, { force: true });
    this.#writer = this.#host.openWriter(packed);
  }

  // The last steps, in which nobody else has a turn.
  #replace(index: IndexMap): number {
    const { state } = this.#host;
    const { file, contents, lastTid } = state;
    const { keepOld = true } = this.#options;
    const writer = this.#writer as FileWriter;
    this.#replacement = new Source(file, packNames(file).packed);
    replaceByPacked(file);
    this.#writer = undefined;
    state.replace(this.#replacement, {
      dialect: contents.dialect,
      index,
      end: index.end,
      lastTid,
      tail: undefined,
      followed: false,
      findings: contents.findings.filter(({ damage }) => !damage),
      indexFile: 'old',
    });
    this.#replacement = undefined;
    this.#host.useWriter(writer);
    if (!keepOld) rmSync(packNames(file).old, { force: true });
    state.saveIndex();
    const observer = this.#observer;
    this.#observer = undefined;
    return observer?.finish(keepOld) ?? 0;
  }

  *#steps<T>(steps: Generator<number, T>): Generator<PackStep, T> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      this.#done += step.value;
      yield this.#step(false);
    }
  }

  #step(waiting: boolean): PackStep {
    return { done: Math.min(this.#done, this.#total), total: this.#total, waiting };
  }

  #refuseDangling({ dangling: [first], danglingCount }: PackPlan): void {
    if (first === undefined) return;
    const more =
      danglingCount > 1 ? `, and there are ${danglingCount - 1} more such references` : '';
    throw new CorruptedDataError(
      `the object refers to ${formatId(first.to as Oid)}, which is not there${more}`,
      { file: this.#host.state.file, oid: first.from as Oid },
    );
  }

  #dryReport(plan: PackPlan, copy: PackCopy, sizeAfter: number): PackReport {
    const observer = this.#observer;
    this.#observer = undefined;
    return {
      ...this.#unchanged(plan, observer?.cancel() ?? 0),
      sizeAfter,
      objectsAfter: copy.count,
      recordsRemoved: copy.recordsRemoved,
    };
  }

  #unchanged(plan: PackPlan | undefined, blobsRemoved: number): PackReport {
    const { end, index } = this.#host.state;
    return {
      ...danglingOf(plan),
      sizeBefore: end,
      sizeAfter: end,
      objectsBefore: index.count,
      objectsAfter: index.count,
      recordsRemoved: 0,
      blobsRemoved,
      packed: false,
    };
  }
}

function danglingOf(plan: PackPlan | undefined): Pick<PackReport, 'dangling' | 'danglingCount'> {
  const dangling = plan?.dangling ?? [];
  return {
    dangling: dangling.map(({ from, to }) => ({ from: from as Oid, to: to as Oid })),
    danglingCount: plan?.danglingCount ?? 0,
  };
}
