"""What is shown of a value that its reader may know only in outline: 138****1234."""

from __future__ import annotations

from typing import Any

from wubu.kernel.fields.spec import FieldSpec

STARS = "****"
NOTHING = "***"
CODES = frozenset({"credit_code", "id_card", "bank_account"})


def mask(f: FieldSpec, value: Any) -> str:
    """The outline of a stored value by the kind of its field; empty for None.

    Phones, mails, names and codes keep a few characters to be told apart by; of money, numbers,
    days, choices, links and long texts nothing is left.
    """
    if value is None or value in ("", ()):
        return ""
    if f.source is not None and f.source.type != f.type:
        return mask(f.source, value)  # a look-up is covered as what it looks up
    if f.type == "phone":
        return _phone(str(value))
    if f.type == "email":
        return _email(str(value))
    if f.type == "text":
        if str(f.options.get("format", "")) in CODES:
            return _ends(str(value), 4, 4)
        return _name(str(value))
    return NOTHING


def _phone(text: str) -> str:
    digits = "".join(filter(str.isdigit, text))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return _ends(digits, 3, 4) if len(digits) >= 11 else _ends(digits, 2, 2)


def _email(text: str) -> str:
    name, _, domain = text.rpartition("@")
    return f"{name[:1] if len(name) > 2 else ''}{NOTHING}@{domain}" if name else NOTHING


def _name(text: str) -> str:
    """张伟 is 张**, 北京星火科技有限公司 is 北京****: never more than a quarter of it."""
    return text[: min(2, max(1, len(text) // 4))] + (STARS if len(text) > 4 else "**")


def _ends(text: str, head: int, tail: int) -> str:
    """Beginning and end, when at least a third of the text stays covered."""
    if len(text) < (head + tail) * 3 // 2:
        return NOTHING
    return f"{text[:head]}{STARS}{text[-tail:]}"
