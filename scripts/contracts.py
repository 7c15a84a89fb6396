"""A contract of import-linter that its own kinds cannot say in one sentence.

The models of a room stay at home.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


class ModelsStayHome(Contract):
    """``…/models.py`` is imported only from inside its room.

    The same goes for a package ``models``.
    """

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = []
        for module in sorted(graph.modules):
            room, _, last = module.rpartition(".")
            if last != "models":
                continue
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                if importer != room and not importer.startswith(f"{room}."):
                    details = graph.get_import_details(importer=importer, imported=module)
                    lines = [d["line_number"] for d in details] or [0]
                    found.extend((importer, module, line) for line in lines)
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module, line in check.metadata["found"]:
            output.print_error(f"{importer} imports {module} (line {line})")
        output.new_line()
        output.print("What crosses between rooms is actions, queries, types and events.")
