"""The jobs, one file each. A job gets the company and answers with the lines of the report.

``WRITES`` says that it needs a copy of the company to write in.
"""
