"""Setting leaderboards."""

from __future__ import annotations

from wubu.kernel.rules.sections import Section
from wubu.motivate.leaderboards import rules

SECTION = Section(rules.SECTION, "points", rules.check)
set_rule = SECTION.set_rule
install = SECTION.install
