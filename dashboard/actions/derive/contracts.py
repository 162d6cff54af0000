"""Contracts: drafted from a template, fixed from the submission on, decided by those who are named, signed, amended."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from dashboard.actions.derive import approvals, money, papers, payments
from dashboard.actions.derive.money import MONEY, value_of
from dashboard.domain.changes import Change
from dashboard.domain.files import SIGNED
from dashboard.domain.ids import new_ids
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

Derived = tuple[pl.DataFrame, list[Change]]
DRAFT = "draft"
SAID = (
    "name", "contact_id", "deal_id", "template_id", "legal_entity_id", "amends_id", "amount", "currency", "discount",
    "payment_terms_days", "valid_until", "starts_on", "ends_on", "body",
)  # fmt: skip
"""What a contract says: fixed once it is submitted. Whoever merges customers may still point it at the one that is
left, for the wording itself is kept."""

DERIVED = (
    "approver_id", "decision_note", "body_sha256", "amended_by_id", "amended_on", "their_signed_on", "signing",
    "signed_file_id",
)  # fmt: skip
READS = (*money.CONTRACT.reads, *SAID, *DERIVED, "customer_id", "owner_id", "number", "renewal_notice_days")
COPIED = (
    "customer_id", "contact_id", "deal_id", "owner_id", "template_id", "legal_entity_id", "name", "amount", "currency",
    "discount", "payment_terms_days", "starts_on", "ends_on", "renewal_notice_days", "body",
)  # fmt: skip
"""What an amendment begins with."""

AMENDMENTS = "amendments"
"""Under this name a transaction keeps the ids of the drafts that amending makes."""


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> Derived:
    """The rows with everything that follows from the verb, and the changes that follow with it."""
    rows = change.rows
    if change.verb != "create":
        check_fixed(rows, current)
    rows, following = VERBS.get(change.verb, untouched)(open_, rows, current)
    if change.verb in ("create", "submit") or set(SAID) & set(rows.columns):
        open_.touch(papers.TOUCHED, rows["id"], open_.when(rows))
    priced, _ = payments.CONTRACT_DERIVATION.apply(open_, Change(change.entity, change.verb, rows), current)
    return priced, following


def settle(open_: Transaction) -> list[Change]:
    """How far contracts are fulfilled, and the wordings that are new."""
    return [*payments.settle(open_), *papers.versions(open_)]


def check_fixed(rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Refused (contract.fixed) when what a contract says would change although it is no draft any more."""
    given = [name for name in (*SAID, "customer_id") if name in rows.columns]
    fixed = current["step"] != DRAFT
    if not given or not fixed.any():
        return
    for name in given:
        other = rows[name].ne_missing(current[name].cast(rows[name].dtype)) & fixed
        if other.any():
            at = other.arg_true()[0]
            raise Refused("contract.fixed", id=rows["id"][at], state=current["step"][at], field=name)


def untouched(_open: Transaction, rows: pl.DataFrame, _current: pl.DataFrame) -> Derived:
    """Nothing follows."""
    return rows, []


# -- drafting ---------------------------------------------------------------------------------------------------------


def created(open_: Transaction, rows: pl.DataFrame, _current: pl.DataFrame) -> Derived:
    """A new contract is signed by our first company unless it says otherwise, and drafted from its template unless it
    brings a wording of its own. Only amending makes an amendment; history may tell of one."""
    if "amends_id" in rows.columns and not open_.stating:
        made = rows["amends_id"].is_null() | rows["id"].is_in(open_.pending.get(AMENDMENTS, []))
        if not made.all():
            raise Invalid((Problem((~made).arg_true()[0], "amends_id", "field.not_allowed", {"field": "amends_id"}),))
    houses = open_.rows_of("legal_entity", ("rank", "active")).filter("active").sort("rank", "id", nulls_last=True)
    own = value_of(rows, rows, "legal_entity_id", pl.String())
    if houses.height:
        own = own.fill_null(houses["id"][0])
    rows = rows.with_columns(own.alias("legal_entity_id"), pl.lit(0, MONEY).alias("paid"))
    if "template_id" not in rows.columns:
        return rows, []
    bare = rows.filter(value_of(rows, rows, "body", pl.String()).is_null() & pl.col("template_id").is_not_null())
    if bare.is_empty():
        return rows, []
    bodies = template_bodies(open_, bare["template_id"])
    body = value_of(rows, rows, "body", pl.String())
    drafted = rows["template_id"].replace_strict(bodies, default=None, return_dtype=pl.String)
    rows = rows.with_columns(pl.select(pl.coalesce(body, drafted).alias("body")).to_series())
    return rows, [clauses_of(open_, bare)]


