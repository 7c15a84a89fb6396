"""What a member's values must look like; every problem at once."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from wubu.kernel.people.models import Member, Position
from wubu.kernel.types import LANGS, Problem, Text

MIN_PASSWORD = 8
LIMITS = {"login": 150, "name": 150, "email": 254, "phone": 32, "employee_no": 64}


def clean_login(login: str) -> str:
    """Logins are told apart without regard to case or blanks around them."""
    return login.strip().lower()


def member_problems(values: dict[str, Any], member_id: int | None = None) -> list[Problem]:
    """Problems of the given values for a new member, or for the one that is being changed."""
    found: list[Problem] = []

    def add(code: str, field: str, zh: str, en: str, **more: Any) -> None:
        found.append(Problem(code, Text(zh, en), field=field, value=values.get(field), **more))

    for field in ("login", "name"):
        if field in values and not values[field]:
            add("required", field, "此项必填。", "This is required.")
    for field, limit in LIMITS.items():
        if len(values.get(field) or "") > limit:
            add("too_long", field, f"最多 {limit} 个字符。", f"At most {limit} characters.")
    if any(c.isspace() for c in values.get("login") or ""):
        add("not_a_login", "login", "登录名不能含空格。", "A login has no blanks in it.")
    if "language" in values and values["language"] not in LANGS:
        add("not_a_language", "language", "语言应为 zh 或 en。", "The language is zh or en.")
    if values.get("email"):
        try:
            validate_email(values["email"])
        except ValidationError:
            add("not_an_email", "email", "不是有效的邮箱地址。", "This is not an e-mail address.")
    joined, left = values.get("joined_on"), values.get("left_on")
    if joined and left and left < joined:
        add("left_before_joined", "left_on", "离职早于入职。", "They left before they joined.")
    others = Member.objects.exclude(id=member_id) if member_id else Member.objects.all()
    if values.get("login") and others.filter(login=values["login"]).exists():
        add("duplicate", "login", "该登录名已有人使用。", "Someone already has this login.")
    number = values.get("employee_no")
    if number and others.filter(employee_no=number).exists():
        add("duplicate", "employee_no", "该工号已有人使用。", "Someone already has this number.")
    position = values.get("position_id")
    if position is not None and not Position.objects.filter(id=position).exists():
        add("no_such_position", "position_id", "没有这个岗位。", "There is no such position.")
    return found


@cache
def _common() -> CommonPasswordValidator:
    """It reads a list of twenty thousand: once is enough."""
    return CommonPasswordValidator()


def password_problems(password: str, login: str) -> list[Problem]:
    """Why a password would not do."""
    found = []
    if len(password) < MIN_PASSWORD:
        found.append(Text("密码至少 {n} 位。", "At least {n} characters.").format(n=MIN_PASSWORD))
    if clean_login(password) == clean_login(login):
        found.append(Text("密码不能与登录名相同。", "The password is the same as the login."))
    try:
        _common().validate(password)
    except ValidationError:
        found.append(Text("这个密码太常见。", "This password is too common."))
    return [Problem("weak_password", message, field="password") for message in found]
