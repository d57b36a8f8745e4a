"""Pictures of graphs."""

from .picture import Picture, draw

__all__ = ["Picture", "draw"]
