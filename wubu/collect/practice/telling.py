"""Which story belongs to which pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wubu.collect.practice import finance, internet_tob, pharma, saas, sales
from wubu.collect.practice.story import Story

STORIES: Mapping[str, Callable[[Story], None]] = {
    "sales": sales.generate,
    "internet_tob": internet_tob.generate,
    "pharma": pharma.generate,
    "saas": saas.generate,
    "finance": finance.generate,
}
