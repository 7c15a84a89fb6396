"""Pictures, and a signature drawn by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from wubu.kernel.fields.attachment import AttachmentType
from wubu.kernel.fields.base import FieldError, Parser, Setting
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.types import Text

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # shown in place


class ImageType(AttachmentType):
    """Pictures: PNG, JPEG, GIF or WebP, shown small in lists and large on a click.

    On a phone taken with the camera. Options: ``max`` (how many, default 20).
    """

    key: ClassVar[str] = "image"
    label: ClassVar[Text] = Text("图片", "Image")
    drawn: ClassVar[str] = "pictures"
    icon: ClassVar[str] = "photo"
    about: ClassVar[Text] = Text("图片，直接显示", "Pictures, shown as such")
    kinds: ClassVar[frozenset[str]] = PICTURES
    one: ClassVar[Text] = Text("1 张图片", "1 picture")
    several: ClassVar[Text] = Text("{n} 张图片", "{n} pictures")
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


class SignatureType(ImageType):
    """A signature drawn with a finger, a pen or the mouse; one picture, with who signed and when.

    Signing again makes a new picture: the old one stays in the history.
    """

    key: ClassVar[str] = "signature"
    label: ClassVar[Text] = Text("签名", "Signature")
    icon: ClassVar[str] = "signature"
    about: ClassVar[Text] = Text("手写签名", "A signature by hand")
    signed: ClassVar[bool] = True
    wide: ClassVar[bool] = False
    pictures: ClassVar[bool] = False
    kinds: ClassVar[frozenset[str]] = frozenset({"image/png"})
    one: ClassVar[Text] = Text("已签名", "signed")
    settings: ClassVar[tuple[Setting, ...]] = ()

    def most(self, f: FieldSpec) -> int:
        return 1
