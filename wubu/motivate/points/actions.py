"""Setting points rules."""

from __future__ import annotations

from wubu.kernel.rules.sections import Section
from wubu.motivate.points import rules

SHAPE = {"label": "words", "metric": "text"}
SECTION = Section(rules.SECTION, "points", rules.check, SHAPE)
set_rule = SECTION.set_rule
install = SECTION.install
