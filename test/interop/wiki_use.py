"""Uses the database of examples/wiki.

    wiki_use.py FILE show                         all pages as JSON
    wiki_use.py FILE edit TITLE AUTHOR < text     edits a page; makes the wiki if there is none
    wiki_use.py FILE attach TITLE NAME < data
    wiki_use.py FILE undo                         undoes the last transaction
"""
import json
import sys

import transaction
import ZODB
from ZODB.blob import Blob
from ZODB.FileStorage import FileStorage

from wiki import Wiki


def shown(db, wiki):
    for tree in (wiki.pages, wiki.words, wiki.links):
        tree._check()
    for page in wiki.pages.values():
        yield page.title, {
            'class': f'{type(page).__module__}.{type(page).__name__}',
            'text': page.text,
            'author': page.author,
            'attachments': {name: blob.open().read().decode() for name, blob in page.attachments.items()},
            'history': [entry['description'] for entry in db.history(page._p_oid, size=99)],
            'words': [word for word, titles in wiki.words.items() if page.title in titles],
            'linked': list(wiki.links.get(page.title, ())),
        }


file, command, *args = sys.argv[1:]
db = ZODB.DB(FileStorage(file, blob_dir=file + '.blobs'))
root = db.open().root()
if 'wiki' not in root:
    root['wiki'] = Wiki()
wiki = root['wiki']
if command == 'show':
    print(json.dumps({'edits': wiki.edits(), 'pages': dict(shown(db, wiki))}))
elif command == 'edit':
    wiki.edit(args[0], sys.stdin.read(), args[1])
elif command == 'attach':
    wiki.pages[args[0]].attachments[args[1]] = Blob(sys.stdin.buffer.read())
else:
    db.undo(db.undoLog(0, 1)[0]['id'])
transaction.get().note(' '.join([command, *args[:1]]))
transaction.commit()
db.close()
