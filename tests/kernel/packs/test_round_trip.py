"""Any small configuration, written as YAML and read again, is the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from wubu.kernel.packs.content.build import objects
from wubu.kernel.packs.content.compare import differences, in_order, merged
from wubu.kernel.packs.files.document import object_out
from wubu.kernel.packs.files.loading import load_text
from wubu.kernel.packs.files.writing import dump

WORDS = st.text(
    st.characters(
        codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u2028"
    ),
    min_size=1,
    max_size=24,
).map(lambda s: s.strip() or "x")
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
LABELS = st.fixed_dictionaries({"zh": WORDS, "en": WORDS})
CHOICES = st.dictionaries(
    KEYS,
    st.fixed_dictionaries({"label": LABELS}, optional={"color": st.just("red")}),
    min_size=1,
    max_size=4,
)
FIELDS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "money", "date", "phone"]), "label": LABELS},
        optional={"required": st.just(True), "help": LABELS, "options": st.just({"max": 40})},
    ),
    st.fixed_dictionaries({"type": st.just("choice"), "label": LABELS, "choices": CHOICES}),
    st.fixed_dictionaries(
        {"type": st.just("bool"), "label": LABELS}, optional={"default": st.booleans()}
    ),
)
OBJECTS = st.fixed_dictionaries(
    {"label": LABELS, "fields": st.dictionaries(KEYS, FIELDS, min_size=1, max_size=5)},
    optional={"plural": LABELS, "icon": st.just("user")},
)
CONFIGS = st.dictionaries(KEYS, OBJECTS, min_size=1, max_size=3)
TREES = st.recursive(
    st.one_of(st.integers(0, 3), st.just([1, 2])),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=8,
)


@given(CONFIGS)
@settings(max_examples=60, deadline=None)
def test_it_works(config: dict[str, Any]) -> None:
    head = {"pack": "x", "version": 1, "label": {"zh": "甲", "en": "A"}}
    first = {s.key: s for s in objects(load_text(dump({**head, "objects": config}), "x").pack)}
    written = {k: object_out(s, first) for k, s in first.items()}
    text = dump({**head, "objects": written})
    again = {s.key: s for s in objects(load_text(text, "x").pack)}
    assert again == first
    assert dump({**head, "objects": {k: object_out(s, again) for k, s in again.items()}}) == text


@given(TREES, TREES, TREES)
@settings(max_examples=200, deadline=None)
def test_three_ways(before: Any, now: Any, own: Any) -> None:
    wrap = ({"r": before}, {"r": now}, {"r": own})
    found = list(differences(*wrap))
    assert merged(wrap[2], found) == wrap[1]
    assert merged(wrap[2], []) == wrap[2]
    assert not list(differences(before, own, own))
    if before == own:
        assert {d.side for d in found} <= {"theirs"}
    if before == now:
        assert {d.side for d in found} <= {"ours"}


@given(*[st.lists(st.sampled_from("abcdef"), unique=True) for _ in range(3)])
def test_orders_keep_everything(before: list[str], now: list[str], own: list[str]) -> None:
    made = in_order(before, now, own)
    assert set(made) == {*now, *own}
    assert len(made) == len(set(made))
