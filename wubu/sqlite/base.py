"""Django's SQLite, with writers of one process waiting for each other in a line.

SQLite lets a writer sleep and look again, for a tenth of a second at last, while the one before it
has long finished. Here a transaction begins when the one before it ends. Other processes wait as
SQLite has it.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.backends.sqlite3 import base

if TYPE_CHECKING:
    Base = Any  # its stubs leave out what is overridden here
else:
    Base = base.DatabaseWrapper

_lines: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
os.register_at_fork(after_in_child=_lines.clear)  # whoever stood there is in another process


class DatabaseWrapper(Base):  # type: ignore[misc]
    """One connection. ``_turn`` is the line of its file while it is this one's turn."""

    _turn: threading.Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._wait()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()
        finally:
            self._left()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._left()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._leave()

    def _wait(self) -> None:
        """As long as SQLite itself would wait; then it tells what is the matter."""
        if self._turn is None and self.transaction_mode == "IMMEDIATE":
            line = _lines[str(self.settings_dict["NAME"])]
            patience = float(self.settings_dict.get("OPTIONS", {}).get("timeout", 5))
            if line.acquire(timeout=patience):
                self._turn = line

    def _left(self) -> None:
        """After an attempt to end the transaction: a commit that failed may leave it open."""
        if self.connection is None or not self.connection.in_transaction:
            self._leave()

    def _leave(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            turn.release()
