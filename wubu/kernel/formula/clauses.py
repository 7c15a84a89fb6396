"""What is said of something: that it is so, or that it is not, in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wubu.kernel.types import Lang, Text

OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
AMOUNTS = {
    "=": Text("{0}等于{1}", "{0} is {1}"),
    "<>": Text("{0}不等于{1}", "{0} is not {1}"),
    "<": Text("{0}小于{1}", "{0} is less than {1}"),
    "<=": Text("{0}不超过{1}", "{0} is at most {1}"),
    ">": Text("{0}大于{1}", "{0} is more than {1}"),
    ">=": Text("{0}不低于{1}", "{0} is at least {1}"),
}
DAYS = {
    "=": Text("{0}是{1}", "{0} is {1}"),
    "<>": Text("{0}不是{1}", "{0} is not {1}"),
    "<": Text("{0}早于{1}", "{0} is before {1}"),
    "<=": Text("{0}不晚于{1}", "{0} is on or before {1}"),
    ">": Text("{0}晚于{1}", "{0} is after {1}"),
    ">=": Text("{0}不早于{1}", "{0} is on or after {1}"),
}
PLACES = {  # of options in their order
    "<": Text("{0}在{1}之前", "{0} comes before {1}"),
    "<=": Text("{0}是{1}或在它之前", "{0} is {1} or comes before it"),
    ">": Text("{0}在{1}之后", "{0} comes after {1}"),
    ">=": Text("{0}是{1}或在它之后", "{0} is {1} or comes after it"),
}
VALUES = {
    "=": Text("{0}是{1}", "{0} is {1}"),
    "<>": Text("{0}不是{1}", "{0} is not {1}"),
}
ALIKE = {
    "=": Text("{0}与{1}相同", "{0} is the same as {1}"),
    "<>": Text("{0}与{1}不同", "{0} is not the same as {1}"),
}
# Each with its opposite.
PAIRS = {
    "ISBLANK": (Text("{0}为空", "{0} is empty"), Text("{0}已填写", "{0} is filled in")),
    "linked_none": (Text("{0}为空", "{0} is empty"), Text("{0}已填写", "{0} is filled in")),
    "CONTAINS": (
        Text("{0}包含{1}", "{0} contains {1}"),
        Text("{0}不包含{1}", "{0} does not contain {1}"),
    ),
    "has": (
        Text("{0}包含{1}", "{0} includes {1}"),
        Text("{0}不包含{1}", "{0} does not include {1}"),
    ),
    "STARTSWITH": (
        Text("{0}以{1}开头", "{0} starts with {1}"),
        Text("{0}不以{1}开头", "{0} does not start with {1}"),
    ),
    "ENDSWITH": (
        Text("{0}以{1}结尾", "{0} ends with {1}"),
        Text("{0}不以{1}结尾", "{0} does not end with {1}"),
    ),
    "ISWORKDAY": (
        Text("{0}是工作日", "{0} is a working day"),
        Text("{0}不是工作日", "{0} is not a working day"),
    ),
    "between": (
        Text("{0}在{1}到{2}之间", "{0} is between {1} and {2}"),
        Text("{0}不在{1}到{2}之间", "{0} is not between {1} and {2}"),
    ),
}
# Words with which an English label says something by itself, and how it is denied.
VERBS = {
    "is": "is not",
    "are": "are not",
    "was": "was not",
    "has": "has no",
    "have": "have no",
    "can": "cannot",
    "may": "may not",
    "needs": "does not need",
    "wants": "does not want",
    "must": "need not",
    "uses": "does not use",
    "allows": "does not allow",
    "accepts": "does not accept",
}
WHERE = ("in", "on", "at", "of", "under", "for", "out", "up", "off", "not", "by")
STATES = re.compile(
    r"^(?:\w+[^e]ed|done|paid|sent|won|lost|active|open|urgent|important|new|valid|public|private)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"(“[^”]*”)")
TOUCHING = re.compile(r"(?<=[㐀-鿿])(?=[A-Za-z0-9−])|(?<=[A-Za-z0-9%])(?=[㐀-鿿])")


def beginning(words: str) -> str:
    """An English clause at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def spaced(words: str) -> str:
    """Chinese with a space between characters and figures or letters, outside quotes."""
    return "".join(p if p.startswith("“") else TOUCHING.sub(" ", p) for p in QUOTED.split(words))


