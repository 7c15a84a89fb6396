"""One spreadsheet with everything wrong that people send.

Each problem has a line, a reason and a remedy, all come together, and nothing is lost or half
written.
"""

from __future__ import annotations

from tests.cast import Cast, acting
from wubu.collect.imports import actions, queries
from wubu.kernel.records import actions as records
from wubu.kernel.records.queries import visible
from wubu.kernel.types import SYSTEM

SHEET = """合同编号,合同名称,客户,合同金额,签订日期,负责人,神秘列
HT1,好的,甲公司,100,2026-01-05,张伟,x
HT2,日期不存在,甲公司,100,2026-02-30,张伟,x
HT3,金额是字,甲公司,一百来万,2026-01-05,张伟,x
HT4,没有这个人,甲公司,100,2026-01-05,张维维,x
HT5,没有这家,乙丙丁公司,100,2026-01-05,张伟,x
HT1,编号重复,甲公司,100,2026-01-05,张伟,x
"""


def test_everything_wrong_at_once(cast: Cast) -> None:
    records.create(actor=SYSTEM, object_key="customer", values={"name": "甲公司"})
    ops = acting(cast.zheng_kai)
    view = actions.stage(actor=ops, files=[("合同.csv", [SHEET.encode("gb18030")])])
    actions.check(actor=ops, import_id=view.id)
    [batch] = queries.get(ops, view.id).batches
    assert batch.encoding == "gb18030"
    assert batch.mapping
    assert [c.header for c in batch.mapping.unmapped] == ["神秘列"]
    assert batch.checked
    by_line = {line: g for g in batch.checked.groups for line in g.lines}
    assert set(by_line) == {3, 4, 5, 6, 7}
    fields = {line: g.field for line, g in by_line.items()}
    assert fields == {
        3: "signed_on", 4: "amount", 5: "owner", 6: "customer", 7: "number",
    }  # fmt: skip
    for line, group in by_line.items():
        assert group.blocking, line
        assert group.message.zh, line
        assert group.message.en, line
        assert group.hint or group.remedies or group.suggestion, line  # what to do about it
    assert visible(SYSTEM, "contract").count() == 0
    actions.set_options(actor=ops, import_id=view.id, only_valid=True)
    done = actions.run(actor=ops, import_id=view.id)
    assert (done.created, done.skipped) == (1, 5)
    _, bad = queries.bad_rows(ops, batch.id)
    assert [row.line for row in bad] == [3, 4, 5, 6, 7]  # to mend, with the cells as they came
    assert bad[2].cells[5] == "张维维"
