"""LLVM IR text becomes machine code of this process: parsed, optimised for the processor at hand, linked with BLAS and libm."""

from __future__ import annotations

import itertools
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from . import MISSING, blas
from .bridge import BRIDGE, Caller, layout_is_known, symbols
from .cache import Cache, folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..program import Value

__all__ = ["Code"]

LEVEL = 1
"""LLVM's level of optimisation: loops of straight-line code gain nothing from higher ones, which take longer to compile by a sixth."""

TUNING = {"loop_vectorization": True, "loop_interleaving": True, "slp_vectorization": False, "loop_unrolling": False}
"""Unrolled, loops that are vectors already are no faster, and take longer to compile by a third."""


class Code:
    """The machine code of a module of LLVM IR; `address` is that of its function `entry`, and valid as long as this object lives.

    What the text declares and doesn't define is one of `symbols` (addresses by name), a routine of BLAS (`chalkgrad_sgemm` and so on: see
    `blas.find`), or a function of C's library; anything else is a RuntimeError, as is a text that isn't LLVM IR.

    >>> import ctypes
    >>> code = Code("define i32 @run(ptr %table) { ret i32 7 }")
    >>> ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(code.address)(None)
    7
    """

    __slots__ = ("__weakref__", "_library", "address")

    def __init__(self, text: str, entry: str = "run", symbols: Mapping[str, int] | None = None) -> None:
        self._library = _machine().link(text, entry, symbols or {})
        self.address: int = self._library[entry]

    def caller(self, count: int, changing: Iterable[tuple[int, Value]] = (), frees_gil: bool = True) -> Caller:
        """What calls it with a table of `count` addresses, of which those of `changing` are told at each call: see `Caller`."""
        return Caller(self, _bridge(), count, changing, frees_gil)


@cache
def _bridge() -> Code | None:
    return Code(BRIDGE, "bridge", symbols()) if layout_is_known() else None


class _Machine:
    """This processor, as LLVM knows it."""

    def __init__(self) -> None:
        try:
            import llvmlite
            from llvmlite import binding
        except ImportError:
            raise ImportError(MISSING) from None
        if binding.llvm_version_info < (20,):  # pointers had types before
            raise ImportError(f"got llvmlite {llvmlite.__version__}, wanted 0.45 or newer: pip install 'llvmlite>=0.45'")
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        self.llvm = binding
        try:
            cpu, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
        except RuntimeError:  # a processor that LLVM can't name
            cpu, features = "", ""
        target = binding.Target.from_default_triple()
        self.target = target.create_target_machine(cpu, features)
        self.linker = binding.create_lljit_compiler(
            target.create_target_machine(cpu, features), suppress_errors=True, use_jit_link=sys.platform != "win32"
        )
        self.numbers = itertools.count()
        self.cache = Cache(folder())
        self.described = repr((llvmlite.__version__, binding.llvm_version_info, target.triple, cpu, features, LEVEL, TUNING))

    def object_code(self, text: str) -> bytes:
        """A module compiled, or found in the cache: what it was made from is the text, the processor, the compiler and its options."""
        source = f"{self.described}\n{text}"
        code = self.cache.read(source)
        if code is None:
            code = self.compile(text)
            self.cache.write(source, code)
        return code

    def compile(self, text: str) -> bytes:
        """A module compiled."""
        module = self.llvm.parse_assembly(text)
        module.verify()
        tuning = self.llvm.create_pipeline_tuning_options(LEVEL)
        for name, value in TUNING.items():
            setattr(tuning, name, value)
        builder = self.llvm.create_pass_builder(self.target, tuning)
        builder.getModulePassManager().run(module, builder)
        code: bytes = self.target.emit_object(module)
        return code

    def link(self, text: str, entry: str, symbols: Mapping[str, int]) -> Any:
        """A module's code in memory, which stays there as long as the result, from which addresses are asked by name."""
        library = self.llvm.JITLibraryBuilder().add_object_img(self.object_code(text)).add_current_process().export_symbol(entry)
        for name, address in {**(products.addresses if (products := blas.find()) else {}), **symbols}.items():
            library.import_symbol(name, address)
        return library.link(self.linker, f"chalkgrad{next(self.numbers)}")


@cache
def _machine() -> _Machine:
    return _Machine()