def within(steps: Sequence[Text]) -> Text:
    """The label of a path inside a sentence: 客户的行业, the customer's industry."""
    english = [s.inside.en for s in steps]
    if len(english) > 1:
        english = [f"the {'’s '.join(english)}"]
    return Text("的".join(s.zh for s in steps), english[0] if english else "")


def either(parts: Sequence[str], lang: Lang) -> str:
    """“A”、“B”或“C”; “A”, “B” or “C”."""
    if len(parts) == 1:
        return parts[0]
    comma, last = ("、", "或") if lang == "zh" else (", ", " or ")
    return comma.join(parts[:-1]) + last + parts[-1]


def joined(parts: Sequence[str], lang: Lang, *, every: bool) -> str:
    """Clauses that all hold, or of which one does."""
    if lang == "zh":
        return ("，且" if every else "，或").join(parts)
    word = "and" if every else "or"
    simple = not any(re.search(r" and | or |, ", QUOTED.sub("", p)) for p in parts)
    if simple and len(parts) == 2:
        return f" {word} ".join(parts)
    return f"{', '.join(parts[:-1])}, {word} {parts[-1]}"


def one_of(what: str, parts: Sequence[str], lang: Lang, *, no: bool) -> str:
    """That something is one of a few values, or none of them."""
    listed = either(parts, lang)
    if lang == "zh":
        return f"{what}不是{listed}" if no else f"{what}是{listed}"
    if not no:
        return f"{what} is {listed}"
    if len(parts) == 1:
        return f"{what} is not {listed}"
    if len(parts) == 2:
        return f"{what} is neither {parts[0]} nor {parts[1]}"
    return f"{what} is none of {', '.join(parts)}"


def has_one(what: str, parts: Sequence[str], lang: Lang, *, no: bool) -> str:
    """That some of several values are among a few, or none is."""
    listed = either(parts, lang)
    if lang == "zh":
        return f"{what}不包含{listed}" if no else f"{what}包含{listed}"
    return f"{what} includes none of {', '.join(parts)}" if no else f"{what} includes {listed}"


def in_team(what: str, parts: Sequence[str], lang: Lang, *, no: bool) -> str:
    """That somebody is in a team."""
    listed = either(parts, lang)
    if lang == "zh":
        return f"{what}不属于{listed}" if no else f"{what}属于{listed}"
    return f"{what} is not in {listed}" if no else f"{what} is in {listed}"


def ticked(steps: Sequence[Text], lang: Lang, *, no: bool) -> str:
    """A box that is ticked, or not, as its label says it: 客户在公海, 未完成; is in the pool."""
    if lang == "zh":
        of = "的".join(s.zh for s in steps[:-1])
        return of + _ticked_zh(steps[-1].zh, no=no, of=bool(of))
    *what, state = steps[-1].en.split(" ")
    if what and STATES.match(state) and what[0].lower() not in (*VERBS, *WHERE):
        noun = Text("", " ".join(what))
        subject = within((*steps[:-1], noun)).en
        return f"{subject} is {'not ' if no else ''}{state}"
    subject = within(steps[:-1]).en if len(steps) > 1 else ""
    if len(steps) == 2:
        subject = f"the {subject}"
    return f"{subject or 'it'} {_ticked_en(steps[-1], no=no)}"


def _ticked_zh(label: str, *, no: bool, of: bool) -> str:
    if label.startswith("已"):
        return ("未" + label[1:]) if no else label
    if label.startswith("未"):
        return ("已" + label[1:]) if no else label
    if label.startswith(("在", "是", "可", "能", "会")) and not label.startswith("是否"):
        return ("不" if no else "") + label
    if label.startswith("有") and len(label) > 1:
        return ("没" if no else "") + label
    if label.startswith(("需", "要")):
        return ("不" if no else "") + label
    link = "的" if of else ""
    if label.startswith("是否"):
        return f"{link}{label[2:]}为“{'否' if no else '是'}”"
    return f"{link}“{label}”为{'否' if no else '是'}"


def _ticked_en(label: Text, *, no: bool) -> str:
    words = label.inside.en
    first, _, rest = words.partition(" ")
    verb = first.lower()
    if verb in VERBS and rest:
        return f"{VERBS[verb] if no else verb} {rest}"
    if verb in WHERE or STATES.match(words):
        return f"is not {words}" if no else f"is {words}"
    return f"has “{label.en}” {'unticked' if no else 'ticked'}"
