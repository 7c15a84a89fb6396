"""Random formulas by type, as text."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBER_FIELDS = ["amount", "cost", "share", "pieces", "weight", "customer.revenue", "margin"]
WHOLE_FIELDS = ["pieces", "customer.size"]
DATE_FIELDS = ["opened_on", "closed_on"]
WHEN_FIELDS = [*DATE_FIELDS, "called_at", "seen_at"]
TEXT_FIELDS = ["name", "note", "customer.name"]
LITERALS = ["0", "1", "2", "5%", "0.5", "1.005", "100", "12.345678", "1000000", "3万", "-7", "0.01"]
TEXTS = ['""', '"gtx"', '"GTX Pro"', '"x\'y"', '"%"', '"深圳"', '" a"', '"🙂"']
INSTANT_FIELDS = ["called_at", "seen_at"]
VALUES = ["'1,234.5'", "' -12 '", "'12.5%'", "'x1'", "'1.'", "'+0.0000005'", "'9' & {note}"]
NUMBER_FORMATS = ["'0'", "'0.00'", "'#,##0.00'", "'0.0%'", "'¥#,##0'", "'000'", "'#,##0.0 元'"]
DAY_FORMATS = ["'yyyy-mm-dd'", "'yyyy年m月d日'", "'yy/q'", "'dd.mm.yyyy'", '\'yyyy"""Q"q\'']
CLOCK_FORMATS = [*DAY_FORMATS, "'hh:mm'", "'h:mm:ss'", "'yyyy-mm-dd hh:mm'"]
COMPARE = ["=", "<>", "<", "<=", ">", ">="]


def braced(names: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{{{n}}}" for n in names])


def numbers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(braced(NUMBER_FIELDS), st.sampled_from(LITERALS))
    if depth == 0:
        return leaf
    n, b, t, d = numbers(depth - 1), bools(depth - 1), texts(depth - 1), dates(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, n, st.sampled_from("+-*/"), n),
        st.builds("({} {} {} {} {})".format, n, st.sampled_from("+-"), n, st.sampled_from("+-"), n),
        st.builds("({} {} {} {} {})".format, n, st.sampled_from("*/"), n, st.sampled_from("*/"), n),
        st.builds("(-{})".format, n),
        st.builds("ROUND({}, {})".format, n, st.integers(-3, 6)),
        st.builds("{}({})".format, st.sampled_from(["FLOOR", "CEILING", "ABS", "取整"]), n),
        st.builds("{}({}, {}, {})".format, st.sampled_from(["MIN", "MAX", "COALESCE"]), n, n, n),
        st.builds("IF({}, {}, {})".format, b, n, n),
        st.builds("IF({}, {}, {}, {})".format, b, n, b, n),
        st.builds("SWITCH({}, {}, {}, {})".format, n, n, n, n),
        st.builds("LEN({})".format, t),
        st.builds(
            "{}({})".format,
            st.sampled_from(["YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY"]),
            d,
        ),
        st.builds("DAYS({}, {})".format, d, d),
        st.builds("({} - {})".format, d, d),
        st.just("HOURS({called_at}, {seen_at})"),
        st.builds(
            "{}({}, {})".format, st.sampled_from(["ROUNDUP", "ROUNDDOWN"]), n, st.integers(-3, 6)
        ),
        st.builds("{}({}, {})".format, st.sampled_from(["FLOOR", "CEILING", "MOD"]), n, n),
        st.builds("SQRT({})".format, n),
        st.builds("POWER({}, {})".format, n, st.integers(0, 4)),
        st.builds("{}({}, {})".format, st.sampled_from(["FIND", "SEARCH"]), t, t),
        st.builds("FIND({}, {}, {})".format, t, t, wholes(depth - 1)),
        st.builds("VALUE({})".format, st.one_of(t, st.sampled_from(VALUES))),
        st.builds("VALUE({} & '')".format, n),
        st.builds("{}({})".format, st.sampled_from(["HOUR", "MINUTE"]), braced(INSTANT_FIELDS)),
        st.builds("WEEKNUM({})".format, d),
        st.builds("DATEDIF({}, {}, {})".format, d, d, st.sampled_from(["'Y'", "'M'", "'D'"])),
        st.builds("NETWORKDAYS({}, {})".format, d, d),
        st.builds("SUM({}, {}, {})".format, n, n, n),
        st.builds("COUNT({}, {}, {})".format, n, t, d),
        st.builds("AVERAGE({}, {}, {})".format, n, n, n),
    )


