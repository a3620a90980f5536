"""The colors of figures and pages; whoever only wants these need not load what draws."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """A color on light and on dark paper."""

    light: str
    dark: str


# Okabe and Ito's hues, which people see apart who see colors differently; darker on light paper
# and lighter on dark paper where a line would have less than 3:1 contrast (WCAG 2.1, 1.4.11).
TONES: Mapping[str, Tone] = {
    "paper": Tone("#ffffff", "#14171a"),
    "ink": Tone("#1c2126", "#e8eaed"),
    "muted": Tone("#59626b", "#a3adb7"),
    "grid": Tone("#e3e6e9", "#2c3238"),
    "band": Tone("#eceef1", "#262b31"),
    "edge": Tone("#8a939c", "#6f7983"),
    "blue": Tone("#0072b2", "#56b4e9"),
    "vermilion": Tone("#c75700", "#f08a3c"),
    "green": Tone("#008662", "#2fc49a"),
    "purple": Tone("#ad4f86", "#dd94bd"),
    "orange": Tone("#a36b00", "#e6b450"),
    "sky": Tone("#2f86bd", "#8fd0f5"),
    "gray": Tone("#4f5b66", "#b4bec8"),
}
"""Every color that a figure may use, by the name of its CSS variable."""
