"""What the ledger does by itself at night."""

from __future__ import annotations

import logging
from datetime import time

from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Run
from wubu.kernel.types import Text
from wubu.measure.ledger import actions
from wubu.measure.ledger.checking import verify

log = logging.getLogger(__name__)


@job("ledger.photograph", label=Text("记录当日存量", "Keep the day's stocks"), daily_at=time(0, 1))
def photograph(run: Run) -> int:
    """Yesterday's stock figures as they stand just after midnight."""
    return actions.photograph()


@job("ledger.verify", label=Text("核对业绩台账", "Check the ledger"), daily_at=time(3, 30))
def check(run: Run) -> int:
    """Hold the ledger against the records and mend what differs, saying so in the log."""
    found = verify()
    if found:
        log.warning("The ledger differed from the records and was rebuilt: %s", found[:5])
        actions.rebuild()
    return len(found)


@job("ledger.rebuild", label=Text("重建业绩台账", "Rebuild the ledger"))
def rebuild(run: Run, metric: str | None = None) -> int:
    """Make the open days anew from the records."""

    def progress(done: int, total: int, what: str) -> None:
        run.progress(done, total, Text(what, what))

    return actions.rebuild(metric, progress)
