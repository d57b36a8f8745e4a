"""Pictures of graphs, and the player of their two passes."""

from .picture import Picture, draw, play
from .player import Player
from .scope import enclose, now

__all__ = ["Picture", "Player", "draw", "enclose", "now", "play"]
