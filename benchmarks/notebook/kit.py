"""What notebooks are written with: ``from benchmarks.notebook import kit``."""

from benchmarks.notebook.measuring import compared, fivefold, live, measured
from benchmarks.notebook.shown import Shown, say, section, show, table
from benchmarks.notebook.sliders import sliders
from benchmarks.notebook.stored import ROOT, Stored, published, stored

__all__ = [
    "ROOT",
    "Shown",
    "Stored",
    "compared",
    "fivefold",
    "live",
    "measured",
    "published",
    "say",
    "section",
    "show",
    "sliders",
    "stored",
    "table",
]
