"""Rules that every model keeps, also the one that is written tomorrow."""

import ast
import io
from pathlib import Path

import pghistory.models
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from accounts.models import Client
from dossiers.models import Dossier, DossierRecord, Review

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("accounts", "segmentation", "dossiers", "portfolio", "kam")

# Models whose changes nobody made, or whose rows are the history.
WITHOUT_HISTORY = {
    "accounts.Change": "says itself that something changed; swept after a week",
    "segmentation.SalesDocument": "a fact of the ledger: replaced by an import, which is kept",
    "segmentation.SalesLine": "a fact of the ledger: replaced by an import, which is kept",
    "segmentation.MonthlySales": "computed from the lines, and computed again at will",
    "dossiers.SentForm": "the number of a form that was sent; what it added keeps its own history",
    "segmentation.ReplacedDocument": "is itself the memory of what stood before an import",
    "segmentation.MovedLine": "is itself the memory of what a merge moved",
    "segmentation.ReplacedLine": "is itself the memory of what stood before an import",
    "segmentation.Rhythm": "computed from the lines, and computed again at will",
    "segmentation.SlippingNotice": "a promise of one e-mail: written once, marked when it is sent",
    "segmentation.Segment": "the result of a run: written once, with its run",
    "portfolio.SearchLine": "written by triggers from kept rows, and again at will",
}


def ours():
    for model in apps.get_models():
        if model._meta.app_label not in FLOORS or issubclass(model, pghistory.models.Event):
            continue
        if not model._meta.proxy:
            yield model


OURS = {model._meta.label: model for model in ours()}
KEPT = {label: model for label, model in OURS.items() if label.startswith("dossiers.")}


def test_no_migration_is_missing(db):
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(
            f"Make the missing migrations with `manage.py makemigrations`:\n{said.getvalue()}"
        )


@pytest.mark.parametrize("label", OURS)
def test_every_model_keeps_its_history_or_says_why_not(label):
    kept = any(
        issubclass(event, pghistory.models.Event)
        and getattr(event, "pgh_tracked_model", None) is OURS[label]
        for event in apps.get_models()
    )
    if label in WITHOUT_HISTORY:
        assert not kept, f"{label} keeps its history now: take it out of WITHOUT_HISTORY."
    else:
        assert kept, (
            f"{label} has no history. Track it with @pghistory.track (models of a dossier: @kept), "
            "or say in WITHOUT_HISTORY why it needs none."
        )


WITHOUT_DOOR = {"dossiers.SentForm"}  # a number and a person: no page shows it


@pytest.mark.parametrize("label", KEPT)
def test_every_model_of_dossiers_has_its_door(label):
    model = KEPT[label]
    if issubclass(model, DossierRecord):
        assert hasattr(model.objects.all(), "visible_to"), label
        assert hasattr(model.objects.all(), "editable_by"), label
        return
    if label in WITHOUT_DOOR:
        return
    # What hangs on a revision is reached through it.
    holders = {field.related_model for field in model._meta.fields if field.is_relation}
    assert hasattr(model.objects.all(), "visible_to") or Review in holders, (
        f"{label} can be reached without asking who asks: give its queryset `visible_to`."
    )


@pytest.mark.parametrize(
    "label", [label for label, model in KEPT.items() if issubclass(model, DossierRecord)]
)
def test_the_door_of_every_entry_is_the_door_of_its_dossier(
    label, dossier, others_dossier, kam, colleague
):
    model = KEPT[label]
    if model is Dossier:
        assert set(Dossier.objects.visible_to(kam)) == {dossier}
    else:
        seen = model.objects.visible_to(kam).values_list("dossier", flat=True)
        assert set(seen) <= {dossier.pk}
    assert not model.objects.visible_to(colleague).exists()
    assert not model.objects.editable_by(colleague).exists()


# ── Nobody fetches by a bare id ──────────────────────────────────────────────────────────────

GUARDED = {
    name
    for label, model in OURS.items()
    if hasattr(model._default_manager.all(), "visible_to")
    for name in (model.__name__,)
}
DOORS = {
    "visible_to",
    "editable_by",
    "with_card_for",
    "none",
    "in_force",  # which run is in force is no secret of anybody who may see figures
    "held_by",
    "model",
    # the doors of what can be found, each asked for by itself
    "of_dossiers",  # of those found by visible_to
    "clients_for",
    "figures_for",
    "on_cards_for",
    "people_of_ours_for",
}
ENTRANCES = sorted(
    path
    for floor in FLOORS
    for pattern in ("views/*.py", "api.py", "feeds.py", "search.py", "looking.py", "whereabouts.py")
    for path in (ROOT / floor).glob(pattern)
)


