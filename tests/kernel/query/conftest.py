"""The same small company as the formulas are tried on."""

from tests.kernel.formula.conftest import company, tables

__all__ = ["company", "tables"]
