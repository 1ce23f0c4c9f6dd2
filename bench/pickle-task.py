"""The Python side of bench/pickle.ts: pickle-task.py FOLDER. Each line read is a task ["decode", kind, passes]; each line
printed is the seconds it took, those of processor time, and a check value. Everything goes through ZODB's own reader and writer."""
import json
import os
import sys
import time
from io import BytesIO

import ZODB.broken
from persistent import PickleCache
from ZODB._compat import PersistentUnpickler
from ZODB.serialize import ObjectReader, ObjectWriter

folder = sys.argv[1]


class Jar:
    """What ghosts ask of their connection: nothing here."""


def load_records(kind):
    with open(os.path.join(folder, kind + ".records"), "rb") as file:
        data = file.read()
    records = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        records.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return records


jar = Jar()
cache = PickleCache(jar, 1000)
reader = ObjectReader(jar, cache, lambda connection, module, name: ZODB.broken.find_global(module, name))
writer = ObjectWriter()
writer._jar = jar
kept_ghosts = []
loaded = {}


def read(record):
    """The class and the state of a record, as ObjectReader.getState and getGhost read them."""
    unpickler = reader._get_unpickler(record)
    return unpickler.load(), unpickler.load()


def decode(records):
    for record in records:
        read(record)
    return len(records)


def decode_keeping(records):
    return len([read(record) for record in records])


def scan(records):
    count = 0
    for record in records:
        found = []
        unpickler = PersistentUnpickler(None, found.append, BytesIO(record))
        unpickler.noload()
        unpickler.noload()
        count += len(found)
    return count


def encode(values):
    size = 0
    for cls, state in values:
        size += len(writer._dump(cls, state))
    return size


TASKS = {"decode": decode, "decode, results kept": decode_keeping, "scan": scan, "encode": encode}

for line in sys.stdin:
    task, kind, passes = json.loads(line)
    if kind not in loaded:
        loaded[kind] = load_records(kind)
        # the ghosts of all references stay alive, as those of a warm connection do
        kept_ghosts += [read(record) for record in loaded[kind]] if kind != "2 MiB bytes" else []
    records = loaded[kind]
    seconds = cpu = 0.0
    for _ in range(passes):
        given = [read(record) for record in records] if task == "encode" else records
        started, started_cpu = time.perf_counter(), time.process_time()
        check = TASKS[task](given)
        seconds += time.perf_counter() - started
        cpu += time.process_time() - started_cpu
        del given
    print(json.dumps([seconds, cpu, check]), flush=True)
