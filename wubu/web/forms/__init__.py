"""Forms made from the catalog: which inputs, what stands in them, and what came back."""

from wubu.web.forms.inputs import Input, inputs, name_links
from wubu.web.forms.lines import Line, Lines, lines, pairs
from wubu.web.forms.opening import blank, copy_of, of_record
from wubu.web.forms.raws import boxed, default, raw, raw_of, raw_value
from wubu.web.forms.submitted import Parts, read, read_lines, read_parts, writable

__all__ = [
    "Input",
    "Line",
    "Lines",
    "Parts",
    "blank",
    "boxed",
    "copy_of",
    "default",
    "inputs",
    "lines",
    "name_links",
    "of_record",
    "pairs",
    "raw",
    "raw_of",
    "raw_value",
    "read",
    "read_lines",
    "read_parts",
    "writable",
]
