"""What the door does by itself: seals the log, empties the bin, forgets who saw what long ago."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from wubu.kernel.audit import access, sealing, verifying
from wubu.kernel.audit.types import Verified
from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Run
from wubu.kernel.records import actions
from wubu.kernel.records.lifecycle.retention import retention
from wubu.kernel.types import SYSTEM, Text

VERIFY = "log.verify"


@job("log.seal", label=Text("封印修改日志", "Seal the log of changes"), every_minutes=5)
def seal(run: Run) -> int:
    """Returns how many changes came under seals."""
    return sealing.seal()


@job(VERIFY, label=Text("核对修改日志", "Verify the log of changes"))
def verify(run: Run, seal: str = "") -> dict[str, Any]:
    """Hold the whole log against its seals; what was found, as plain JSON."""
    return as_json(verifying.verify(seal=seal, progress=run.progress))


def as_json(found: Verified) -> dict[str, Any]:
    """The outcome of a verification as JSON keeps it."""
    wrong = found.tampering
    return {
        "good": found.good,
        "blocks": found.blocks,
        "changes": found.changes,
        "unsealed": found.unsealed,
        "seal": str(found.seal) if found.seal else "",
        "tampering": None
        if wrong is None
        else {
            "flaw": wrong.flaw,
            "block": wrong.block,
            "change_id": wrong.change_id,
            "object_key": wrong.object_key,
            "record_id": wrong.record_id,
            "at": wrong.at.isoformat() if wrong.at else None,
        },
    }


@job("bin.purge", label=Text("清理回收站", "Empty the recycle bin"), daily_at=time(3, 20))
def purge(run: Run) -> int:
    """What lay in the bin for longer than the company keeps it; how many."""
    return actions.purge_overdue(actor=SYSTEM)


@job("access.forget", label=Text("清理查看日志", "Shorten the access log"), daily_at=time(3, 40))
def forget(run: Run) -> int:
    """Rows of the access log older than the company keeps them; how many."""
    days = retention().access_days
    return access.forget_before(now() - timedelta(days=days)) if days else 0