# Reached without `visible_to`, and why that shows nobody what he may not see.
EXPLAINED = {
    ("dossiers/api.py", "Dossier.objects.open"): (
        "the client card, as on its page: of clients found by with_card_for"
    ),
    ("dossiers/views/card.py", "Dossier.objects.open"): (
        "the client card is for everybody who signs in; it takes its fields one by one"
    ),
    ("dossiers/views/dossier.py", "Review.objects.running"): "of dossiers found by visible_to",
    (
        "dossiers/views/dossier.py",
        "TimelineEntry.objects.filter",
    ): "of dossiers found by visible_to",
    ("dossiers/views/dossier.py", "Stakeholder.objects.filter"): "of dossiers found by visible_to",
    ("dossiers/views/dossier.py", "Action.objects.filter"): "of dossiers found by visible_to",
    ("dossiers/views/reviewing.py", "Review.objects.running"): "only excludes",
    ("segmentation/views/clients.py", "Segment.objects.filter"): "only excludes",
    ("segmentation/views/clients.py", "MonthlySales.objects.in_currency"): "the oldest month alone",
    ("segmentation/views/runs.py", "MonthlySales.objects.exists"): "whether there are sales at all",
    ("segmentation/views/runs.py", "MonthlySales.objects.order_by"): "the newest month alone",
}


def bare_fetches(source: str) -> list[tuple[int, str]]:
    """Where `Model.objects` goes on with something that is no door, or a shortcut is given a bare model."""
    tree = ast.parse(source)
    after = {node.value: node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("objects", "_default_manager")
            and isinstance(node.value, ast.Name)
            and node.value.id in GUARDED
            and after.get(node) not in DOORS
        ):
            found.append((node.lineno, ast.unparse(node) + f".{after.get(node)}"))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("get_object_or_404", "get_list_or_404")
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id in GUARDED
        ):
            found.append((node.lineno, ast.unparse(node)))
    return found


def test_the_check_finds_what_it_looks_for():
    assert bare_fetches("get_object_or_404(Dossier, pk=1)")
    assert bare_fetches("Client.objects.get(pk=1)")
    assert not bare_fetches("get_object_or_404(Client.objects.visible_to(user), pk=1)")
    assert Client.__name__ in GUARDED


@pytest.mark.parametrize("path", ENTRANCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_entrance_fetches_by_a_bare_id(path):
    name = path.relative_to(ROOT).as_posix()
    found = [
        f"line {line}: {what}"
        for line, what in bare_fetches(path.read_text(encoding="utf-8"))
        if (name, what) not in EXPLAINED
    ]
    assert not found, (
        f"{name} reaches rows without asking who asks; begin with visible_to(user) or "
        f"editable_by(user), or say in EXPLAINED why not: {found}"
    )


# ── What the database refuses ────────────────────────────────────────────────────────────────

# Constraints that no form of ours can break: choices offer only what is known, jobs count for themselves.
NOT_MET_BY_PEOPLE = ("_known", "_in_percent", "_is_first_day", "_on_first_day", "_has_a_date")
MACHINES_ONLY = {
    "one_search_line_per_record": "written by triggers alone",
    "dossier_closes_after_opening": "a dossier is closed by releasing its client, on that day",
    "submitted_by_somebody": "set by `reviewing`, which knows who submits",
    "decided_by_somebody": "set by `reviewing`, which knows who decides",
    "decided_after_raised": "set by `reviewing`, on the day itself",
    "opportunity_year_1_to_5": "a choice of five",
    "one_review_per_due_date": "revisions are raised by `reviewing`, which asks first",
    "one_running_review_per_dossier": "revisions are raised by `reviewing`, which asks first",
    "each_section_once_per_review": "written by `reviewing` with update_or_create",
    "each_notice_once": "written by `reviewing`, which ignores what is there",
    "one_rollup_row_per_month": "written by the rollup alone",
    "one_segment_per_run_and_client": "written by a run alone",
    "one_rank_per_run": "written by a run alone",
    "active_means_an_order": "written by the rollup alone",
    "one_replacement_per_import_and_document": "written by an import alone",
    "doubt_of_two_clients": "written by an import, which compares with other clients",
    "each_doubt_once": "written by an import, which ignores what is there",
    "one_score_per_client_and_criterion": "judging again changes the score that is there",
    "one_proposal_per_client_and_type": "deciding again changes the decision that is there",
    "one_episode_per_last_order": "written by the job that looks for slipping clients, which ignores what is there",
    "each_slipping_told_once": "written by the job that looks for slipping clients, which ignores what is there",
}


@pytest.mark.parametrize("label", OURS)
def test_constraints_have_names_and_a_sentence_where_people_meet_them(label):
    model = OURS[label]
    for constraint in model._meta.constraints:
        assert constraint.name, label
        written = (
            constraint.violation_error_message
            != models.BaseConstraint.default_violation_error_message
        )
        if not written and not constraint.name.endswith(NOT_MET_BY_PEOPLE):
            assert constraint.name in MACHINES_ONLY, (
                f"{label}.{constraint.name}: give it a violation_error_message that a person can act on, or "
                "name it in MACHINES_ONLY with the reason."
            )
