"""Setting points rules."""

from __future__ import annotations

from wubu.motivate.points.rules import KIND

set_rule = KIND.set_rule
install = KIND.install
