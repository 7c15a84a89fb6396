"""Nobody outside a field type's own file asks for its type without a reason beside it."""

from __future__ import annotations

import pytest

from tests.tooling.type_comparisons import field_types, in_source, places

NAMES = frozenset({"money", "number", "link"})
CLASSES = frozenset({"MoneyType"})


def test_it_works() -> None:
    bare = [str(p) for p in places(*field_types()) if not p.reason]
    assert not bare, (
        "Ask what the type can do (FieldSpec.kind), or write `# kind: why` beside it:\n"
        + "\n".join(bare)
    )


@pytest.mark.parametrize(
    "source",
    [
        'if f.type == "money": pass',
        'if "money" != f.type: pass',
        'x = f.type in ("money", "number")',
        'x = f.type not in {"other", "link"}',
        'LINKS = {"link"}\nx = f.type in LINKS',
        'x = type_of(f).kind == "number"',
        'kind = f.type\nx = kind == "number"',
        "x = f.type in values.LINKING",
        "from there import WIDE\nx = f.type in WIDE",
        'match f.type:\n    case "link":\n        pass',
        'BY = {"money": 1, "number": 2}',
        "x = isinstance(t, MoneyType)",
    ],
)
def test_each_shape_is_found(source: str) -> None:
    assert [p.reason for p in in_source(source, NAMES, CLASSES)] == [""]


@pytest.mark.parametrize(
    "source",
    [
        'x = f.key == "money"',
        'x = f.type == "shape"',
        "x = f.type == other.type",
        "x = f.type in FIELD_TYPES",
        'x = view.kind == "board"',
        'x = {"money": 1}',
        'x = {"money": 1, "shape": 2}',
        "x = isinstance(t, int)",
    ],
)
def test_other_comparisons_are_left_alone(source: str) -> None:
    assert not list(in_source(source, NAMES, CLASSES))


@pytest.mark.parametrize(
    "source",
    [
        'x = f.type == "money"  # kind: the law speaks of money',
        '# kind: the law speaks of money\nx = f.type == "money"',
    ],
)
def test_a_reason_stands_beside_it(source: str) -> None:
    assert [p.reason for p in in_source(source, NAMES, CLASSES)] == ["the law speaks of money"]


def test_a_reason_further_up_does_not_count() -> None:
    source = '# kind: of another line\n\nx = f.type == "money"'
    assert [p.reason for p in in_source(source, NAMES, CLASSES)] == [""]
