"""What may happen to a record, as tables: from, verb, to, who, and what must be filled in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from dashboard.domain.access import Action


class Transition(BaseModel):
    """One verb of a life cycle.

    `needs` must be filled in after the verb; `may_set` names the verb-only fields it may write beside them;
    `who` is the action that a grant must give; `why` asks for a written reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: str
    sources: tuple[str, ...]
    target: str
    who: Action = Action.UPDATE
    needs: tuple[str, ...] = ()
    may_set: tuple[str, ...] = ()
    why: bool = False


class Lifecycle(BaseModel):
    """The states of one entity: which field holds them, where records start, and the verbs between them.

    The verbs stand in the order in which they are offered: the first that is possible is the usual next one. `way`: the
    states of a record that goes its whole way, in order; empty where the way is that of the stages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str
    field: str
    start: str
    transitions: tuple[Transition, ...]
    way: tuple[str, ...] = ()

    def verb(self, name: str) -> Transition | None:
        """The transition called `name`, or None."""
        return next((t for t in self.transitions if t.verb == name), None)

    def allowed(self, state: str) -> tuple[str, ...]:
        """The verbs that lead out of `state`, in the order of the table."""
        return tuple(t.verb for t in self.transitions if state in t.sources)

    def next_verb(self, state: str) -> str | None:
        """The usual next verb out of `state`; what corrects something, and so must say why, is none."""
        return next((t.verb for t in self.transitions if state in t.sources and not t.why), None)


def step(
    verb: str, sources: str, target: str, who: Action = Action.UPDATE, needs: str = "", **more: object
) -> Transition:
    """One row of a table; names are separated by blanks."""
    extra = dict(more)
    may_set = tuple(str(extra.pop("may_set", "")).split())
    return Transition(
        verb=verb,
        sources=tuple(sources.split()),
        target=target,
        who=who,
        needs=tuple(needs.split()),
        may_set=may_set,
        why=bool(extra.pop("why", False)),
    )


STAGE_FIELDS = "stage_id stage_rank stage_since"
CLOSING_FIELDS = f"{STAGE_FIELDS} closed_owner_id closed_team_id closed_region_id close_note rate base_amount"
CONVERSION_FIELDS = "contact_id deal_id"

LIFECYCLES: dict[str, Lifecycle] = {
    "lead": Lifecycle(
        entity="lead",
        field="status",
        start="new",
        way=("new", "contacted", "nurture", "qualified", "converted"),
        transitions=(
            step("contact", "new nurture", "contacted"),
            step("qualify", "new contacted nurture", "qualified"),
            step(
                "convert",
                "new contacted nurture qualified",
                "converted",
                needs="converted_on customer_id",
                may_set=CONVERSION_FIELDS,
            ),
            step("nurture", "new contacted qualified", "nurture"),
            step(
                "unqualify", "new contacted nurture qualified", "unqualified", needs="reason_id", may_set="reason_note"
            ),
            step("junk", "new contacted nurture", "junk", needs="reason_id", may_set="reason_note"),
            step("reopen", "unqualified junk", "new", why=True),
        ),
    ),
    "deal": Lifecycle(
        entity="deal",
        field="stage_type",
        start="open",
        transitions=(
            step("advance", "open", "open", needs="stage_id", may_set=STAGE_FIELDS),
            step("win", "open", "won", needs="closed_on amount stage_id", may_set=CLOSING_FIELDS),
            step(
                "lose", "open", "lost", needs="closed_on lost_reason_id competitor_id stage_id", may_set=CLOSING_FIELDS
            ),
            step(
                "reopen",
                "won lost",
                "open",
                needs="stage_id",
                may_set=f"{CLOSING_FIELDS} closed_on lost_reason_id",
                why=True,
            ),
        ),
    ),
    "contract": Lifecycle(
        entity="contract",
        field="step",
        start="draft",
        transitions=(
            step("submit", "draft", "in_review", needs="amount"),
            step("draft", "draft", "draft", needs="template_id"),
            step(
                "approve",
                "in_review",
                "approved",
                Action.APPROVE,
                needs="approver_id",
                may_set="decision_note",
            ),
            step("reject", "in_review", "draft", Action.APPROVE, needs="decision_note", may_set="approver_id"),
            step("send", "approved", "sent", Action.SIGN, may_set="body_sha256"),
            step(
                "sign",
                "approved sent",
                "signed",
                Action.SIGN,
                needs="signed_on our_signer_id their_signer",
                may_set="body_sha256 rate base_amount their_signed_on signing their_evidence signed_file_id",
            ),
            step("withdraw", "in_review approved sent", "draft", Action.SIGN),
            step("amend", "signed", "signed", Action.CANCEL, why=True, may_set="amended_by_id"),
            step("terminate", "approved sent signed", "terminated", Action.CANCEL, why=True),
        ),
    ),
    "order": Lifecycle(
        entity="order",
        field="status",
        start="draft",
        transitions=(
            step("confirm", "draft", "confirmed", Action.CONFIRM, may_set="rate base_amount closed_team_id"),
            step("close", "confirmed", "closed", Action.CONFIRM),
            step("cancel", "draft confirmed", "cancelled", Action.CANCEL, needs="cancel_note"),
        ),
    ),
    "task": Lifecycle(
        entity="task",
        field="status",
        start="open",
        transitions=(
            step("complete", "open", "done", needs="done_on"),
            step("cancel", "open", "cancelled", why=True),
            step("reopen", "done cancelled", "open", may_set="done_on"),
        ),
    ),
    "ticket": Lifecycle(
        entity="ticket",
        field="status",
        start="open",
        transitions=(
            step("wait", "open", "waiting"),
            step("resume", "waiting", "open"),
            step("resolve", "open waiting", "resolved", needs="resolution resolved_at"),
            step("close", "resolved", "closed"),
            step("reopen", "resolved closed", "open", may_set="resolved_at resolution"),
        ),
    ),
    "appraisal": Lifecycle(
        entity="appraisal",
        field="status",
        start="draft",
        transitions=(
            step("publish", "draft", "published", Action.APPRAISE, needs="score", may_set="known_at snapshot"),
            step("comment", "published", "published", Action.RESPOND, needs="response"),
            step("appeal", "published", "appealed", Action.RESPOND, needs="appeal"),
            step(
                "decide",
                "appealed",
                "published",
                Action.APPRAISE,
                needs="appeal_decision",
                may_set="score snapshot known_at",
            ),
            step("close", "published", "closed", Action.APPRAISE),
        ),
    ),
    "feedback": Lifecycle(
        entity="feedback",
        field="status",
        start="new",
        transitions=(
            step("plan", "new", "planned", Action.TRIAGE, may_set="triage_note"),
            step("finish", "new planned", "done", Action.TRIAGE, may_set="triage_note"),
            step("decline", "new planned", "declined", Action.TRIAGE, needs="triage_note"),
        ),
    ),
}
