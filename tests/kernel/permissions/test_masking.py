"""A masked field is shown in outline and found out by nothing."""

import pytest

from tests.cast import acting
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.registry import mask
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Forbidden, Refused, Text
from wubu.kernel.workspace import forget

PHONE, CODE = "13812341234", "91110000600037341L"


def spec(type_, **options):
    return FieldSpec("x", "f", type_, Text("字段", "Field"), options=options)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (spec("phone"), "+8613812341234", "138****1234"),
        (spec("phone"), "13812341234", "138****1234"),
        (spec("phone"), "62508000", "62****00"),
        (spec("phone"), "12345", "***"),
        (spec("email"), "zhangwei@minghua.example", "z***@minghua.example"),
        (spec("email"), "zw@minghua.example", "***@minghua.example"),
        (spec("text", format="credit_code"), CODE, "9111****341L"),
        (spec("text"), "张伟", "张**"),
        (spec("text"), "北京星火科技有限公司", "北京****"),
        (spec("longtext"), "不能说的事", "***"),
        (spec("money"), 123456, "***"),
        (spec("date"), "2026-03-01", "***"),
        (spec("bool"), False, "***"),
        (spec("phone"), None, ""),
    ],
)
def test_it_works(kind, value, shown):
    assert mask(kind, value) == shown


@pytest.fixture
def masked(cast):
    """张伟 sees every customer, but phone, revenue, code and owner in outline only."""
    levels = {"phone": "masked", "revenue": "masked", "credit_code": "masked", "owner": "masked"}
    define_role(
        actor=SYSTEM,
        key="outline",
        definition={
            "label": "脱敏",
            "grants": [
                {"object": "customer", "actions": ["view", "create", "edit"], "rows": "all"}
            ],
            "fields": {"customer": levels},
        },
    )
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["outline"])
    made = actions.create(
        actor=SYSTEM,
        object_key="customer",
        values={
            "name": "北京星火科技有限公司",
            "phone": PHONE,
            "revenue": "7654321",
            "credit_code": CODE,
            "owner": cast.sun_yue.id,
            "pool": False,
        },
    )
    forget()
    return acting(cast.zhang_wei), made.id


def test_a_record_shows_outlines(masked):
    me, id_ = masked
    seen = queries.get(me, "customer", id_)
    assert {seen.values[k] for k in ("phone", "revenue", "credit_code", "owner")} == {None}
    assert seen.masked == {
        "phone": "138****1234",
        "revenue": "***",
        "credit_code": "9111****341L",
        "owner": "***",
    }
    assert "owner" not in seen.titles


def test_the_story_shows_outlines(masked):
    me, id_ = masked
    actions.update(actor=SYSTEM, object_key="customer", id=id_, values={"phone": "13900005678"})
    change = queries.history(me, "customer", id_)[0].fields[0]
    assert (change.before, change.after) == ("138****1234", "139****5678")


@pytest.mark.parametrize("field", ["phone", "revenue", "credit_code", "owner", "owner.name"])
def test_nothing_is_asked_by_it(masked, field):
    me, _ = masked
    for query in (
        Query(filter=f"NOT ISBLANK({{{field}}})"),
        Query(sort=(field,)),
    ):
        with pytest.raises(Refused) as refused:
            queries.page(me, "customer", query)
        assert refused.value.problems[0].code in ("unknown_field", "no_such_field", "bad_sort")
    with pytest.raises(Refused):
        queries.aggregate(me, "customer", [field], [Measure("count")])
    with pytest.raises(Refused):
        queries.aggregate(me, "customer", [], [Measure("max", field)])


def test_it_may_be_a_column(masked):
    me, id_ = masked
    page = queries.page(me, "customer", Query(columns=("name", "phone"), limit=100))
    assert {r.id: r.masked.get("phone") for r in page.records}[id_] == "138****1234"


def test_it_is_not_searched(masked):
    me, id_ = masked
    for words in (PHONE, "1234", CODE, CODE[:6]):
        assert id_ not in {h.id for h in queries.find(me, words, limit=50)}, words
        page = queries.page(me, "customer", Query(search=words, limit=50))
        assert id_ not in {r.id for r in page.records}
    assert id_ in {h.id for h in queries.find(me, "星火科技", limit=50)}


def test_a_right_guess_and_a_wrong_one_look_alike(masked):
    me, id_ = masked
    told = []
    for guess in (PHONE, "13700000000"):
        with pytest.raises(Forbidden) as refused:
            actions.update(actor=me, object_key="customer", id=id_, values={"phone": guess})
        told.append([(p.code, str(p.message)) for p in refused.value.problems])
    assert told[0] == told[1]
    assert told[0][0][0] == "read_only"


def test_a_unique_value_is_not_found_out(masked):
    """Neither by “already taken”, nor by matching on it."""
    me, _ = masked
    for code in (CODE, "91330106673959654P"):
        with pytest.raises(Refused) as refused:
            actions.create(
                actor=me, object_key="customer", values={"name": "新客户", "credit_code": code}
            )
        assert {p.code for p in refused.value.problems} == {"read_only"}
    saved = actions.save_many(
        actor=me,
        object_key="customer",
        drafts=[Draft({"name": "x", "credit_code": CODE})],
        match_on=["credit_code"],
    )
    assert "no_such_field" in {p.code for p in saved.problems}


def test_a_masked_title_is_masked_behind_links(cast, masked):
    me, id_ = masked
    define_role(
        actor=SYSTEM,
        key="outline",
        definition={
            "label": "脱敏",
            "grants": [{"object": "*", "actions": ["view"], "rows": "all"}],
            "fields": {"customer": {"name": "masked"}},
        },
    )
    contact = actions.create(
        actor=SYSTEM, object_key="contact", values={"name": "钱进", "customer": id_}
    )
    forget()
    seen = queries.get(me, "contact", contact.id)
    assert seen.titles["customer"] == "北京****"
    assert queries.get(me, "customer", id_).title == "北京****"
    assert queries.titles(me, "customer", [id_]) == {id_: "北京****"}
    assert queries.find(me, "星火科技") == []
    with pytest.raises(Refused):  # the full name, as a link, would confirm it
        actions.create(
            actor=me, object_key="contact", values={"name": "x", "customer": "北京星火科技有限公司"}
        )


def test_what_reads_a_masked_field_is_masked(cast, masked):
    """A roll-up of a masked field gives no more away than the field."""
    me, _ = masked
    rollups = [f for f in snapshot().object("customer").live_fields if f.type == "rollup"]
    source = next(f for f in rollups if f.options.get("field"))
    define_role(
        actor=SYSTEM,
        key="outline",
        definition={
            "label": "脱敏",
            "grants": [{"object": "*", "actions": ["view"], "rows": "all"}],
            "fields": {source.options["object"]: {source.options["field"]: "masked"}},
        },
    )
    forget()
    assert policy(me).level("customer", source.key) == "masked"
