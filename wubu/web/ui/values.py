"""Field values as pages show them: a pill, a person, a link, a number with its unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.location import coordinates, name_of
from wubu.kernel.fields.lookup import shown_as
from wubu.kernel.fields.registry import FIELD_TYPES, shower
from wubu.kernel.fields.richtext import bare, clean
from wubu.kernel.records.types import Record
from wubu.kernel.types import language
from wubu.web.ui import show

NONE = SafeString('<span class="w-none">–</span>')
SOME = 3  # of several pictures or people, in one cell
LONGEST = 120  # characters of a rich text in a list
Drawer = Callable[[Record], SafeString]


def is_number(f: FieldSpec) -> bool:
    """Stands right. Stars are drawn, not read as a figure."""
    return f.kind.type_of(f).numeric and shown_as(f).kind.as_figure


def is_typed(f: FieldSpec) -> bool:
    """Somebody types it in: neither a formula nor a roll-up nor a retired field."""
    return not (f.retired or FIELD_TYPES[f.type].computed)


def drawer(f: FieldSpec) -> Drawer:
    """Draws one field of many records; the work that is the same for all is done once."""
    draw, key = _drawer(shown_as(f)), f.key
    return lambda record: covered(record.masked[key]) if key in record.masked else draw(record)


def covered(words: str) -> SafeString:
    """What may be shown of a masked value."""
    return format_html('<span class="w-masked tnum">{}</span>', words)


def _drawer(f: FieldSpec) -> Drawer:
    draw = _DRAWERS.get(f.kind.drawn)
    if draw is not None:
        return lambda record: draw(f, record) if _has(f, record) else NONE
    words = shower(f)

    def plain(record: Record) -> SafeString:
        value = record.values.get(f.key)
        return NONE if value is None or value == "" else conditional_escape(words(value))

    return plain


def draw(f: FieldSpec, record: Record) -> SafeString:
    """One field of one record."""
    return drawer(f)(record)


def title_of(f: FieldSpec, record: Record) -> str:
    """The shown name of what a link, member or team field points at."""
    found = record.titles.get(f.key, "")
    separator = "、" if language() == "zh" else ", "
    return found if isinstance(found, str) else separator.join(found)


def plain(f: FieldSpec, record: Record) -> str:
    """One field as bare text: for files, tooltips and comparisons."""
    if f.key in record.masked:
        return record.masked[f.key]
    if FIELD_TYPES[f.type].refers_to(f):
        return title_of(f, record)
    value = record.values.get(f.key)
    return "" if value is None else shower(f)(value)


def _has(f: FieldSpec, record: Record) -> bool:
    value = record.values.get(f.key)
    return value is not None and value not in ("", ())


def whole(f: FieldSpec, record: Record) -> SafeString:
    """One field as the record's own page shows it: a rich text with its structure."""
    if f.key in record.masked or not _has(f, record):
        return draw(f, record)
    if f.kind.chooses_many:
        return _choices(f, record, most=len(f.choices))
    if not f.kind.keeps_html:
        return draw(f, record)
    # Cleaned at the door; cleaned again, as what was stored may be older than the cleaner.
    return format_html('<div class="w-rich">{}</div>', mark_safe(clean(record.values[f.key])))  # noqa: S308


def _choice(f: FieldSpec, record: Record) -> SafeString:
    return pill(f, record.values[f.key])


def pill(f: FieldSpec, key: str) -> SafeString:
    """One option in its colour; a retired one keeps its name."""
    choice = f.choice(key)
    color = choice.color if choice and choice.color else "gray"
    words = choice.label if choice else key
    return format_html('<span class="w-pill" dir="auto" data-color="{}">{}</span>', color, words)


def _choices(f: FieldSpec, record: Record, most: int = SOME) -> SafeString:
    """The first few options; how many more there are is said."""
    keys = record.values[f.key]
    pills = format_html_join("", "{}", ((pill(f, key),) for key in keys[:most]))
    more = len(keys) - most
    rest = format_html('<span class="w-faint tnum">+{}</span>', more) if more > 0 else ""
    return format_html('<span class="w-pills">{}{}</span>', pills, rest)


def _link(f: FieldSpec, record: Record) -> SafeString:
    return anchor(f.target, record.values[f.key], title_of(f, record))


def anchor(object_key: str, record_id: int, title: str) -> SafeString:
    """A way to a record; without its title, the reader may not see it."""
    if not title:
        return SafeString(f'<span class="w-none">#{int(record_id)}</span>')
    return format_html('<a href="/o/{}/{}">{}</a>', object_key, record_id, title)


def _links(f: FieldSpec, record: Record) -> SafeString:
    ids: Sequence[int] = record.values[f.key]
    titles = record.titles.get(f.key, ())
    names = (titles,) if isinstance(titles, str) else titles
    pairs = zip(ids, [*names, *[""] * (len(ids) - len(names))], strict=True)
    return format_html_join(", ", "{}", ((anchor(f.target, i, n),) for i, n in pairs))


