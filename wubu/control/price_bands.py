"""Price bands (价格带): between what a price or a discount must lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.definitions.base import Values
from wubu.kernel.definitions.definition import Check, Definition
from wubu.kernel.definitions.formulas import FormulaField
from wubu.kernel.definitions.kinds import DatedKind, Fault
from wubu.kernel.definitions.plain import Amount, Choice, Unit, Words, written
from wubu.kernel.definitions.references import FieldRef, Ref, called
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Text

PERCENT = Unit(2, Text("%", "%"))  # kept in hundredths of a percent
TYPES = ("money", "number", "percent")


@dataclass(frozen=True, slots=True)
class PriceBand:
    """A field that lies between two limits where ``where`` holds.

    ``lowest`` and ``highest`` are both allowed; one may be None. They are in the smallest unit of
    ``unit``. ``against`` is the formula of which it is a share; empty: the value itself counts. A
    record without the value keeps to it.
    """

    key: str
    label: Text
    object_key: str
    field: str
    where: str
    against: str
    lowest: int | None
    highest: int | None
    unit: Unit
    severity: str
    advice: Text
    valid_from: date
    active: bool


def _field(d: Values) -> FieldSpec | None:
    spec = snapshot().objects.get(str(d.get("object")))
    return spec.fields.get(str(d.get("field"))) if spec else None


def _unit(d: Values) -> Unit:
    found = _field(d)
    # A percentage is typed as 15 %, not as 0.15: of all numbers it alone has another way to write.
    if d.get("against") or (found is not None and found.kind.ratio):
        return PERCENT
    scale = FIELD_TYPES[found.type].type_of(found).scale if found else 0
    return Unit(scale, Text("元", "yuan")) if found and found.kind.monetary else Unit(scale)


def _priced(key: str) -> bool:
    spec = snapshot().objects.get(key)
    return spec is not None and any(f.kind.numeric for f in spec.live_fields)


def _ends(d: Values) -> Iterator[Problem]:
    low, high = d.get("lowest"), d.get("highest")
    if low is None and high is None:
        said = Text("最低和最高至少填一个。", "Enter a lowest or a highest value, or both.")
        yield Problem("required", said, field="lowest")
    elif low is not None and high is not None and low > high:
        said = Text("最低不能高于最高。", "The lowest value is above the highest.")
        hint = Text("交换两个值。", "Swap the two values.")
        yield Problem("ends_crossed", said, hint, field="highest", value=high)


DEFINITION = Definition(
    name="price_bands",
    label=Text("价格带", "Price band"),
    help=Text(
        "价格或折扣应在的范围。超出的记录在详情页提示，可在列表中查看。",
        "The range for a price or a discount. Records outside it are flagged on their page and "
        "can be listed.",
    ),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        Ref(
            name="object",
            label=Text("哪一类记录的价格", "Prices of which records"),
            kind="object",
            parts=True,
            fit=_priced,
            unfit=Text("没有这个对象，或它没有数字。", "No such object, or it has no number."),
            remedy=Text("选择有金额、数字或百分比的对象。", "Choose one with a price or a number."),
            code="no_such_object",
            required=True,
            asked=False,
            example="quote_line",
        ),
        FieldRef(
            name="field",
            label=Text("价格或折扣字段", "Price or discount"),
            types=TYPES,
            unfit=Text(
                "“{f}”不是金额、数字或百分比。", "“{f}” is no amount, number or percentage."
            ),
            unfit_code="not_a_number",
            required=True,
            example="price",
        ),
        FormulaField(
            name="against",
            label=Text("相对于", "As a share of"),
            help=Text(
                "标准价，例如 {产品.标准价}；填写后范围以百分数计。留空按数值本身。",
                "The list price, such as {Product.List price}; then the limits are in percent. "
                "Empty: the value itself.",
            ),
            kinds=("number",),
            unfit=Text("“相对于”必须是数字。", "What it is a share of has to be a number."),
            unfit_code="not_a_number",
            wide=True,
            example="{product.price}",
        ),
        Amount(
            name="lowest",
            label=Text("最低", "Lowest"),
            help=Text("金额以元计，折扣和比例以 % 计", "in yuan; shares and discounts in %"),
            unit=_unit,
            least=0,
            example=8_500,
        ),
        Amount(
            name="highest",
            label=Text("最高", "Highest"),
            help=Text("留空即不限", "empty: no limit"),
            unit=_unit,
            least=0,
            example=11_000,
        ),
        FormulaField(
            name="filter",
            label=Text("只在满足条件时", "Only where"),
            help=Text("留空即所有记录", "Empty: every record"),
            wide=True,
            example="{quantity} < 100",
        ),
        Choice(
            name="severity",
            label=Text("程度", "Severity"),
            options={"warning": Text("提醒", "warning"), "danger": Text("严重", "serious")},
            default="warning",
        ),
        Words(name="advice", label=Text("怎么办", "What to do"), wide=True),
    ),
    checks=(Check(("lowest", "highest"), _ends),),
)


def read(rule: Rule) -> PriceBand:
    """A dated rule as a price band."""
    d = DEFINITION.filled(rule.definition)
    return PriceBand(
        key=rule.key,
        label=rule.label,
        object_key=d["object"],
        field=d["field"],
        where=d.get("filter", ""),
        against=d.get("against", ""),
        lowest=d.get("lowest"),
        highest=d.get("highest"),
        unit=_unit(d),
        severity=d["severity"],
        advice=Text.of(d.get("advice") or ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def _between(band: PriceBand) -> Text:
    low, high = band.lowest, band.highest
    if low is not None and high is not None:
        said = Text("在 {a} 到 {b} 之间", "between {a} and {b}")
    elif low is not None:
        said = Text("不低于 {a}", "at least {a}")
    else:
        said = Text("不高于 {b}", "at most {b}")
    ends = {k: v for k, v in (("a", low), ("b", high)) if v is not None}
    units = {k: written(v, band.unit.scale) for k, v in ends.items()}
    name = band.unit.name
    return Text(
        said.zh.format(**{k: f"{v} {name.zh}".strip() for k, v in units.items()}),
        said.en.format(**{k: f"{v} {name.en}".strip() for k, v in units.items()}),
    )


def sentence(band: PriceBand) -> Text:
    """The band in plain words."""
    field = called("field", band.field, band.object_key) or Text(band.field, band.field)
    d = {"object": band.object_key, "filter": band.where, "against": band.against}
    said = Text("“{o}”的“{f}”应{b}", "“{f}” of “{o}” must be {b}").format(
        o=called("object", band.object_key) or band.object_key, f=field, b=_between(band)
    )
    if band.against:
        of = DEFINITION.say("against", d)
        said = Text("{s}（相对于{of}）", "{s} (of {of})").format(s=said, of=of)
    if band.where:
        said = Text("{s}；条件：{c}", "{s}; where {c}").format(
            s=said, c=DEFINITION.say("filter", d)
        )
    return Text("{s}。", "{s}.").format(s=said)


def fault(band: PriceBand) -> Fault:
    """The records that lie outside."""
    sign = "%" if band.unit is PERCENT else ""

    def limit(value: int) -> str:
        number = written(value, band.unit.scale).replace(",", "") + sign
        return f"({band.against}) * {number}" if band.against else number

    ends = [(f"{{{band.field}}} < ", band.lowest), (f"{{{band.field}}} > ", band.highest)]
    outside = [f"{test}{limit(end)}" for test, end in ends if end is not None]
    where = f"OR({', '.join(outside)})" if len(outside) > 1 else outside[0]
    where = f"AND({band.where}, {where})" if band.where else where
    said = Text("{s}{a}", "{s} {a}").format(s=sentence(band), a=band.advice)
    return Fault(band.object_key, where, Text(said.zh, said.en.strip()), band.severity)


KIND = DatedKind(
    definition=DEFINITION,
    area="alerts",
    read=read,
    sentence=sentence,
    label=Text("价格带", "Price bands"),
    new=Text("新增价格带", "New price band"),
    icon="tags",
    stem="band",
    disable_help=Text("停用后不再提示。", "When disabled, no record is flagged."),
    enable_help=Text("启用后马上按它检查。", "When enabled, records are checked immediately."),
    fault=fault,
)
