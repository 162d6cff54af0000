"""Taking records and answers out: what the person may export, with its definition, scope and day, as a file."""

from dashboard.actions.exports.collect import APPROVAL_FROM, Export, allow, export_answer, export_records
from dashboard.actions.exports.render import ENDINGS, files_of, write

__all__ = ["APPROVAL_FROM", "ENDINGS", "Export", "allow", "export_answer", "export_records", "files_of", "write"]
