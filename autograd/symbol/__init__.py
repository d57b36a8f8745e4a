"""Derivations as a person would write them: the rules of the table, run on symbols."""

from .derivation import Derivation, Line
from .explaining import explain

__all__ = ["Derivation", "Line", "explain"]
