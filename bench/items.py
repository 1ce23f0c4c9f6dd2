"""The class of the objects that are measured; Node sees it as a class that it does not know."""
from persistent import Persistent


class Item(Persistent):
    pass
