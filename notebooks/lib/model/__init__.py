"""Formulas that only notebooks need."""