def wholes(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(braced(WHOLE_FIELDS), st.sampled_from(["0", "1", "-1", "13", "-31", "400"]))
    if depth == 0:
        return leaf
    return st.one_of(leaf, st.builds("ROUND({}, 0)".format, numbers(depth - 1)))


def texts(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(braced(TEXT_FIELDS), st.sampled_from(TEXTS))
    if depth == 0:
        return leaf
    t, n, b, d = texts(depth - 1), numbers(depth - 1), bools(depth - 1), dates(depth - 1)
    w = wholes(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} & {} & {})".format, t, st.one_of(t, n, d, st.just("{stage}")), t),
        st.builds("CONCAT({}, {})".format, t, t),
        st.builds("{}({}, {})".format, st.sampled_from(["LEFT", "RIGHT"]), t, st.integers(0, 9)),
        st.builds("{}({})".format, st.sampled_from(["UPPER", "LOWER", "TRIM", "PROPER"]), t),
        st.builds("{}({}, {})".format, st.sampled_from(["LEFT", "RIGHT", "REPT"]), t, w),
        st.builds("MID({}, {}, {})".format, t, w, w),
        st.builds("SUBSTITUTE({}, {}, {})".format, t, t, t),
        st.builds("TEXTJOIN({}, {}, {}, {})".format, t, t, t, n),
        st.builds("TEXTJOIN({}, FALSE, {}, {})".format, t, t, t),
        st.builds("TEXT({}, {})".format, n, st.sampled_from(NUMBER_FORMATS)),
        st.builds("TEXT({}, {})".format, d, st.sampled_from(DAY_FORMATS)),
        st.builds("TEXT({}, {})".format, braced(INSTANT_FIELDS), st.sampled_from(CLOCK_FORMATS)),
        st.builds("IF({}, {}, {})".format, b, t, t),
        st.builds("{}({}, {})".format, st.sampled_from(["COALESCE", "MIN", "MAX"]), t, t),
    )


def dates(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(braced(WHEN_FIELDS), st.sampled_from(["TODAY()", "NOW()"]))
    if depth == 0:
        return leaf
    d, w, b = dates(depth - 1), wholes(depth - 1), bools(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, d, st.sampled_from("+-"), w),
        st.builds("ADDDAYS({}, {})".format, d, w),
        st.builds("{}({}, {})".format, st.sampled_from(["ADDMONTHS", "MONTHEND"]), d, w),
        st.builds("WORKDAY({}, {})".format, d, w),
        st.builds("DATE({}, {}, {})".format, st.one_of(w, st.just("2024")), w, w),
        st.builds(
            "{}({})".format,
            st.sampled_from(["MONTHSTART", "MONTHEND", "QUARTERSTART", "YEARSTART", "WEEKSTART"]),
            d,
        ),
        st.builds("IF({}, {}, {})".format, b, d, d),
        st.builds("{}({}, {})".format, st.sampled_from(["COALESCE", "MIN", "MAX"]), d, d),
    )


def bools(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(
        [
            "{urgent}",
            "TRUE",
            "ISBLANK({name})",
            "{stage} = '赢单'",
            "{stage} >= 'proposal'",
            "{stage} IN ('won', '输单')",
            "{customer.industry} = '科技'",
            "CONTAINS({tags}, 'tech')",
            "{tags} IN ('tech', '零售')",
            "{called_at} = {opened_on}",
            "{called_at} <= '2026-03-01'",
            "{called_at} <> TODAY()",
            "{opened_on} < NOW()",
            "{seen_at} BETWEEN '2024-06-01' AND {closed_on}",
            "{partners} IN (1, 2)",
            "CONTAINS({partners}, 3)",
            "ISBLANK({partners})",
            "{owner} = ME()",
            "{owner} IN MYTEAM()",
        ]
    )
    if depth == 0:
        return leaf
    n, t, d, b = numbers(depth - 1), texts(depth - 1), dates(depth - 1), bools(depth - 1)
    compare = st.sampled_from(COMPARE)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, n, compare, n),
        st.builds("({} {} {})".format, t, compare, t),
        st.builds("({} {} {})".format, d, compare, d),
        st.builds("({} IN ({}, {}))".format, n, n, n),
        st.builds("({} NOT IN ({}, {}))".format, t, t, t),
        st.builds("({} IN ({}, {}))".format, d, d, d),
        st.builds("({} BETWEEN {} AND {})".format, n, n, n),
        st.builds("({} NOT BETWEEN {} AND {})".format, d, d, d),
        st.builds("({} AND {})".format, b, b),
        st.builds("({} OR {} OR {})".format, b, b, b),
        st.builds("(NOT {})".format, b),
        st.builds("ISBLANK({})".format, st.one_of(n, t, d)),
        st.builds(
            "{}({}, {})".format, st.sampled_from(["CONTAINS", "STARTSWITH", "ENDSWITH"]), t, t
        ),
        st.builds("ISWORKDAY({})".format, d),
        st.builds("IF({}, {}, {})".format, b, b, b),
    )


def formulas(depth: int = 3) -> st.SearchStrategy[str]:
    return st.one_of(numbers(depth), texts(depth), dates(depth), bools(depth))
