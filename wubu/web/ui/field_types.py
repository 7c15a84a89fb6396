"""The types of fields as people choose them: an icon and one line about each."""

from __future__ import annotations

from wubu.kernel.types import Text

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("文字", "Text"), ("text", "longtext", "richtext", "phone", "email", "url", "serial")),
    (Text("数字", "Numbers"), ("number", "money", "percent", "rating", "duration")),
    (Text("时间", "Time"), ("date", "datetime")),
    (Text("选择", "Choices"), ("choice", "multichoice", "stage", "bool")),
    (
        Text("关联与人员", "Links and people"),
        ("link", "links", "member", "members", "team", "teams"),
    ),
    (
        Text("地点与文件", "Places and files"),
        ("address", "location", "attachment", "image", "signature"),
    ),
    (Text("自动计算", "Computed"), ("formula", "rollup", "lookup")),
)
ABOUT: dict[str, tuple[str, Text]] = {
    "text": ("letter-case", Text("一行文字：名称、编号", "One line: a name, a code")),
    "longtext": ("align-left", Text("多行文字：说明、备注", "Several lines: notes")),
    "richtext": ("text-size", Text("带标题、列表和加粗的文字", "With headings, lists and bold")),
    "number": ("number", Text("数量、尺寸，可设小数位", "A quantity, with decimals if needed")),
    "money": ("currency-yuan", Text("精确到分的金额", "An amount, exact to the cent")),
    "percent": ("percentage", Text("比例：折扣、税率", "A ratio: discount, tax rate")),
    "rating": ("star", Text("几颗星", "A number of stars")),
    "duration": ("hourglass", Text("时长：工时、通话", "How long: work, calls")),
    "date": ("calendar", Text("某一天", "A day")),
    "datetime": ("clock", Text("某天某时刻", "A day and a time")),
    "bool": ("toggle-left", Text("是或否", "Yes or no")),
    "choice": ("circle-dot", Text("从列表里选一个", "One of a list")),
    "multichoice": ("checkbox", Text("从列表里选几个", "Several of a list")),
    "stage": ("arrows-right", Text("有先后的阶段，用于看板", "Steps in order, for boards")),
    "link": ("link", Text("指向另一个对象的一条记录", "One record of another object")),
    "links": ("affiliate", Text("指向另一个对象的多条记录", "Several records of another object")),
    "member": ("user", Text("一位同事", "A colleague")),
    "members": ("users", Text("几位同事", "Several colleagues")),
    "team": ("users-group", Text("一个团队", "A team")),
    "teams": ("hierarchy", Text("几个团队", "Several teams")),
    "phone": ("phone", Text("手机或固话，可拨打、可查重", "Mobile or land line")),
    "email": ("mail", Text("邮箱地址", "An e-mail address")),
    "url": ("world", Text("网址，点击打开", "A web address")),
    "address": ("map-pin", Text("省、市、区和详细地址", "Province, city, district, street")),
    "location": ("current-location", Text("地图上的一个点", "A point on the map")),
    "serial": ("hash", Text("自动编号：HT-2026-0001", "Numbered by itself: HT-2026-0001")),
    "attachment": ("paperclip", Text("文件，可以多个", "Files, one or several")),
    "image": ("photo", Text("图片，直接显示", "Pictures, shown as such")),
    "signature": ("signature", Text("手写签名", "A signature by hand")),
    "formula": ("math-function", Text("由其他字段算出", "Computed from other fields")),
    "rollup": ("sum", Text("汇总关联过来的记录", "Sums up records that link here")),
    "lookup": ("eye", Text("显示关联记录的一个字段", "Shows a field of a linked record")),
}


def about(key: str) -> tuple[str, Text]:
    """Icon and explanation of a type."""
    return ABOUT.get(key, ("forms", Text("", "")))
