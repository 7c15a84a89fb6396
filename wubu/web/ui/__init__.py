"""The kit that pages are declared with: a page is a list of components, a template rarely needed.

::

    from wubu.web.ui import Action, Chart, Column, Grid, Page, Panel, Stat, Stats, Table

    def cockpit(request: PageRequest) -> HttpResponse:
        figures = metrics.queries.figures(request.actor, ...)
        return Page(
            Text("驾驶舱", "Cockpit"),
            actions=[Action(Text("导出", "Export"), "?format=xlsx", icon="download")],
            body=[
                Stats([
                    Stat(Text("销售额", "Sales"), show.money(v, short=True),
                         deltas=[(versus, ratio)], target=attained, pace=elapsed,
                         url="/metrics/sales_signed"),
                ]),
                Grid([(8, Panel(Text("趋势", "Trend"), Chart(option, unit="money"), key="trend")),
                      (4, Panel(Text("团队", "Teams"), Table(columns, rows), key="teams"))]),
            ],
        ).response(request)

- ``Page.response(request)`` answers the whole page or, when htmx asks for one panel
  (``hx-target="#p-trend"``), only the panel with that ``key``: declare once, refresh in parts.
  ``Panel(live="opportunity contract")`` refreshes itself within a second of a change to those.
- ``Table(columns, rows)``: a row is a mapping or object. ``Column(label, key_or_callable, kind)``
  with kind text, money (fen), number, percent (ratio), date, moment, member (name) or pill (a
  Choice). Numbers stand right. ``row_url`` makes rows clickable. No rows: ``empty`` is shown.
- ``Chart(option, unit="money|ratio|number")``: an ECharts option as a dict; money in yuan. Colours,
  fonts, dark mode and number formats come by themselves; a data item
  ``{"value": 3, "url": "/…"}`` opens that page when clicked. ``summary`` says it in words.
- ``Form("/post-here", [Ask("name", Text(…), "text|date|select|check|checks")])`` asks settings;
  ``form.answered(request.POST, refused)`` shows it again as typed, with the problems beside.
- ``Raw(template, **context)`` draws any template where no component fits.
- ``wubu.web.ui.show`` shows values (money, number, percent, date, moment, ago) and the template
  tags do the same (``{% money v short=True %}``); None is a dash, never zero.
- Problems: raise ``Refused`` and the middleware makes the page, or a toast for htmx;
  ``Problems(refused.problems)`` shows them inside a page.
- ``redirect(url, Text(...), undo="/post-here")`` goes on and says what happened;
  ``toast(response, Text(...))`` says it after an htmx request.
- Scripts: the CSP allows no inline handlers. Alpine runs in its CSP build: expressions stay plain;
  anything longer is an ``Alpine.data`` component in a file under ``static/js``.
- htmx 4: attributes are inherited only when written ``hx-target:inherited``; events are named
  ``htmx:after:swap``. ``hx-on`` and ``hx-trigger`` filters in brackets need eval: not here.

To add a page: one file in ``wubu/web/pages`` with ``urlpatterns`` (and ``NAV``, a tuple of
``nav.Entry``, for the navigation), and its name in ``pages/__init__.py``.
"""

from wubu.web.ui import show, values
from wubu.web.ui.asking import Ask, Form
from wubu.web.ui.components import (
    Action,
    Attr,
    Attrs,
    Bar,
    Chart,
    Column,
    Component,
    Empty,
    Grid,
    Note,
    Panel,
    Problems,
    Raw,
    Stack,
    Stat,
    Stats,
    Table,
)
from wubu.web.ui.page import Crumb, Page, Tab, flash, redirect, toast
from wubu.web.ui.request import PageRequest, htmx_partial, htmx_target, is_htmx

__all__ = [
    "Action",
    "Ask",
    "Attr",
    "Attrs",
    "Bar",
    "Chart",
    "Column",
    "Component",
    "Crumb",
    "Empty",
    "Form",
    "Grid",
    "Note",
    "Page",
    "PageRequest",
    "Panel",
    "Problems",
    "Raw",
    "Stack",
    "Stat",
    "Stats",
    "Tab",
    "Table",
    "flash",
    "htmx_partial",
    "htmx_target",
    "is_htmx",
    "redirect",
    "show",
    "toast",
    "values",
]
