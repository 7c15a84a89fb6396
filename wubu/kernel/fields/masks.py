"""What is shown of a value that its reader may know only in outline: 138****1234."""

from __future__ import annotations

STARS = "****"
NOTHING = "***"


def phone(text: str) -> str:
    """138****1234."""
    digits = "".join(filter(str.isdigit, text))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return ends(digits, 3, 4) if len(digits) >= 11 else ends(digits, 2, 2)


def email(text: str) -> str:
    """a***@example.com."""
    local, _, domain = text.rpartition("@")
    return f"{local[:1] if len(local) > 2 else ''}{NOTHING}@{domain}" if local else NOTHING


def name(text: str) -> str:
    """张伟 is 张**, 北京星火科技有限公司 is 北京****: never more than a quarter of it."""
    return text[: min(2, max(1, len(text) // 4))] + (STARS if len(text) > 4 else "**")


def ends(text: str, head: int, tail: int) -> str:
    """Beginning and end, when at least a third of the text stays covered."""
    if len(text) < (head + tail) * 3 // 2:
        return NOTHING
    return f"{text[:head]}{STARS}{text[-tail:]}"
