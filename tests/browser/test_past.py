"""What was deleted or changed is not lost: the way back, and the dossier as it stood last quarter."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dossiers import editing, moments
from dossiers.models import InfluenceLine, Stakeholder
from dossiers.pieces import BY_KEY
from tests import factories
from tests.dossiers.past import all_happened, moment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def kept(head, kam, today):
    """A dossier that was written a quarter and more ago."""
    quarter = moments.end_of_last_quarter(today)
    written = quarter - datetime.timedelta(days=20)
    dossier = factories.dossier(
        kam=kam, by=head, name="Huta Północ", today=written - datetime.timedelta(days=5)
    )
    anna = factories.entry(
        "stakeholders", dossier, name="Anna Nowak", stance=0, loyalty=-1, by=kam, today=written
    )
    boss = factories.entry("stakeholders", dossier, name="Marek Wilk", by=kam, today=written)
    factories.entry("influence", dossier, influencer=anna, influenced=boss, by=kam, today=written)
    all_happened(dossier, moment(written))
    return dossier


def address(dossier, section=""):
    return f"/dossiers/{dossier.pk}/{section}/" if section else f"/dossiers/{dossier.pk}/"


def rewrite(dossier, record, by, **data):
    editing.change(
        BY_KEY["stakeholders"],
        dossier=dossier,
        pk=record.pk,
        data={"version": record.version, **data},
        by=by,
        today=timezone.localdate(),
        partial=True,
    )


def delete_anna(window, dossier):
    window.goto(address(dossier, "decision"))
    row = window.locator("#stakeholders tbody.row-entry", has_text="Anna Nowak").first
    row.hover()
    row.get_by_role("link", name="Delete: Anna Nowak").click()
    window.locator("#stakeholders form .btn-danger").click()
    expect(window.locator("#stakeholders")).not_to_contain_text("Anna Nowak")


def test_a_slip_of_the_hand_is_undone_with_one_click(window_of, kam, kept):
    window = window_of(kam)
    delete_anna(window, kept)
    assert not InfluenceLine.objects.exists()
    expect(window.locator("#influence")).not_to_contain_text("Anna Nowak")
    undo = window.locator("#stakeholders").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(window.locator("#stakeholders")).to_contain_text("Anna Nowak")
    expect(window.locator("#notices")).to_contain_text("“Anna Nowak” is back.")
    # The line of influence that went with her is back as well, and the map follows.
    expect(window.locator("#influence")).to_contain_text("Anna Nowak")
    expect(window.locator("#decision-drawing")).to_contain_text("Anna Nowak")
    assert InfluenceLine.objects.count() == 1


def test_what_was_deleted_long_ago_is_found_in_the_history_of_its_list(window_of, kam, kept):
    window = window_of(kam)
    delete_anna(window, kept)
    window.goto(address(kept, "decision"))
    window.get_by_role("link", name="History: Stakeholders").click()
    window.get_by_role("link", name="1 deleted").click()
    window.get_by_role("button", name=re.compile(r"Bring back.*Anna Nowak")).click()
    expect(window.locator("#messages")).to_contain_text("With it came 1 entry")
    expect(window.locator("#stakeholders")).to_contain_text("Anna Nowak")
    assert Stakeholder.objects.filter(name="Anna Nowak", version=2).exists()


def test_an_earlier_value_is_put_back_from_the_history(window_of, kam, kept):
    anna = Stakeholder.objects.get(name="Anna Nowak")
    rewrite(kept, anna, kam, stance=2)
    window = window_of(kam)
    window.goto(f"{address(kept, 'decision')}stakeholders/{anna.pk}/history/")
    window.get_by_role("button", name=re.compile(r"Put back.*Stance: Neutral")).click()
    expect(window.locator("#messages")).to_contain_text("Put back")
    anna.refresh_from_db()
    assert (anna.stance, anna.version) == (0, 3)


def test_the_dossier_as_of_last_quarter_and_what_changed_since(window_of, kam, kept, today):
    anna = Stakeholder.objects.get(name="Anna Nowak")
    rewrite(kept, anna, kam, stance=1, loyalty=1)
    factories.entry("stakeholders", kept, name="Nina Nowa", by=kam)
    window = window_of(kam)
    window.goto(address(kept))
    window.get_by_role("link", name="The dossier on an earlier day").click()
    window.get_by_role("link", name="End of last quarter").click()
    expect(window.locator(".past-banner")).to_contain_text("The dossier as it stood at the end of")
    window.get_by_role("link", name="How they decide").click()
    people = window.locator("#stakeholders")
    expect(people).to_contain_text("Neutral")
    expect(people).not_to_contain_text("Supporter")
    expect(people).not_to_contain_text("Nina Nowa")
    expect(window.locator("#decision-drawing")).not_to_contain_text("Nina Nowa")
    assert people.locator("[data-edit], .btn-add").count() == 0
    window.get_by_role("link", name="What changed since").click()
    told = window.locator(".told")
    expect(told).to_contain_text("The stance of Anna Nowak rose from “Neutral” to “Supporter”.")
    expect(told).to_contain_text("New stakeholder: Nina Nowa.")
    expect(told).to_contain_text("Karol Kam")
