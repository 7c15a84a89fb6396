"""Setting leaderboards."""

from __future__ import annotations

from wubu.kernel.rules.sections import Section
from wubu.motivate.leaderboards import rules

SHAPE = {
    "label": "words",
    "source": "text",
    "of": "text",
    "by": "text",
    "period": "text",
    "audience": "text",
    "roles": "texts",
}
SECTION = Section(rules.SECTION, "points", rules.check, SHAPE)
set_rule = SECTION.set_rule
install = SECTION.install
