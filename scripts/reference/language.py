"""docs/reference/language.md: every example on it is worked out when the page is made."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from scripts.reference.markdown import code, table
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.formula import queries as formulas
from wubu.kernel.types import Text

INTRO = """\
# The one language

Conditions and formulas are written once, in the manner of a spreadsheet, and used everywhere:
list filters, row scopes of permissions, formula fields, metrics, alerts and reminders. They are
checked against the fields before they are saved; a mistake is underlined. SQL and Python give
the same answer.

```
IF({商机金额} > 10万, {商机金额} * 5%, 0)
{阶段} = "商务谈判" AND {预计成交日期} < TODAY() + 30
{客户.行业} IN ("半导体", "新能源") 且 非 ISBLANK({下一步})
```

## Fields, numbers, texts

| written | meaning |
|---|---|
| `{amount}` `{商机金额}` `{Amount}` | a field, by key or by label in either \
language; the key is what is stored, so labels may be renamed |
| `{客户.行业}` | a field of the linked record; a path may walk several links |
| `{created_at}` `{updated_by}` `{id}` | what every record has |
| `1200.5` `5%` `12万` `3亿` | numbers; at most 6 decimals |
| `"文本"` `'text'` `“文本”` | text; a quote inside is doubled |
| `TRUE` `FALSE` (`真` `假`) | yes and no |
| `（ ） ， ； ＞ ＝` | full-width punctuation means the same as ASCII |

Choices and stages compare by key or by label: `{stage} = "won"` and `{阶段} = "赢单"` are the same.

## Operators

From what binds least to what binds most:

| operator | also written | meaning |
|---|---|---|
| `OR` | `或` `或者` `\\|\\|` | one of them holds |
| `AND` | `且` `并且` `&&` | all of them hold |
| `NOT` | `非` `并非` | it does not hold |
| `=` `<>` `<` `<=` `>` `>=` | `==` `!=` `≠` `≤` `≥` | compare; texts exactly, \
upper and lower case differ (`CONTAINS` and `STARTSWITH` ignore case) |
| `IN (…)` `NOT IN (…)` | `属于` | is one of them |
| `BETWEEN … AND …` | `介于` | both ends included |
| `&` | | joins texts |
| `+` `-` | `－` `＋` | numbers; a date plus days; a date minus a date is days |
| `*` `/` | `×` `÷` | numbers; dividing by zero is missing |

## Over many linked records

`{合同.合同金额}` on a customer means the amounts of all contracts that point at it; only an
aggregate may read them. Its second argument is a condition, in which both sides can be named:

```
SUM({合同.合同金额}, {合同.状态} = "执行中")
COUNT({商机}, {商机.商机金额} > {年营收})
EXISTS({跟进记录}, {跟进记录.跟进时间} > NOW() - 30)
SUM({客户.合同.合同金额})
```

Where several links of an object point here, `{合同@客户.合同金额}` says which one; a link to many
of the record's own (`{伙伴.年营收}`) is read the same way. Archived records do not count. At most
three aggregates stand within each other.

**Who sees what.** A formula field is a fact about the company, like a roll-up: it counts every
record, and whoever may read the field sees its value. In a condition that a reader types, an
aggregate is there only for who may see all of those records; for others it is as if there were
no such field. A metric refuses aggregates: it moves with its own records, so make a roll-up.

## Missing values

A value that is not filled in is missing. Arithmetic with a missing value is missing, a
comparison with it is neither true nor false, and a filter keeps only what is true. `ISBLANK`
asks, `COALESCE` fills in. `AND` and `OR` decide where they can: `FALSE AND missing` is false.

## Exact numbers

Every number has a fixed number of decimals, known before it is computed: money 2, percent 4, a
number field its own, a division 6. Halves round away from zero. There is no floating point, so
SQLite, PostgreSQL and Python agree to the last digit. A result of 18 digits or more is missing; a
roll-up that would become so is refused.

## Functions

The examples are worked out on one opportunity: amount ¥120,000, name “Press line”, stage 商务谈判,
opened on 2026-01-15, expected close 2026-03-31, no next step, last follow-up 2026-03-09 10:00,
on the day 2026-03-18.

