"""Import: files, what their columns mean, a rehearsal over all rows, the commit; and the undo of what was imported."""

import streamlit as st

from dashboard.actions import imports
from dashboard.ui.heading import heading
from dashboard.ui.importing import batches, draft, files, mapping, rehearsal, steps
from dashboard.ui.visit import arrive

visit = arrive()
rights = imports.rights_of(visit.actor)
heading(visit, "imports")

now = draft.current()
steps.show(visit, now.step)
with st.container(key="import_step"):
    match steps.STEPS[now.step - 1]:
        case "files":
            files.show(visit, now, rights)
        case "map":
            mapping.show(visit, now)
        case "rehearsal":
            rehearsal.show(visit, now)
batches.show(visit)
