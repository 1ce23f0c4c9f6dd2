"""Prints pickles of protocols 0 to 5, each with what pickletools prints for it: JSON of [hex, text]."""
import datetime
import io
import json
import pickle
import pickletools

loop = ([],)
loop[0].append(loop)
shared = ['a', 'b']
VALUES = [
    None, True, False, 0, 1, -1, 255, 256, 65536, 2**31, -2**31 - 1, 2**64, -2**64, 2**2050, 0.0, -0.0, 1.5, 1e100, float('inf'),
    float('nan'), '', 'a', "it's", '"', 'it\'s "', '\\ \n \t \x00 \x7f', '\u20ac\xe9', '\U0001f600', '\ud800', b'', b'a', b'\xff\x00\'',
    b'x' * 300, 'x' * 300, bytearray(b'ab'), (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, 2], {}, {1: 2}, {1: 2, 3: 4},
    set(), {1}, frozenset(), frozenset([1]), loop, [shared, shared], 1 + 2j, dict, datetime.datetime, datetime.date(2024, 1, 1),
    list(range(1001)), [str(i) for i in range(300)], ValueError('v'), object(),
]
TEXTS = [
    b"I01\n.", b"I00\n.", b"L5L\n.", b"F1.5\n.", b"S'a\\x41\\n'\n.", b'S"a"\n.', b"Va\\u0041\n.", b"Pab\n.", b"(lp0\nI1\na.", b"(dp0\n.",
    b"(imodule\nname\n.", b"(cmodule\nname\no.", b"K\x01(K\x02K\x031.", b"K\x01(0.", b"K\x01K\x020.", b"K\x012\x86.", b"\x82\x01.", b"\x83\x01\x02.",
    b"\x84\x01\x02\x03\x04.", b"K\x01Q.", b"\x97\x98.", b"K\x01q\x05h\x05\x86.", b"K\x01r\x00\x01\x00\x00j\x00\x01\x00\x00\x86.",
    b"T\x03\x00\x00\x00ab\xff.", b"U\x02a\xff.", b"\x8a\x00.", b"\x8a\x02\xff\x00.", b"\x8b\x02\x00\x00\x00\xff\xff.", b"\x80\x05N.",
]

pickles = TEXTS + [pickle.dumps(value, protocol) for value in VALUES for protocol in range(6)]
cases = []
for one in pickles:
    out = io.StringIO()
    try:
        pickletools.dis(one, out)
    except ValueError as error:
        if 'stack not empty' not in str(error):
            raise
    cases.append([one.hex(), out.getvalue()])
print(json.dumps(cases))
