"""Optimisers, and learning rates that change from step to step."""

from .optimizers import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm_
from .schedules import CosineLR, Schedule, StepLR

__all__ = ["SGD", "Adam", "AdamW", "CosineLR", "Optimizer", "RMSprop", "Schedule", "StepLR", "clip_grad_norm_"]
