"""Files into records: read → headings → parse → match → judge. Pure: what is known comes in, a change-set comes out."""

from etl.ingest.formats import Chosen, Question
from etl.ingest.headings import Heading, headings_of, plan_for
from etl.ingest.judge import OUTCOMES, Rights
from etl.ingest.maps import PRESETS, Plan, load_plan, preset, preset_names
from etl.ingest.pool import Known
from etl.ingest.rehearsal import Rehearsal
from etl.ingest.rehearse import rehearse
from etl.ingest.report import report_csv, report_xlsx
from etl.ingest.sources import Limits, Source, read, sources_from
from etl.ingest.tables import Table

__all__ = [
    "OUTCOMES",
    "PRESETS",
    "Chosen",
    "Heading",
    "Known",
    "Limits",
    "Plan",
    "Question",
    "Rehearsal",
    "Rights",
    "Source",
    "Table",
    "headings_of",
    "load_plan",
    "plan_for",
    "preset",
    "preset_names",
    "read",
    "rehearse",
    "report_csv",
    "report_xlsx",
    "sources_from",
]
