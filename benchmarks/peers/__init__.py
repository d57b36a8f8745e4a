"""The peers, each as its own users would write it."""

from .peer import PEERS, NotDoneError, Peer
from .chalkgrad import Chalkgrad, JitNative, JitNumPy
from .by_hand import NumPy, NumPyOut
from .pytorch import PyTorch, TorchCompile
from .jax import Jax, JaxJit
from .hips import Hips
from .mygrad import MyGrad
from .micrograd import Micrograd

__all__ = [
    "PEERS", "Chalkgrad", "Hips", "Jax", "JaxJit", "JitNative", "JitNumPy", "Micrograd", "MyGrad", "NotDoneError", "NumPy", "NumPyOut",
    "Peer", "PyTorch", "TorchCompile",
]  # fmt: skip