def drafted(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """The wording of the template takes the place of the one that stood there."""
    rows = rows.with_columns(value_of(rows, current, "template_id", pl.String()))
    bodies = template_bodies(open_, rows["template_id"])
    rows = rows.with_columns(
        rows["template_id"].replace_strict(bodies, default=None, return_dtype=pl.String).alias("body")
    )
    old = open_.lookup("contract_clause", "contract_id", rows["id"], ())
    gone = [Change("contract_clause", "archive", old.select("id"))] if old.height else []
    return rows, [*gone, clauses_of(open_, rows)]


def template_bodies(open_: Transaction, templates: pl.Series) -> dict[str, str | None]:
    """The opening words of templates."""
    return dict(open_.lookup("contract_template", "id", templates, ("body",)).select("id", "body").iter_rows())


def clauses_of(open_: Transaction, rows: pl.DataFrame) -> Change:
    """The clauses of each contract's template, as its own."""
    columns = ("title", "body", "rank", "active")
    library = open_.lookup("clause", "template_id", rows["template_id"], columns).filter("active")
    ordered = library.sort("rank", "id", nulls_last=True).rename({"id": "clause_id"})
    moments = open_.when(rows).alias("effective_at")
    made = rows.select(pl.col("id").alias("contract_id"), "template_id", moments).join(
        ordered, on="template_id", how="inner", maintain_order="left_right"
    )
    place = pl.int_range(1, pl.len() + 1).over("contract_id")
    fresh = made.select("contract_id", "clause_id", "title", "body", "effective_at", rank=place.cast(pl.Int64))
    return Change("contract_clause", "create", fresh.with_columns(new_ids(fresh.height)))


# -- from the submission to the approval ------------------------------------------------------------------------------


def submitted(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """Who must decide is named; a wording with gaps is sent back. Raises Refused (contract.gaps, .nobody_decides)."""
    if not open_.stating:
        for found in papers.wordings_of(open_, rows["id"]).values():
            if gaps := [*found["unknown"], *found["empty"]]:
                raise Refused("contract.gaps", names=[f"{{{{{name}}}}}" for name in gaps])
    rows, _ = money.CONTRACT.apply(
        open_, Change("contract", "submit", rows), current
    )  # what the rules are held against
    return rows.with_columns(pl.lit(None, pl.String).alias("decision_note")), approvals.named(open_, rows, current)


def approved(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """One decision is made; the contract is approved with the last of them."""
    deciding = approvals.deciding(open_, rows)
    rows = by_actor(open_, rows)
    after = approvals.following(open_, deciding)
    following = approvals.decided(open_, rows, deciding, "approved", after)
    waiting = rows["id"].is_in(after["record_id"].to_list())
    step = pl.when(waiting).then(pl.lit("in_review")).otherwise(pl.lit("approved"))
    return rows.with_columns(rows.select(step.alias("step"))["step"], shaped(open_, rows, current)), following


def rejected(open_: Transaction, rows: pl.DataFrame, _current: pl.DataFrame) -> Derived:
    """One decision is made against it; the others need not be made."""
    deciding = approvals.deciding(open_, rows)
    rows = by_actor(open_, rows)
    return rows, [*approvals.decided(open_, rows, deciding, "rejected"), *approvals.undone(open_, rows, deciding)]


def by_actor(open_: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the person who decides; the machine states who did."""
    return rows if open_.stating else rows.with_columns(pl.lit(open_.actor.person_id).alias("approver_id"))


def withdrawn(open_: Transaction, rows: pl.DataFrame, _current: pl.DataFrame) -> Derived:
    """Nobody need decide any more."""
    return rows.with_columns(pl.lit(None, pl.String).alias("body_sha256")), approvals.undone(open_, rows)


def shaped(open_: Transaction, rows: pl.DataFrame, _current: pl.DataFrame) -> pl.Series:
    """The hash of the wording that is meant."""
    last = papers.last_versions(open_, rows["id"])
    return pl.Series("body_sha256", [last.get(one, {}).get("sha256") for one in rows["id"]], dtype=pl.String)


def sent(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """The wording that is sent."""
    return rows.with_columns(shaped(open_, rows, current)), []


# -- signature and after ----------------------------------------------------------------------------------------------


def signed(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """Both sides are on record with the hash of what they signed; an amendment takes effect.

    Raises Refused (contract.no_evidence, .sign_yourself, .lapsed, .nothing_to_amend), Invalid for a file that is no
    signed paper.
    """
    rows = rows.with_columns(shaped(open_, rows, current))
    day = value_of(rows, current, "signed_on", pl.Date())
    rows = rows.with_columns(value_of(rows, rows, "their_signed_on", pl.Date()).fill_null(day).alias("their_signed_on"))
    file = value_of(rows, rows, "signed_file_id", pl.String())
    way = value_of(rows, rows, "signing", pl.String())
    on_paper = pl.select(pl.when(file.is_not_null()).then(pl.lit("paper")).otherwise(pl.lit("accepted"))).to_series()
    rows = rows.with_columns(pl.select(pl.coalesce(way, on_paper).alias("signing")).to_series())
    if not open_.stating:
        check_signature(open_, rows, current, file)
        check_amended(open_, current)
    amended = rows.select(amended_by_id="id").with_columns(id=current["amends_id"], amended_on=day).drop_nulls()
    return rows, [Change("contract", "update", amended)] if amended.height else []


def check_signature(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame, file: pl.Series) -> None:
    """Whether somebody may record these signatures."""
    signatures = rows.with_columns(file.alias("file"), current["valid_until"].alias("until")).to_dicts()
    for row in signatures:
        if row["until"] is not None and row["signed_on"] is not None and row["signed_on"] > row["until"]:
            raise Refused("contract.lapsed", day=row["until"])
        if row["file"] is None and (row["signing"] == "paper" or not row.get("their_evidence")):
            raise Refused("contract.no_evidence")
        if row["signing"] == "accepted" and row["our_signer_id"] != open_.actor.person_id:
            raise Refused("contract.sign_yourself")
    papers_ = open_.lookup("attachment", "id", file, ("record_id", "media_type", "sha256")).to_dicts()
    fitting = {one["id"]: one["record_id"] for one in papers_ if one["sha256"] and one["media_type"] in SIGNED}
    for at, row in enumerate(signatures):
        if row["file"] is not None and fitting.get(row["file"]) != row["id"]:
            raise Invalid((Problem(at, "signed_file_id", "contract.no_paper", {"field": "signed_file_id"}),))


def check_amended(open_: Transaction, current: pl.DataFrame) -> None:
    """Raises Refused (contract.nothing_to_amend) when what an amendment changes ended or was replaced meanwhile."""
    old = open_.lookup("contract", "id", current["amends_id"], ("number", "step", "amended_on"))
    gone = old.filter((pl.col("step") != "signed") | pl.col("amended_on").is_not_null())
    if gone.height:
        raise Refused("contract.nothing_to_amend", number=gone["number"][0])


def amended(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> Derived:
    """A new draft that begins with what the signed contract says. Raises Refused while there is another amendment."""
    standing = open_.lookup("contract", "amends_id", rows["id"], ("number", "step")).filter(
        pl.col("step") != "terminated"
    )
    if standing.height:
        raise Refused("contract.being_amended", number=standing["number"][0])
    rows = rows.drop("amended_by_id", strict=False)  # nobody says so: it is set when the amendment is signed
    fresh = new_ids(rows.height)
    open_.pending.setdefault(AMENDMENTS, []).extend(fresh)
    made = current.select(COPIED).with_columns(fresh, amends_id=current["id"])
    following = [Change("contract", "create", made)]
    old = open_.lookup("contract_clause", "contract_id", rows["id"], ("clause_id", "title", "body", "rank"))
    if old.height:
        new_of = dict(zip(rows["id"], fresh, strict=True))
        copies = old.with_columns(pl.col("contract_id").replace_strict(new_of), new_ids(old.height))
        following.append(Change("contract_clause", "create", copies))
    return rows, following


VERBS: dict[str, Callable[[Transaction, pl.DataFrame, pl.DataFrame], Derived]] = {
    "create": created,
    "draft": drafted,
    "submit": submitted,
    "approve": approved,
    "reject": rejected,
    "withdraw": withdrawn,
    "send": sent,
    "sign": signed,
    "amend": amended,
}
"""What follows from each verb; from the others nothing does."""


def derive_clause(open_: Transaction, change: Change, current: pl.DataFrame) -> Derived:
    """The clauses as they are; their contracts say something else now. Raises Refused (contract.fixed)."""
    moments = open_.when(change.rows).alias("moment")
    named = [frame for frame in (change.rows, current) if "contract_id" in frame.columns]
    empty = pl.DataFrame(schema={"contract_id": pl.String, "moment": pl.Datetime("us")})
    wholes = pl.concat([empty, *(frame.select("contract_id", moments) for frame in named)]).drop_nulls()
    fixed = open_.lookup("contract", "id", wholes["contract_id"], ("step",)).filter(pl.col("step") != DRAFT)
    if fixed.height:
        raise Refused("contract.fixed", id=fixed["id"][0], state=fixed["step"][0], field="body")
    open_.touch(papers.TOUCHED, wholes["contract_id"], wholes["moment"])
    return change.rows, []


DERIVATION = Derivation(reads=tuple(dict.fromkeys(READS)), apply=derive, settle=settle)
CLAUSE = Derivation(reads=("contract_id",), apply=derive_clause)
