"""A policy in plain words: what the actor may do with an object, and by which role."""

from __future__ import annotations

from collections import defaultdict

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions import conditions
from wubu.kernel.permissions.policy import Policy, rooted
from wubu.kernel.permissions.rules import ACTIONS, LEVELS, UNSEEN, WIDTH, GrantRule, Scope
from wubu.kernel.types import LANGS, Lang, Text

JOINT = {"zh": "、", "en": ", "}
ROWS: dict[Scope, Text] = {
    "own": Text("本人负责的{o}", "their own {o}"),
    "team": Text("本团队和下属的{o}", "{o} of their teams and reports"),
    "team_below": Text(
        "本团队、下级团队和下属的{o}", "{o} of their teams, those below and reports"
    ),
    "all": Text("全部{o}", "all {o}"),
    "shared": Text("共享给本人的{o}", "{o} shared with them"),
    "condition": Text("{c}的{o}", "{o} where {c}"),
}


def explain(policy: Policy, labels: dict[str, Text], object_key: str, *, by: bool = True) -> Text:
    """One sentence in both languages; ``labels`` names the roles by key, told with ``by``."""
    return Text(*(_said(policy, labels, object_key, lang, by) for lang in LANGS))


def _said(
    policy: Policy, labels: dict[str, Text], object_key: str, lang: Lang, by_role: bool
) -> str:
    spec = snapshot().object(object_key)
    zh, plural = lang == "zh", spec.plural.inside.say(lang)
    if policy.everything:
        why = "系统或所有者" if zh else "the system or an owner"
        return (
            f"可以对全部{plural}做任何操作（{why}）。"
            if zh
            else f"May do anything with all {plural} ({why})."
        )
    parts = _rights(policy, object_key, lang)
    if not parts:
        return f"无权查看{plural}。" if zh else f"May not see {plural}."
    by = JOINT[lang].join(labels[k].say(lang) for k in _behind(policy, object_key) if k in labels)
    of = ""
    if spec.part_of:
        parent = snapshot().object(rooted("view", spec)[1]).label.inside.say(lang)
        of = f"，随所属{parent}" if zh else f", as part of its {parent}"
    said = ("；" if zh else "; ").join(parts)
    fields = _fields(policy, object_key, lang)
    role = (f"（角色：{by}）" if zh else f" (role: {by})") if by_role else ""
    if zh:
        return f"可以{said}{of}{role}。{fields}"
    return f"May {said}{of}{role}. {fields}".strip()


def _behind(policy: Policy, object_key: str) -> list[str]:
    """The keys of the roles that say anything of this object."""
    spec = snapshot().object(object_key)
    asked = [rooted(action, spec) for action in ACTIONS]
    speaking = {g.role_id for action, key in asked for g in policy.granted(action, key)}
    return [key for role_id, key in policy.roles.items() if role_id in speaking]


def _rights(policy: Policy, object_key: str, lang: Lang) -> list[str]:
    """“view, edit their own opportunities”, one for each scope, the widest first."""
    spec = snapshot().object(object_key)
    groups: dict[tuple[GrantRule, ...], list[str]] = defaultdict(list)
    for action in ACTIONS:
        if not _sensible(action, spec) or not policy.may(action, object_key):
            continue
        counted, key = rooted(action, spec)
        groups[_widest(policy.granted(counted, key))].append(action)
    if not any("view" in actions or set(actions) & UNSEEN for actions in groups.values()):
        return []
    return [
        f"{JOINT[lang].join(ACTIONS[a].say(lang) for a in actions)}"
        f"{'' if lang == 'zh' else ' '}{_which(grants, object_key, lang)}"
        for grants, actions in groups.items()
    ]


def _sensible(action: str, spec: ObjectSpec) -> bool:
    """Only what has stages is moved between them; a part goes with its whole."""
    if action in ("stage", "transfer"):
        role = "stage" if action == "stage" else "owner"
        return not spec.part_of and spec.role(role) is not None
    return True


def _widest(grants: list[GrantRule]) -> tuple[GrantRule, ...]:
    """The grants that matter: the widest set of owners, and the conditions beside it."""
    owners = [g for g in grants if g.scope != "condition"]
    widest = max(owners, key=lambda g: WIDTH[g.scope], default=None)
    if widest is not None and widest.scope == "all":
        return (GrantRule(0, "", "", "all"),)
    beside = {g.condition for g in grants if g.scope == "condition"}
    first = [GrantRule(0, "", "", widest.scope)] if widest is not None else []
    return (*first, *(GrantRule(0, "", "", "condition", c) for c in sorted(beside)))


def _which(grants: tuple[GrantRule, ...], object_key: str, lang: Lang) -> str:
    spec = snapshot().object(object_key)
    plural = spec.plural.inside.say(lang)
    root = rooted("view", spec)[1]
    said = []
    for g in grants:
        words = conditions.sentence(g.condition, root, lang) if g.condition else ""
        said.append(ROWS[g.scope].say(lang).format(o=plural, c=words))
    return ("，以及" if lang == "zh" else " and ").join(said)


def _fields(policy: Policy, object_key: str, lang: Lang) -> str:
    spec, groups = snapshot().object(object_key), defaultdict(list)
    writes = policy.may("edit", object_key) or policy.may("create", object_key)
    for f in spec.live_fields:
        level = policy.level(object_key, f.key)
        if level in ("hidden", "masked") or (level == "read" and writes):
            groups[level].append(f.label.inside.say(lang))
    return "".join(
        (f"{LEVELS[level].zh}：{'、'.join(names)}。")
        if lang == "zh"
        else f"{LEVELS[level].en.capitalize()}: {', '.join(names)}. "
        for level, names in sorted(groups.items())
    ).strip()