@lru_cache(maxsize=2048)
def disc(name: str) -> SafeString:
    """The small disc with a member's initials."""
    return format_html(
        '<span class="w-avatar is-sm" style="--hue:{}" aria-hidden="true">{}</span>',
        show.hue(name),
        show.initials(name),
    )


@lru_cache(maxsize=2048)
def person(name: str) -> SafeString:
    """The disc and the name of a member."""
    if not name:
        return NONE
    return format_html('<span class="w-person">{}<span>{}</span></span>', disc(name), name)


def _members(f: FieldSpec, record: Record) -> SafeString:
    """The discs of the first few beside all the names."""
    found = record.titles.get(f.key, ())
    names = (found,) if isinstance(found, str) else found
    discs = format_html_join("", "{}", ((disc(n),) for n in names[:SOME]))
    return format_html(
        '<span class="w-members"><span class="w-discs">{}</span><span>{}</span></span>',
        discs,
        title_of(f, record),
    )


def _member(f: FieldSpec, record: Record) -> SafeString:
    return person(title_of(f, record)) if title_of(f, record) else NONE


def _team(f: FieldSpec, record: Record) -> SafeString:
    return conditional_escape(title_of(f, record) or "–")


def _bool(f: FieldSpec, record: Record) -> SafeString:
    yes = bool(record.values[f.key])
    icon = "circle-check" if yes else "circle-x"
    return format_html(
        '<span class="w-yes{}"><i class="ti ti-{}" aria-hidden="true"></i> {}</span>',
        "" if yes else " is-no",
        icon,
        shower(f)(yes),
    )


def _phone(f: FieldSpec, record: Record) -> SafeString:
    value = record.values[f.key]
    words = shower(f)(value)
    return format_html('<a class="tnum" href="tel:{}">{}</a>', value, words)


def _email(f: FieldSpec, record: Record) -> SafeString:
    value = record.values[f.key]
    return format_html('<a href="mailto:{}">{}</a>', value, value)


def _url(f: FieldSpec, record: Record) -> SafeString:
    value = str(record.values[f.key])
    words = value.removeprefix("https://").removeprefix("http://").rstrip("/")
    if not value.startswith(("https://", "http://")):
        return conditional_escape(words)
    return format_html(
        '<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', value, words
    )


def _files(f: FieldSpec, record: Record) -> SafeString:
    """How many; the record page names them."""
    icon = mark_safe('<i class="ti ti-paperclip" aria-hidden="true"></i>')
    return format_html('<span class="tnum">{} {}</span>', icon, len(record.values[f.key]))


def _pictures(f: FieldSpec, record: Record) -> SafeString:
    """The first few, small; each opens large."""
    ids = record.values[f.key]
    seen = format_html_join(
        "",
        '<a href="/files/{}?view=1" target="_blank" rel="noopener" data-picture>'
        '<img src="/files/{}/small" alt="{}" loading="lazy"></a>',
        ((i, i, f.label) for i in ids[:SOME]),
    )
    more = format_html('<span class="tnum">+{}</span>', len(ids) - SOME) if len(ids) > SOME else ""
    css = "w-pictures is-signature" if f.kind.signed else "w-pictures"
    return format_html('<span class="{}">{}{}</span>', css, seen, more)


def _stars(f: FieldSpec, record: Record) -> SafeString:
    value = int(record.values[f.key])
    most = int(f.options.get("max") or 5)
    words = shower(f)(value)
    return format_html(
        '<span class="w-stars" role="img" aria-label="{}" title="{}">{}<s>{}</s></span>',
        words,
        words,
        "★" * value,
        "★" * (most - value),
    )


def _location(f: FieldSpec, record: Record) -> SafeString:
    """Its name; on a phone a press opens the map that is installed there."""
    value = record.values[f.key]
    lat, lng = coordinates(value)
    where = f"{lat:.6f},{lng:.6f}"
    return format_html(
        '<a class="w-place" href="geo:{}?q={}" title="{}">{}<span dir="auto">{}</span></a>',
        where,
        where,
        where,
        mark_safe('<i class="ti ti-map-pin" aria-hidden="true"></i>'),
        name_of(value) or where,
    )


def _rich(f: FieldSpec, record: Record) -> SafeString:
    """The beginning of its words."""
    words = " ".join(bare(record.values[f.key]).split())
    return conditional_escape(words if len(words) <= LONGEST else words[: LONGEST - 1] + "…")


# By ``FieldType.drawn``; a type without one is drawn as bare text.
_DRAWERS: dict[str, Callable[[FieldSpec, Record], SafeString]] = {
    "pill": _choice,
    "pills": _choices,
    "link": _link,
    "links": _links,
    "person": _member,
    "people": _members,
    "team": _team,
    "yes_no": _bool,
    "phone": _phone,
    "email": _email,
    "url": _url,
    "files": _files,
    "pictures": _pictures,
    "stars": _stars,
    "place": _location,
    "rich": _rich,
}