"""
GROUPS = {
    "logic": "Logic 逻辑",
    "number": "Numbers 数字",
    "text": "Text 文本",
    "date": "Dates 日期",
    "linked": "Over linked records 关联记录汇总",
    "people": "People 人",
}
EXAMPLES = {
    "IF": "IF({amount} > 10万, {amount} * 5%, 0)",
    "SWITCH": 'SWITCH({stage}, "won", 1, "negotiation", 0.75, 0)',
    "ISBLANK": "ISBLANK({next_step})",
    "COALESCE": 'COALESCE({next_step}, "nothing agreed")',
    "ROUND": "ROUND({amount} / 7, 2)",
    "FLOOR": "FLOOR(2.7)",
    "CEILING": "CEILING(2.1)",
    "ABS": "ABS(-3.5)",
    "ROUNDUP": "ROUNDUP(2.001, 1)",
    "ROUNDDOWN": "ROUNDDOWN(-2.99, 0)",
    "MOD": "MOD(-7, 3)",
    "SQRT": "SQRT(2)",
    "POWER": "POWER(1.1, 3)",
    "MIN": "MIN({amount}, 100000)",
    "MAX": "MAX({amount}, 100000)",
    "CONCAT": 'CONCAT({name}, "/", {next_step})',
    "LEN": "LEN({name})",
    "LEFT": "LEFT({name}, 5)",
    "RIGHT": "RIGHT({name}, 4)",
    "MID": "MID({name}, 7, 4)",
    "FIND": 'FIND("line", {name})',
    "SEARCH": 'SEARCH("LINE", {name})',
    "SUBSTITUTE": 'SUBSTITUTE({name}, "line", "shop")',
    "REPT": 'REPT("*", 3)',
    "PROPER": 'PROPER("press LINE")',
    "TEXTJOIN": 'TEXTJOIN(", ", {name}, {next_step}, {stage})',
    "VALUE": 'VALUE("1,234.5")',
    "TEXT": 'TEXT({amount}, "#,##0.00")',
    "ENDSWITH": 'ENDSWITH({name}, "LINE")',
    "UPPER": "UPPER({name})",
    "LOWER": "LOWER({name})",
    "TRIM": 'TRIM("  a  ")',
    "CONTAINS": 'CONTAINS({name}, "LINE")',
    "STARTSWITH": 'STARTSWITH({name}, "press")',
    "TODAY": "TODAY()",
    "NOW": "NOW()",
    "DATE": "DATE(2026, 13, 1)",
    "YEAR": "YEAR({opened_on})",
    "QUARTER": "QUARTER({opened_on})",
    "MONTH": "MONTH({opened_on})",
    "DAY": "DAY({opened_on})",
    "WEEKDAY": "WEEKDAY({opened_on})",
    "DAYS": "DAYS({expected_close}, {opened_on})",
    "HOURS": "HOURS(NOW(), {last_follow_up})",
    "ADDDAYS": "ADDDAYS({opened_on}, 30)",
    "ADDMONTHS": "ADDMONTHS({expected_close}, 1)",
    "WEEKSTART": "WEEKSTART({opened_on})",
    "MONTHSTART": "MONTHSTART({opened_on})",
    "QUARTERSTART": "QUARTERSTART({opened_on})",
    "YEARSTART": "YEARSTART({opened_on})",
    "MONTHEND": "MONTHEND(DATE(2028, 2, 1))",
    "HOUR": "HOUR({last_follow_up})",
    "MINUTE": "MINUTE({last_follow_up})",
    "WEEKNUM": "WEEKNUM({opened_on})",
    "DATEDIF": 'DATEDIF({opened_on}, {expected_close}, "M")',
    "WORKDAY": "WORKDAY(DATE(2026, 9, 30), 1)",
    "NETWORKDAYS": "NETWORKDAYS(DATE(2026, 9, 28), DATE(2026, 10, 10))",
    "ISWORKDAY": "ISWORKDAY(DATE(2026, 10, 1))",
    "DISTANCE": "",
    "SUM": "SUM({amount}, 1)",
    "AVERAGE": "AVERAGE(1, 2, 2)",
    "COUNT": "COUNT({amount}, {next_step})",
    "COUNTDISTINCT": "",
    "EXISTS": "",
    "ME": "{owner} = ME()",
    "MYTEAM": "{owner} IN MYTEAM()",
}
RECORD: dict[str, Any] = {
    "name": "Press line",
    "amount": 120_000_00,
    "stage": "negotiation",
    "opened_on": date(2026, 1, 15),
    "expected_close": date(2026, 3, 31),
    "last_follow_up": datetime(2026, 3, 9, 2, tzinfo=UTC),
    "owner": 7,
}
WHEN = formulas.Context(
    date(2026, 3, 18),
    datetime(2026, 3, 18, 2, 30, tzinfo=UTC),
    "Asia/Shanghai",
    7,
    frozenset({7, 8}),
)


def page() -> str:
    parts = [INTRO]
    for group, title in GROUPS.items():
        rows = [
            (
                code(f.usage.en),
                " ".join(code(n) for n in f.names),
                f"{f.help.zh} {f.help.en}".strip(),
                code(EXAMPLES[f.key] or f.usage.en),
                code(worked_out(EXAMPLES[f.key])) if EXAMPLES[f.key] else "",
            )
            for f in formulas.functions()
            if f.group == group
        ]
        heads = ("function", "also named", "meaning", "example", "gives")
        parts.append(f"### {title}\n\n{table(heads, rows)}\n")
    return "".join(parts).rstrip("\n") + "\n"


def worked_out(text: str) -> str:
    """The value of an example on the record above, as a reader would write it."""
    formula = formulas.parse(text, snapshot=snapshot(), object_key="opportunity")
    value = formula.value(lambda path: RECORD.get(path[0]), context=WHEN)
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if formula.type.kind == "number":
        return format(Decimal(value).scaleb(-formula.type.scale), "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return str(value)


def undocumented() -> list[str]:
    """Functions without an example or words in either language."""
    return [
        f.key
        for f in formulas.functions()
        if f.key not in EXAMPLES or f.group not in GROUPS or not _said(f.usage) or not _said(f.help)
    ]


def _said(text: Text) -> bool:
    return bool(text.zh and text.en)
