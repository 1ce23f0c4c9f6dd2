"""The classes of examples/wiki as Python has them."""
import re

from BTrees.Length import Length
from BTrees.OOBTree import OOBTree, OOTreeSet
from persistent import Persistent


class Page(Persistent):
    def __init__(self, title):
        self.title, self.text, self.author = title, '', ''
        self.attachments = OOBTree()


class Wiki(Persistent):
    def __init__(self):
        self.pages, self.words, self.links, self.edits = OOBTree(), OOBTree(), OOBTree(), Length()

    def edit(self, title, text, author):
        page = self.pages.get(title) or Page(title)
        for index, keys in ((self.words, words), (self.links, links)):
            for key in keys(text) - keys(page.text):
                index.setdefault(key, OOTreeSet()).add(title)
            for key in keys(page.text) - keys(text):
                index[key].remove(title)
        page.text, page.author = text, author
        self.pages.insert(title, page)
        self.edits.change(1)


def words(text):
    return set(re.findall(r'[^\W_]+', text.lower()))


def links(text):
    return set(re.findall(r'\[\[([^\]]+)\]\]', text))
