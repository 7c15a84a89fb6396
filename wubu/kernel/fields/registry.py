"""All field types. To add one: a file, a line here, a test file."""

from __future__ import annotations

from typing import Any

from wubu.kernel.fields.address import AddressType
from wubu.kernel.fields.attachment import AttachmentType
from wubu.kernel.fields.base import FIELD_TYPES as FIELD_TYPES
from wubu.kernel.fields.base import FieldType, Parser, Shower
from wubu.kernel.fields.bool import BoolType
from wubu.kernel.fields.choice import ChoiceType, MultiChoiceType, StageType
from wubu.kernel.fields.computed import FormulaType, RollupType
from wubu.kernel.fields.date import DateTimeType, DateType
from wubu.kernel.fields.duration import DurationType
from wubu.kernel.fields.id_card import IdCardType
from wubu.kernel.fields.image import ImageType, SignatureType
from wubu.kernel.fields.link import (
    LinksType,
    LinkType,
    MembersType,
    MemberType,
    TeamsType,
    TeamType,
)
from wubu.kernel.fields.location import LocationType
from wubu.kernel.fields.lookup import LookupType
from wubu.kernel.fields.number import MoneyType, NumberType, PercentType
from wubu.kernel.fields.rating import RatingType
from wubu.kernel.fields.reach import EmailType, PhoneType, UrlType
from wubu.kernel.fields.richtext import RichTextType
from wubu.kernel.fields.serial import SerialType
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import LongTextType, TextType
from wubu.kernel.types import Lang

FIELD_TYPES.update(
    (t.key, t)
    for t in (
        TextType(),
        LongTextType(),
        RichTextType(),
        NumberType(),
        MoneyType(),
        PercentType(),
        RatingType(),
        DurationType(),
        DateType(),
        DateTimeType(),
        BoolType(),
        ChoiceType(),
        MultiChoiceType(),
        StageType(),
        LinkType(),
        LinksType(),
        MemberType(),
        MembersType(),
        TeamType(),
        TeamsType(),
        PhoneType(),
        EmailType(),
        UrlType(),
        IdCardType(),
        AddressType(),
        LocationType(),
        SerialType(),
        AttachmentType(),
        ImageType(),
        SignatureType(),
        FormulaType(),
        RollupType(),
        LookupType(),
    )
)


def type_of(f: FieldSpec) -> FieldType:
    """The field type of a field."""
    return FIELD_TYPES[f.type]


def parser(f: FieldSpec) -> Parser:
    """A parser of raw values of one field, for use on many rows. It raises FieldError."""
    return FIELD_TYPES[f.type].parser(f)


def shower(f: FieldSpec, lang: Lang | None = None) -> Shower:
    """How values of one field are shown, for use on a whole column."""
    return FIELD_TYPES[f.type].shower(f, lang)


def show(f: FieldSpec, value: Any, lang: Lang | None = None) -> str:
    """One value, for people."""
    return FIELD_TYPES[f.type].show(f, value, lang)


def mask(f: FieldSpec, value: Any) -> str:
    """The outline of a stored value by the kind of its field; empty for None.

    Phones, mails, names and codes keep a few characters to be told apart by; of money, numbers,
    days, choices, links and long texts nothing is left.
    """
    return "" if value is None or value in ("", ()) else FIELD_TYPES[f.type].mask(f, value)


def to_json(f: FieldSpec, value: Any) -> Any:
    """One value in the form of the API and the change log."""
    return None if value is None else FIELD_TYPES[f.type].to_json(f, value)


def from_json(f: FieldSpec, value: Any) -> Any:
    """One value in stored form, from what ``to_json`` gave."""
    return None if value is None else FIELD_TYPES[f.type].from_json(f, value)
