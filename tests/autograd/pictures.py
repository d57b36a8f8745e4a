"""Graphs to draw, and how to read pictures."""

import random
import xml.etree.ElementTree as ET

import numpy as np

from autograd import Tensor, ops
from autograd.drawing.sketch import sketch
from autograd.drawing.view import View

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "<b>bold</b>": "<b>bold</b>",
    "a|b{c}<d>": "a|b{c}<d>",
    'say "x"\\N\\l\\': 'say "x"\\N\\l\\',
    "&lt;&#60;&amp;": "&lt;&#60;&amp;",
    "javascript:alert(1)": "javascript:alert(1)",
    "nul\0, bell\a": "nul\\x00, bell\\x07",
    "\x1b[31mred": "\\x1b[31mred",
    "two\nlines": "two\\nlines",
    "שלום": "שלום",
    "\u202etxt.exe": "\\u202etxt.exe",
    "\ud800": "\\ud800",
    "x" * 10_000: "x" * 47 + "…",
}


def parameter(name=None, shape=()):
    return Tensor(np.ones(shape), requires_grad=True, name=name)


def mlp():
    X, W, b = Tensor(np.ones((5, 3)), name="X"), parameter("W", (3, 2)), parameter("b", (2,))
    return ops.cross_entropy(ops.relu(X @ W + b), np.zeros(5, int)).mean()


def chain(length):
    x = parameter("x")
    for _ in range(length):
        x = -x
    return x


def tangle(seed):
    """A graph of some tens of nodes with shared, repeated and far arguments."""
    r = random.Random(seed)
    nodes = [parameter(f"p{k}") for k in range(r.randint(1, 5))]
    for _ in range(r.randint(1, 30)):
        nodes.append(ops.stack([r.choice(nodes[-9:]) for _ in range(r.randint(1, 3))] + r.choice([[], [np.ones(())]])).sum())
    return nodes[-1]


def labels(picture):
    return [text.text for text in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def edges(picture):
    return [line.split(" [")[0].strip() for line in picture.dot.splitlines() if "->" in line]


def sketched(tensor, most=60):
    """The sketch of a Tensor's graph."""
    return sketch(View(tensor, tensor._node, most, None, (), {}))


def boxes(picture):
    """The texts of each box, by key."""
    groups = ET.fromstring(picture.svg).iter(f"{SVG}g")
    return {group.get("data-box"): [text.text for text in group.iter(f"{SVG}text")] for group in groups if group.get("data-box")}


def frames(picture):
    """The labels of the frames."""
    groups = ET.fromstring(picture.svg).iter(f"{SVG}g")
    return [group.find(f"{SVG}title").text for group in groups if group.get("data-kind") == "frame"]
