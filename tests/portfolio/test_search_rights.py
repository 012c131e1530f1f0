"""Nobody finds what he may not see: each role, each kind of hit, his own client and another's."""

import pytest

from accounts import assigning
from dossiers import opening
from dossiers.models import Plan
from portfolio.models import SearchLine
from portfolio.search import search
from tests import factories

WORD = "Zirconium"

# What stands in a dossier, by the group in which it is found.
IN_DOSSIER = {
    "people": ("stakeholders", {"name": f"{WORD} Smith"}),
    "notes": ("timeline", {"title": f"{WORD} note"}),
    "dossiers": ("competitors", {"name": f"{WORD} rival"}),
    "files": (
        "attachments",
        {"name": f"{WORD}.pdf", "file": "attachments/ab/1", "media_type": "application/pdf", "size": 1},
    ),
}  # fmt: skip


def groups(found) -> set[str]:
    return {shelf.group.key for shelf in found.shelves}


def fill(dossier, *, sha="a"):
    for key, (piece, values) in IN_DOSSIER.items():
        more = {"sha256": sha * 64} if key == "files" else {}
        factories.entry(piece, dossier, **values, **more)


@pytest.fixture
def filled(dossier, others_dossier):
    """The same words in a dossier of each KAM's."""
    fill(dossier, sha="a")
    fill(others_dossier, sha="b")
    return dossier


def dossiers_found(found) -> set[int]:
    return {hit.line["dossier_id"] for shelf in found.shelves for hit in shelf.hits}


def test_a_kam_finds_what_stands_in_his_dossiers_only(filled, others_dossier, kam, other_kam):
    for person, own in ((kam, filled), (other_kam, others_dossier)):
        found = search(WORD, by=person)
        assert groups(found) == set(IN_DOSSIER)
        assert dossiers_found(found) == {own.pk}
        assert found.number == len(IN_DOSSIER)


def test_a_deputy_finds_what_the_kam_finds_and_only_as_long_as_he_deputises(
    filled, other_kam, others_dossier, head
):
    assigning.appoint_deputy(filled.client, to=other_kam, by=head, today=factories.TODAY)
    assert dossiers_found(search(WORD, by=other_kam)) == {filled.pk, others_dossier.pk}
    assigning.dismiss_deputy(filled.client, by=head, today=factories.TODAY)
    assert dossiers_found(search(WORD, by=other_kam)) == {others_dossier.pk}


def test_a_head_finds_what_stands_in_every_dossier(filled, others_dossier, head):
    found = search(WORD, by=head)
    assert groups(found) == set(IN_DOSSIER)
    assert dossiers_found(found) == {filled.pk, others_dossier.pk}


@pytest.mark.parametrize("role", ["analyst", "colleague", "admin"])
@pytest.mark.parametrize("only", ["", *IN_DOSSIER])
def test_nobody_else_finds_anything_of_a_dossier(role, only, filled, request):
    found = search(WORD, by=request.getfixturevalue(role), only=only)
    assert not found.shelves
    assert not found.near


@pytest.mark.parametrize("role", ["kam", "other_kam", "analyst", "colleague", "admin", "head"])
def test_everybody_finds_key_clients_by_name(role, dossier, request):
    shelf = search("polnoc", by=request.getfixturevalue(role)).shelves[0]
    assert [hit.name for hit in shelf.hits] == ["Huta Północ"]


@pytest.mark.parametrize(
    ("role", "leads_to"),
    [
        ("kam", "/dossiers/{dossier}/"),
        ("head", "/dossiers/{dossier}/"),
        ("other_kam", "/clients/{client}/"),
        ("colleague", "/clients/{client}/"),
        ("admin", "/clients/{client}/"),
        ("analyst", "/clients/{client}/figures/"),
    ],
)
def test_a_client_leads_to_the_page_that_the_person_may_open(role, leads_to, dossier, request):
    shelf = search("polnoc", by=request.getfixturevalue(role)).shelves[0]
    wanted = leads_to.format(dossier=dossier.pk, client=dossier.client_id)
    assert shelf.hits[0].url == wanted
    browser = request.getfixturevalue(f"as_{role}")
    assert browser.get(wanted).status_code == 200


@pytest.mark.parametrize(
    ("role", "finds"),
    [("head", True), ("analyst", True), ("kam", False), ("colleague", False), ("admin", False)],
)
def test_a_client_that_is_not_key_is_found_by_those_who_see_all_figures(role, finds, request):
    person = request.getfixturevalue(role)
    factories.client(name="Ordinary Works")
    assert bool(search("ordinary", by=person).shelves) is finds
    assert search("ordinery", by=person).near is finds, "nor by a name that is almost alike"


@pytest.mark.parametrize(
    ("role", "finds"),
    [
        ("head", True),
        ("analyst", True),
        ("kam", True),
        ("other_kam", False),
        ("colleague", False),
        ("admin", False),
    ],
)
def test_the_number_and_place_of_a_client_are_found_by_those_who_see_its_figures(
    role, finds, head, kam, request
):
    person = request.getfixturevalue(role)
    factories.dossier(kam=kam, by=head, name="Somebody", external_id="QX-778", city="Zgierz")
    for asked in ("qx-778", "zgierz"):
        assert bool(search(asked, by=person).shelves) is finds, asked


@pytest.mark.parametrize("role", ["other_kam", "analyst", "colleague", "admin"])
def test_what_the_client_card_says_is_found_by_everybody_and_nothing_else_of_its_sheet(
    role, dossier, request
):
    person = request.getfixturevalue(role)
    Plan.objects.filter(dossier=dossier).update(
        do="Bring samples of graphite", strengths="Cheap bismuth", source="Told by Antimony"
    )
    (shelf,) = search("graphite", by=person).shelves
    assert shelf.group.key == "cards"
    assert shelf.hits[0].url == f"/clients/{dossier.client_id}/"
    for hidden in ("bismuth", "antimony", "north bismuth"):
        assert not search(hidden, by=person).shelves, hidden


