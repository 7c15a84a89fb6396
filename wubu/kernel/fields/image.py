"""Pictures, and a signature drawn by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from wubu.kernel.fields.attachment import AttachmentType
from wubu.kernel.fields.base import FieldError, Parser, Setting, Shower
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.types import Lang, Text, language

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # shown in place


class ImageType(AttachmentType):
    """Pictures: PNG, JPEG, GIF or WebP, shown small in lists and large on a click; on a phone taken
    with the camera. Options: ``max`` (how many, default 20).
    """

    key: ClassVar[str] = "image"
    label: ClassVar[Text] = Text("图片", "Image")
    kinds: ClassVar[frozenset[str]] = PICTURES
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("max", Text("最多几张", "How many at most"), "number"),
    )

    def most(self, f: FieldSpec) -> int:
        """How many pictures there may be."""
        return int(f.options.get("max") or 20)

    def parser(self, f: FieldSpec) -> Parser:
        read, most = super().parser(f), self.most(f)

        def parse(raw: object) -> Any:
            ids = read(raw)
            if ids is not None and len(ids) > most:
                raise FieldError(
                    "too_many_files",
                    Text("最多 {n} 张。", "At most {n} of them.").format(n=most),
                )
            return ids

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken = lang or language()

        def show(value: tuple[int, ...] | None) -> str:
            if not value:
                return ""
            if spoken == "zh":
                return f"{len(value)} 张图片"
            return "1 picture" if len(value) == 1 else f"{len(value)} pictures"

        return show


class SignatureType(ImageType):
    """A signature drawn with a finger, a pen or the mouse; one picture, with who signed and when.

    Signing again makes a new picture: the old one stays in the history.
    """

    key: ClassVar[str] = "signature"
    label: ClassVar[Text] = Text("签名", "Signature")
    kinds: ClassVar[frozenset[str]] = frozenset({"image/png"})
    settings: ClassVar[tuple[Setting, ...]] = ()

    def most(self, f: FieldSpec) -> int:
        return 1

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        signed = "已签名" if (lang or language()) == "zh" else "signed"
        return lambda value: signed if value else ""
