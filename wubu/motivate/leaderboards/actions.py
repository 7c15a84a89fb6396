"""Setting leaderboards."""

from __future__ import annotations

from wubu.motivate.leaderboards.rules import KIND

set_rule = KIND.set_rule
install = KIND.install