def test_a_card_is_found_no_more_when_its_client_is_not_key_any_more(dossier, head, colleague):
    Plan.objects.filter(dossier=dossier).update(do="Bring graphite")
    assert search("graphite", by=colleague).shelves
    opening.release_key(dossier, to="lost", by=head, reason="Bought up.", today=factories.TODAY)
    assert not search("graphite", by=colleague).shelves
    assert not search("polnoc", by=colleague).shelves
    found = search("graphite", by=head)
    assert found.shelves[0].hits[0].is_closed


@pytest.mark.parametrize(
    ("role", "kams", "others"),
    [
        ("admin", True, True),
        ("head", True, False),
        ("kam", False, False),
        ("analyst", False, False),
        ("colleague", False, False),
    ],
)
def test_our_own_people_are_found_by_those_whose_business_they_are(
    role, kams, others, other_kam, analyst, request
):
    person = request.getfixturevalue(role)
    browser = request.getfixturevalue(f"as_{role}")
    for name, finds in (("olga", kams), ("ada anal", others)):
        found = search(name, by=person)
        assert bool(found.shelves) is finds, name
        if finds:
            assert browser.get(found.shelves[0].hits[0].url).status_code == 200


def test_somebody_who_left_finds_nothing(dossier, kam):
    kam.is_active = False
    found = search("polnoc", by=kam)
    assert not found.shelves


def test_the_door_shows_each_role_its_lines_and_no_more(
    filled, others_dossier, kam, head, colleague, analyst, admin
):
    lines = SearchLine.objects
    pieces = {key for key, _values in IN_DOSSIER.values()}
    assert lines.visible_to(head).filter(piece__in=pieces).count() == 2 * len(pieces)
    own = lines.visible_to(kam).filter(piece__in=pieces).values_list("dossier", flat=True)
    assert set(own) == {filled.pk}
    for person in (colleague, analyst, admin):
        assert not lines.visible_to(person).filter(piece__in=pieces).exists()


@pytest.mark.parametrize("door", ["page", "part", "palette", "api"])
def test_no_door_tells_more_than_another(door, filled, others_dossier, as_kam, as_other_kam):
    """The other's client's name stands on his card; nothing else of it comes out, nor how much there is."""

    def said(browser) -> str:
        if door == "api":
            return browser.get("/api/search/", {"q": WORD}).content.decode()
        headers = {
            "page": {},
            "part": {"HX-Request": "true"},
            "palette": {"HX-Request": "true", "HX-Target": "palette-found"},
        }
        answer = browser.get("/search/", {"q": WORD}, headers=headers[door])
        assert "HX-Request" in answer.headers["Vary"]
        return answer.content.decode()

    own, others = f"/dossiers/{filled.pk}/", f"/dossiers/{others_dossier.pk}/"
    assert own in said(as_kam)
    assert others not in said(as_kam)
    assert others in said(as_other_kam)
    assert own not in said(as_other_kam)


def test_the_api_answers_as_the_page_does(filled, kam, as_kam, anonymous):
    answer = as_kam.get("/api/search/", {"q": WORD}).json()
    assert [group["group"] for group in answer["groups"]] == list(IN_DOSSIER)
    note = answer["groups"][1]["hits"][0]
    assert note["title"] == f"{WORD} note"
    assert (note["piece"], note["dossier"]) == ("timeline", filled.pk)
    assert as_kam.get("/api/search/", {"q": "a"}).json()["too_short"] is True
    alone = as_kam.get("/api/search/", {"q": WORD, "only": "people"}).json()
    assert [group["group"] for group in alone["groups"]] == ["people"]
    assert anonymous.get("/api/search/", {"q": WORD}).status_code == 401


# ── The palette ──────────────────────────────────────────────────────────────────────────────

PALETTE = {"HX-Request": "true", "HX-Target": "palette-found"}


def test_the_palette_offers_a_kam_his_own_dossiers_and_notes(dossier, others_dossier, as_kam):
    page = as_kam.get("/search/", headers=PALETTE).content.decode()
    assert "Note an interaction with Huta Północ" in page
    assert f'href="/dossiers/{dossier.pk}/note/"' in page
    assert f"/dossiers/{others_dossier.pk}/" not in page
    assert "My dossiers" in page
    assert "Portfolio" not in page


@pytest.mark.parametrize("role", ["kam", "head", "analyst", "colleague", "admin"])
def test_every_command_leads_where_the_role_may_go(role, dossier, request):
    from portfolio.commands import commands

    person = request.getfixturevalue(role)
    browser = request.getfixturevalue(f"as_{role}")
    offered = commands("", search("", by=person), by=person)
    for command in offered:
        assert bool(command.url) is not bool(command.act), command
        if command.url:
            assert browser.get(command.url).status_code == 200, command


def test_a_head_notes_an_interaction_with_the_client_he_named(dossier, as_head):
    page = as_head.get("/search/", {"q": "polnoc"}, headers=PALETTE).content.decode()
    assert "Note an interaction with Huta Północ" in page


def test_commands_are_found_by_the_beginnings_of_their_words(as_kam):
    page = as_kam.get("/search/", {"q": "dar th"}, headers=PALETTE).content.decode()
    assert 'data-act="theme-dark"' in page
    assert 'data-act="theme-light"' not in page


def test_commands_speak_the_language_of_the_person(kam, as_kam):
    kam.language = "ru"
    kam.save()
    page = as_kam.get("/search/", {"q": "сегод"}, headers=PALETTE).content.decode()
    assert "Сегодня" in page
