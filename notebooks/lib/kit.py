"""The common parts of every notebook: its data, and its outputs."""

from notebooks.lib.data import ROOT, Stored, compared, fivefold, live, measured, published, stored
from notebooks.lib.shown import FloatSlider, Shown, Table, say, section, show, sliders, table

__all__ = [
    "ROOT",
    "FloatSlider",
    "Shown",
    "Stored",
    "Table",
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
