from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wubu.kernel.people.intervals import Interval, place

EPOCH = date(2026, 1, 1)
SPAN = range(-5, 45)


def day(n):
    return EPOCH + timedelta(days=n)


def value_on(intervals, when):
    held = [i.value for i in intervals if i.holds_on(when)]
    assert len(held) <= 1, "intervals overlap"
    return held[0] if held else None


changes = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 3)),
        st.integers(0, 30),
        st.one_of(st.none(), st.integers(1, 12)),
    ),
    max_size=12,
)


def test_it_works():
    first = place((), 1, day(0))
    assert first == (Interval(day(0), None, 1),)
    moved = place(first, 2, day(10))
    assert moved == (Interval(day(0), day(10), 1), Interval(day(10), None, 2))


def test_a_change_in_the_past_holds_until_the_next_known_change():
    known = (Interval(day(0), day(10), 1), Interval(day(10), None, 2))
    assert place(known, 3, day(5)) == (
        Interval(day(0), day(5), 1),
        Interval(day(5), day(10), 3),
        Interval(day(10), None, 2),
    )


def test_neighbours_of_one_value_join():
    known = (Interval(day(0), day(10), 1), Interval(day(10), None, 2))
    assert place(known, 1, day(10)) == (Interval(day(0), None, 1),)


@given(changes)
def test_never_overlapping_and_only_the_days_meant_change(steps):
    known = ()
    for value, start, length in steps:
        before = {n: value_on(known, day(n)) for n in SPAN}
        later = [i.start for i in known if i.start > day(start)]
        held = next((i for i in known if i.holds_on(day(start))), None)
        known = place(known, value, day(start), day(start + length) if length else None)
        ends = [*later, *([held.end] if held and held.end else [])]
        until = day(start + length) if length else min(ends, default=date.max)
        for n in SPAN:
            expected = value if day(start) <= day(n) < until else before[n]
            assert value_on(known, day(n)) == expected
        assert all(a.end is not None and a.end <= b.start for a, b in pairwise(known))
        assert all(i.end is None or i.start < i.end for i in known)
