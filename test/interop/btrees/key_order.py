"""Keys of many classes in the order that Python gives them: prints {title: pickle in hex} of sorted lists."""

import datetime
import json
import random
import uuid
from decimal import Decimal

from zodbpickle import pickle

ONE = random.Random(20240601)
UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=45))
WEST = datetime.timezone(-datetime.timedelta(hours=9, seconds=30, microseconds=7))


def decimals():
    texts = ['0', '-0', '0E+7', '1', '1.0', '1E+2', '-1.5', '1.5', '0.1', '1E-400', '-1E+400', 'Infinity', '-Infinity', '9' * 40]
    made = [Decimal(text) for text in texts]
    made += [Decimal(ONE.randrange(-10**6, 10**6)).scaleb(ONE.randrange(-12, 9)) for _ in range(80)]
    made += [0.1, -1.5, 1e300, -1e300, 5e-324, float('inf'), 2**70, -(2**70), True, 3, 10**40]
    return made + [ONE.uniform(-10, 10) for _ in range(30)]


def moments(zones):
    made = []
    for _ in range(120):
        moment = datetime.datetime(2024, 3, 1) + datetime.timedelta(microseconds=ONE.randrange(-10**12, 10**12))
        made.append(moment.replace(tzinfo=ONE.choice(zones)))
    made += [datetime.datetime.min.replace(tzinfo=zones[0], year=2), datetime.datetime.max.replace(tzinfo=zones[0], year=9998)]
    return made


def times(zones):
    return [
        datetime.time(ONE.randrange(24), ONE.randrange(60), ONE.randrange(3), ONE.randrange(10**6), ONE.choice(zones))
        for _ in range(120)
    ]


LISTS = {
    'numbers with Decimals': decimals(),
    'dates': [datetime.date.fromordinal(ONE.randrange(1, 3652060)) for _ in range(120)],
    'datetimes without a zone': moments([None]),
    'datetimes with zones': moments([UTC, EAST, WEST]),
    'times without a zone': times([None]),
    'times with zones': times([UTC, EAST, WEST]),
    'timedeltas': [datetime.timedelta(ONE.randrange(-3, 3), ONE.randrange(3), ONE.randrange(10**6)) for _ in range(120)],
    'UUIDs': [uuid.UUID(int=ONE.getrandbits(128)) for _ in range(60)] + [uuid.UUID(int=2**64), uuid.UUID(int=2**128 - 1)],
    'tuples': [(ONE.randrange(3), Decimal(ONE.randrange(9)) / 4, datetime.date(2024, 1, ONE.randrange(1, 29))) for _ in range(120)],
    'texts': [''.join(chr(ONE.choice([97, 233, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff])) for _ in range(ONE.randrange(70))) for _ in range(120)],
    'long texts': ['x' * ONE.randrange(60, 70) + ONE.choice('abc\ue000\U00010000') for _ in range(120)],
}

print(json.dumps({title: pickle.dumps(sorted(keys), 3).hex() for title, keys in LISTS.items()}))
