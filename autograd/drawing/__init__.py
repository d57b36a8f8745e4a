"""Pictures of graphs, and the player of their two passes."""

from .picture import Picture, draw, play
from .player import Player

__all__ = ["Picture", "Player", "draw", "play"]
