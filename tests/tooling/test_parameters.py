"""Six parameters at most; what had more when this was written is listed, and only ever less."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 6
# More than six: how many they take. Most are verbs whose keywords are the words of what they make
# (a metric, a share, a view) and whose callers name each; a typed object would repeat the list.
KNOWN: dict[str, int] = {
    "collect/forms/actions.py::save_layout": 7,
    "collect/forms/entry/entering.py::_scope": 7,
    "collect/imports/checking.py::check": 8,
    "collect/imports/command.py::run_folder": 10,
    "collect/views/actions.py::create": 7,
    "collect/views/actions.py::update": 9,
    "collect/views/jobs.py::edit_many": 8,
    "collect/views/placing.py::intervals": 12,
    "collect/views/placing.py::month": 8,
    "control/alerts/queries.py::alerts": 7,
    "control/boards/queries.py::_column": 8,
    "control/boards/queries.py::cards": 7,
    "improve/actions/actions.py::create": 9,
    "kernel/audit/access.py::access": 8,
    "kernel/audit/access.py::took": 8,
    "kernel/audit/queries.py::changes": 10,
    "kernel/catalog/actions.py::note": 8,
    "kernel/formula/paths.py::_not_found": 7,
    "kernel/packs/content/sections.py::register": 9,
    "kernel/packs/install/changes.py::write": 7,
    "kernel/permissions/sharing.py::share": 9,
    "kernel/query/beside.py::__init__": 7,
    "kernel/query/queries.py::aggregate": 9,
    "kernel/query/queries.py::compile": 7,
    "kernel/records/actions.py::save_many": 8,
    "kernel/records/actions.py::update": 7,
    "kernel/records/batch.py::__init__": 7,
    "kernel/records/reading/paging.py::page": 7,
    "kernel/records/reading/read.py::_records": 7,
    "kernel/records/saving/merging.py::_repoint_some": 7,
    "kernel/rules/actions.py::upsert": 8,
    "measure/figures/explain.py::explain": 7,
    "measure/ledger/queries.py::entries": 7,
    "measure/metrics/actions.py::change": 10,
    "measure/metrics/actions.py::define": 12,
    "measure/metrics/actions.py::describe": 7,
    "measure/scorecards/actions.py::create_card": 7,
    "measure/targets/queries.py::__init__": 7,
    "measure/targets/queries.py::attainment": 7,
    "web/exporting.py::export": 7,
    "web/forms/filling.py::shown": 9,
    "web/forms/inputs.py::inputs": 9,
    "web/forms/lines.py::lines": 9,
    "web/forms/parking.py::parked": 9,
    "web/formulas.py::look": 8,
    "web/pages/lists/bulk_edit.py::_page": 7,
    "web/pages/lists/calendar.py::_days": 9,
    "web/pages/lists/cells.py::_input": 7,
    "web/pages/lists/timeline.py::_rows": 8,
    "web/pages/records/form.py::_refused": 7,
    "web/pages/records/form.py::_show": 11,
    "web/pages/records/record_related.py::_counted": 7,
    "web/pages/setup/form_design.py::_designer": 7,
    "web/pages/setup/object_plans.py::page": 8,
    "web/pages/setup/packs_compare.py::_flow": 7,
    "web/pages/setup/packs_compare.py::_preview": 7,
    "web/rules.py::setting": 8,
}


def found() -> dict[str, int]:
    many = {}
    for path in sorted((ROOT / "wubu").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            a = node.args
            names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
            count = len([n for n in names if n not in ("self", "cls")])
            place = f"{path.relative_to(ROOT / 'wubu')}::{node.name}"
            many[place] = max(count, many.get(place, 0))
    return many


def test_no_function_takes_more_than_six_parameters() -> None:
    more = {k: n for k, n in found().items() if n > KNOWN.get(k, MOST)}
    assert more == {}, "give them one typed object"


def test_the_list_only_gets_shorter() -> None:
    now = found()
    assert {k: n for k, n in KNOWN.items() if now.get(k, n) < n} == {}, "take them off the list"
