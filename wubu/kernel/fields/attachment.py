"""Files kept with a record."""

from __future__ import annotations

import random
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower, blank
from wubu.kernel.fields.columns import IdsColumn
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language


class AttachmentType(FieldType):
    """Any number of files; stored as a tuple of their ids."""

    key: ClassVar[str] = "attachment"
    label: ClassVar[Text] = Text("附件", "Attachment")
    drawn: ClassVar[str] = "files"
    wire: ClassVar[str] = "ids"
    icon: ClassVar[str] = "paperclip"
    about: ClassVar[Text] = Text("文件，可以多个", "Files, one or several")
    group: ClassVar[str] = "places"
    wide: ClassVar[bool] = True
    pictures: ClassVar[bool] = True
    filterable: ClassVar[bool] = False
    sortable: ClassVar[bool] = False
    files: ClassVar[bool] = True
    one: ClassVar[Text] = Text("1 个文件", "1 file")
    several: ClassVar[Text] = Text("{n} 个文件", "{n} files")

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return IdsColumn(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> tuple[int, ...] | None:
            if blank(raw):
                return None
            parts = raw if isinstance(raw, list | tuple) else str(raw).split(",")
            try:
                ids = tuple(dict.fromkeys(int(str(part).removeprefix("id:")) for part in parts))
            except ValueError as error:
                raise FieldError(
                    "not_a_file",
                    Text("这里应是已上传的文件。", "This should be uploaded files."),
                    Text("请先上传文件，再保存记录。", "Upload the file first, then save."),
                ) from error
            return ids or None

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken = lang or language()

        def show(value: tuple[int, ...] | None) -> str:
            if not value:
                return ""
            said = self.one if len(value) == 1 else self.several
            return said.say(spoken).format(n=len(value))

        return show

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else [str(v) for v in value]

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else tuple(int(v) for v in value)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return [f"id:{v}" for v in value]

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("files")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return None
