"""The common parts of every notebook: its data, and its outputs."""

from notebooks.lib.data import ROOT, live, measured, published, stored
from notebooks.lib.shown import FloatSlider, Shown, Table, say, section, show, sliders, table

__all__ = [
    "ROOT",
    "FloatSlider",
    "Shown",
    "Table",
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
