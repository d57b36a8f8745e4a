"""Great nests, of which several threads do a slice each.

The threads are made for one nest and end with it, which takes some 20 µs: a pool that waits for work would be faster, but BLAS has one, and
two that wait get in each other's way.  No number is a sum over two slices, so what is computed doesn't depend on how many there are.
"""

from __future__ import annotations

import os
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

from . import blas
from .elementary import ELEMENTARY
from .nest import Gather, Instruction, Load, Nest, View

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SHARE", "slices"]

SHARE = """\
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(ptr, ptr)

; runs `count` functions of the table, all but the first in threads of their own, or where there can be none, itself
define internal void @share(ptr %functions, i64 %count, ptr %table) nounwind {
entry:
  %threads = alloca ptr, i64 %count
  %failures = alloca i32, i64 %count
  br label %make

make:
  %i = phi i64 [ 1, %entry ], [ %i.next, %make ]
  %i.function_at = getelementptr ptr, ptr %functions, i64 %i
  %i.function = load ptr, ptr %i.function_at
  %i.thread = getelementptr ptr, ptr %threads, i64 %i
  %i.failure = call i32 @pthread_create(ptr %i.thread, ptr null, ptr %i.function, ptr %table)
  %i.failure_at = getelementptr i32, ptr %failures, i64 %i
  store i32 %i.failure, ptr %i.failure_at
  %i.next = add i64 %i, 1
  %i.more = icmp ult i64 %i.next, %count
  br i1 %i.more, label %make, label %first

first:
  %function = load ptr, ptr %functions
  %nothing = call ptr %function(ptr %table)
  br label %wait

wait:
  %j = phi i64 [ 1, %first ], [ %j.next, %waited ]
  %j.failure_at = getelementptr i32, ptr %failures, i64 %j
  %j.failure = load i32, ptr %j.failure_at
  %j.failed = icmp ne i32 %j.failure, 0
  br i1 %j.failed, label %run, label %join

run:
  %j.function_at = getelementptr ptr, ptr %functions, i64 %j
  %j.function = load ptr, ptr %j.function_at
  %j.nothing = call ptr %j.function(ptr %table)
  br label %waited

join:
  %j.thread_at = getelementptr ptr, ptr %threads, i64 %j
  %j.thread = load ptr, ptr %j.thread_at
  %j.joined = call i32 @pthread_join(ptr %j.thread, ptr null)
  br label %waited

waited:
  %j.next = add i64 %j, 1
  %j.more = icmp ult i64 %j.next, %count
  br i1 %j.more, label %wait, label %done

done:
  ret void
}
"""

SLICE = 50e-6
"""Seconds that a slice takes at the least."""
MOVED, SIMPLE, LONG = 12e-12, 4e-12, 40e-12
"""Seconds for each byte of a number that is loaded or stored, or computed: in an instruction or two, or in dozens, as exp and tanh."""


def slices(nest: Nest) -> list[Nest]:
    """The nest, or what threads do of it: as many slices as BLAS has threads, if each is long enough for one.

    >>> import numpy as np
    >>> from .nest import Buffer, Store
    >>> x, y = Buffer("x", 6, np.dtype(float)), Buffer("y", 6, np.dtype(float))
    >>> nest = Nest((6,), [Load(View(x, 0, (1,)))], [Store(0, View(y, 0, (1,)))])
    >>> slices(nest) == [nest]  # it is too short
    True
    """
    count = min(blas.threads(), int(_seconds(nest) / SLICE)) if os.name == "posix" else 1
    axis = _axis(nest, count)
    if axis is None:
        return [nest]
    size = nest.domain[axis]
    length = -(-size // count)
    return [_slice(nest, axis, start, min(start + length, size)) for start in range(0, size, length)]


def _seconds(nest: Nest) -> float:
    """About how long a nest takes."""
    rate = {True: LONG, False: SIMPLE}
    computed = sum(rate[item.name in ELEMENTARY] * item.dtype.itemsize for item in nest.body if isinstance(item, Instruction))
    moved = [item for item in nest.body if isinstance(item, Load)]
    numbers = sum(v.buffer.dtype.itemsize for v in [*(a.view for a in moved), *_written(nest)] if any(v.strides))
    return prod(nest.domain) * (computed + MOVED * numbers)


def _written(nest: Nest) -> list[View]:
    return [*(s.view for s in nest.stores), *(r.view for r in nest.reductions)]


def _axis(nest: Nest, count: int) -> int | None:
    """The outermost axis that can be cut into so many slices: whatever is written lies elsewhere at each of its places.

    What may end the nest early, an index out of range, is for one thread.
    """
    if count < 2 or any(isinstance(item, Gather) for item in nest.body):
        return None
    asked = {item.axis for item in nest.body if isinstance(item, Instruction) and item.name == "position"}
    whole = (k for k, size in enumerate(nest.domain) if size >= count and k not in asked and all(v.strides[k] for v in _written(nest)))
    return next(whole, None)


def _slice(nest: Nest, axis: int, start: int, end: int) -> Nest:
    """The places of a nest from `start` to `end` along an axis."""

    def moved(parts: Sequence[Any]) -> list[Any]:
        return [
            replace(a, view=replace(a.view, offset=a.view.offset + start * a.view.strides[axis])) if hasattr(a, "view") else a
            for a in parts
        ]

    domain = (*nest.domain[:axis], end - start, *nest.domain[axis + 1 :])
    return Nest(domain, moved(nest.body), moved(nest.stores), moved(nest.reductions))
