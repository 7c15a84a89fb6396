"""Every formula that the sales pack brings can be parsed, said and written back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.formula.types import Formula


def formulas() -> Iterator[Formula]:
    catalog = snapshot()
    for spec in catalog:
        for f in spec.fields.values():
            if f.type == "formula":
                yield of_field(f, snapshot=catalog)
            elif f.type == "rollup" and f.options.get("filter"):
                yield parse(
                    str(f.options["filter"]),
                    snapshot=catalog,
                    object_key=str(f.options["object"]),
                    expect=ValueType("bool"),
                )


@pytest.mark.usefixtures("unit")
def test_the_pack_speaks_the_language() -> None:
    catalog = snapshot()
    found = list(formulas())
    assert found
    for made in found:
        again = parse(
            made.canonical(), snapshot=catalog, object_key=made.object_key, expect=made.type
        )
        assert again.node == made.node
        assert made.sentence("zh")
        assert made.sentence("en")
        rows = catalog.model(made.object_key).objects.annotate(x=made.expression())
        assert list(rows.values_list("x", flat=True)[:1]) is not None
