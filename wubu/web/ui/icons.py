"""Icons are Tabler's outlines, held by one small style sheet that ``scripts/assets.py`` makes."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

# What a new object may choose from; named here, so they are in the style sheet.
OFFERED = (
    "address-book", "archive", "award", "bell", "bolt", "book", "box", "briefcase", "building",
    "building-factory", "building-store", "bulb", "calendar-event", "car", "cash", "certificate",
    "chart-bar", "checklist", "clipboard-list", "clock", "coin", "credit-card", "cube", "database",
    "device-desktop", "diamond", "file-invoice", "file-text", "flag", "folder", "gift", "globe",
    "headset", "heart", "home", "id-badge", "key", "link", "list-details", "mail", "map-pin",
    "message-circle", "microphone", "mood-smile", "note", "package", "phone", "photo", "plane",
    "presentation", "puzzle", "receipt", "rocket", "school", "settings", "shield", "shopping-cart",
    "star", "tag", "target-arrow", "tool", "truck", "user", "users", "world",
)  # fmt: skip


@lru_cache(maxsize=2048)
def svg(name: str, cls: str = "", label: str = "") -> SafeString:
    """One icon in the colour and size of the text around it.

    Unlabelled, it is silent to screen readers.
    """
    if label:
        return format_html(
            '<i class="ti ti-{} {}" role="img" aria-label="{}"></i>', name, cls, label
        )
    return format_html('<i class="ti ti-{} {}" aria-hidden="true"></i>', name, cls)
