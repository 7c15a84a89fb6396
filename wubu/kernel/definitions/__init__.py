"""A kind of thing that a company sets up (a rule, a metric, a scorecard) is declared once, here.

A ``Definition`` lists its fields: label, type, limits, help, what they refer to. From it come the
checks, the form of the page and the reading of what was posted, the schema of the API, the shape in
packs, the words of a comparison, and the reference page.
"""
