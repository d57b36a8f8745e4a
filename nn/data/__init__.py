"""Data to learn from: the digits that ship with the package, MNIST and Fashion-MNIST files, your own files, and batches of them.

>>> train, test = digits().split(test=0.2, seed=0)
>>> for x, y in DataLoader(train, batch_size=64, shuffle=True):
...     pass
>>> x.shape, y.shape
((30, 64), (30,))
"""

from .dataset import Dataset
from .files import load, load_features
from .images import digits, fashion_mnist, mnist
from .loader import DataLoader
from .sources import download

__all__ = ["DataLoader", "Dataset", "digits", "download", "fashion_mnist", "load", "load_features", "mnist"]
