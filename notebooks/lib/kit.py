"""What every notebook is written with: where its numbers are, and how it shows them."""

from notebooks.lib.measuring import compared, fivefold, live, measured
from notebooks.lib.shown import Shown, say, section, show, table
from notebooks.lib.sliders import FloatSlider, sliders
from notebooks.lib.stored import ROOT, Stored, published, stored

__all__ = [
    "ROOT",
    "FloatSlider",
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
