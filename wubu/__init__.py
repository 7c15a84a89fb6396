"""Wubu 五步: collect, measure, control, motivate, improve."""

__version__ = "0.1.0"
