"""For how long what was put away, and who saw what, is kept: dated rules of the company."""

from __future__ import annotations

from dataclasses import dataclass

from wubu.kernel import hooks
from wubu.kernel.rules import actions as rules
from wubu.kernel.rules import queries as held
from wubu.kernel.types import Actor, Problem, Refused, Text

SECTION = "keeping"
AREA = "logs"
LONGEST = 36_500  # days
BIN, ACCESS = "bin", "access"
DEFAULT = {BIN: 90, ACCESS: 1_095}


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days things are kept; 0 is for ever.

    In the recycle bin before a record is deleted for good, and in the log of who saw what.
    """

    bin_days: int
    access_days: int


def retention() -> Retention:
    """What holds today."""
    found = {rule.key: rule.definition.get("days") for rule in held.rules(SECTION)}
    days = {k: v if isinstance(v := found.get(k), int) else d for k, d in DEFAULT.items()}
    return Retention(days[BIN], days[ACCESS])


def keep(*, actor: Actor, bin_days: object = None, access_days: object = None) -> Retention:
    """Say for how long; None leaves it. Raises Refused with every problem, Forbidden."""
    hooks.require_setup(actor, AREA)
    wanted = {BIN: bin_days, ACCESS: access_days}
    wrong = [
        Problem(
            "not_days",
            Text("“{v}”不是天数。", "“{v}” is not a number of days.").format(v=value),
            Text("填 0 到 36500 之间的整数；0 表示永久保留。", "From 0 to 36500; 0 is for ever."),
            field=f"{key}_days",
            value=value,
        )
        for key, value in wanted.items()
        if value is not None and _days(value) is None
    ]
    if wrong:
        raise Refused(*wrong)
    for key, value in wanted.items():
        days = _days(value)
        if days is not None:
            rules.upsert(SECTION, key, {"days": days}, actor=actor)
    return retention()


def _days(value: object) -> int | None:
    text = str(value).strip()
    whole = text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if whole and int(text) <= LONGEST else None
