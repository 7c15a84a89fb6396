"""Who asks. Nobody (a job, the system) makes ME() missing and MYTEAM() empty."""

from __future__ import annotations

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.functions.base import Function
from wubu.kernel.formula.functions.dates import constant
from wubu.kernel.types import Text

MEMBERS = ValueType("links", target="member")

FUNCTIONS = (
    Function(
        key="ME",
        names=("我", "本人"),
        group="people",
        usage=Text("ME()", "ME()"),
        help=Text(
            "正在查看的人；例如 {负责人} = ME()。", "The current user, as in {Owner} = ME()."
        ),
        gives=ValueType("member", target="member"),
        say=Text("本人", "me"),
        **constant(lambda c: c.me),
    ),
    Function(
        key="MYTEAM",
        names=("我的团队", "本团队"),
        group="people",
        usage=Text("{字段} IN MYTEAM()", "{field} IN MYTEAM()"),
        help=Text("我所在团队的成员，包括我。", "The members of my teams, myself included."),
        gives=MEMBERS,
        say=Text("我的团队", "my team"),
        **constant(lambda c: tuple(sorted(c.team))),
    ),
)
