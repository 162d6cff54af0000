"""Taking records and answers out: what the person may export, with its definition, scope and day, as a file."""

from dashboard.actions.exports.collect import APPROVAL_FROM, Export, allow, export_answer, export_records
from dashboard.actions.exports.figures import Count, Figure, Table, export_figures
from dashboard.actions.exports.render import ENDINGS, archive_of, book_of, files_of, write

__all__ = [
    "APPROVAL_FROM",
    "ENDINGS",
    "Count",
    "Export",
    "Figure",
    "Table",
    "allow",
    "archive_of",
    "book_of",
    "export_answer",
    "export_figures",
    "export_records",
    "files_of",
    "write",
]
