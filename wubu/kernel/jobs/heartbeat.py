"""A thread beside a running job: says that it lives and how far it is, hears whether to stop.

The job's own transaction cannot: nobody sees it before the commit. On SQLite the write may have to
wait while the job writes; then it is left for the next beat.
"""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Any

from django.db import connection
from django.db.utils import Error

from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.types import Run
from wubu.kernel.workspace import unit_of_work

log = logging.getLogger(__name__)
BEAT = 1.0  # seconds between looks
SIGN_OF_LIFE = 10.0  # seconds at most between writes


class Heartbeat:
    """Beats while the block runs."""

    def __init__(self, run: Run, worker: str) -> None:
        self._run, self._worker = run, worker
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._said: tuple[Any, ...] = ()
        self._written = time.monotonic()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop and wait: after this the job's row is the job's alone."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA busy_timeout = 200")
            while not self._over.wait(BEAT):
                try:
                    with unit_of_work():
                        self._look()
                except Error:
                    log.debug("No beat for job %s this time", self._run.job_id, exc_info=True)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connection.close()

    def _look(self) -> None:
        run = self._run
        mine = Job.objects.filter(id=run.job_id, worker=self._worker, state="running")
        asked = mine.values_list("cancel_requested", flat=True).first()
        if asked is None or asked:  # taken away, or asked to stop
            run._cancel.set()
        said = (run.done, run.total, run.note)
        if said == self._said and time.monotonic() - self._written < SIGN_OF_LIFE:
            return
        mine.update(
            done=run.done,
            total=run.total,
            note=run.note.as_dict() if run.note else None,
            heartbeat_at=now(),
        )
        self._said, self._written = said, time.monotonic()
