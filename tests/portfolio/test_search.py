"""What is found, in what order, and however it is written."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from pytest_django.asserts import assertContains

from accounts.models import Client
from dossiers.models import Stakeholder, TimelineEntry
from dossiers.pieces import PIECES
from portfolio import folding, keeping_search
from portfolio.models import SearchLine
from portfolio.search import search
from tests import factories


@pytest.fixture(autouse=True)
def _in_english():
    """Some hits are called by the piece in which they stand."""
    with translation.override("en"):
        yield


def names(found, group):
    """What the hits of a group are called."""
    return [hit.name for shelf in found.shelves if shelf.group.key == group for hit in shelf.hits]


def texts(found, group):
    return [
        "".join(said for said, _is_hit in hit.text)
        for shelf in found.shelves
        if shelf.group.key == group
        for hit in shelf.hits
    ]


# ── However it is written ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Łódź Stal", "lodz"),
        ("Łódź Stal", "ŁÓDŹ"),
        ("Łódź Stal", "stal lod"),
        ("Ёлочный завод", "елочн"),
        ("Елочный завод", "Ёлочный"),
        ("Завод Восток", "ВОСТОК"),
        ("Straße GmbH", "strasse"),
        ("Crème & Co.", "creme co"),
        ("O'Hara-Smith", "o'hara"),
        ("AX-1200/5", "ax-1200"),
        ("Қазақмыс", "қазақмыс"),
    ],
)
def test_case_and_accents_do_not_matter(head, written, asked):
    factories.client(name=written)
    assert names(search(asked, by=head), "clients") == [written]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Umowa na dostawy łożysk", "umowy dostawa"),
        ("Spotkanie w sprawie reklamacji", "reklamacja"),
        ("Обсудили поставки подшипников", "поставка подшипник"),
        ("Договорились о ценах", "цены"),
        ("Two deliveries came late", "delivery"),
        ("A complaint about prices", "complaints"),
    ],
)
def test_other_forms_of_a_word_are_found(dossier, kam, written, asked):
    factories.entry("timeline", dossier, title=written)
    assert names(search(asked, by=kam), "notes") == [written]


def test_what_was_typed_comes_before_its_other_forms(dossier, kam):
    factories.entry("timeline", dossier, title="Umowa podpisana")
    factories.entry("timeline", dossier, title="Umowy zwrócone")
    assert names(search("umowy", by=kam), "notes") == ["Umowy zwrócone", "Umowa podpisana"]


def test_a_name_with_one_wrong_letter_is_offered_when_nothing_is_called_so(head):
    factories.client(name="Nordvik Marine")
    for asked in ("nordwik", "nordvk", "nnordvik", "nodrvik"):
        found = search(asked, by=head)
        assert found.near, asked
        assert names(found, "clients") == ["Nordvik Marine"], asked
    assert not search("nordvik", by=head).near
    assert not search("nxxdvik", by=head).shelves


@pytest.mark.django_db
def test_database_and_product_fold_alike():
    """Every letter of Latin-1, Latin Extended-A, Greek and Cyrillic as Poles, Russians and Kazakhs write it."""
    letters = [
        chr(code) for code in [*range(0x20, 0x180), *range(0x386, 0x3CF), *range(0x400, 0x460)]
    ]
    samples = [
        *(f"a{letter}b {letter}" for letter in [*letters, *"ҐґҒғҚқҢңӘәӨөҰұҮүҺһ"]),
        "½ AX-12/5_b", "ﬁne Ⅷ №5 § 3", "😀 great😀 ☂", "e\u0301te\u0301", "x" * 100, "…—“q”", "日本 テスト",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, search_words(text) FROM unnest(%s::text[]) AS text", [samples])
        for text, kept in cursor.fetchall():
            assert sorted(kept) == sorted(folding.words(text)), text


# ── In what order, and what is shown ─────────────────────────────────────────────────────────


def test_clients_come_first_then_people_notes_and_texts(dossier, kam, head):
    factories.client(name="Bearing House")
    factories.entry("stakeholders", dossier, name="Bea Ring", position="Bearing buyer")
    factories.entry("timeline", dossier, title="Bearings delivered")
    factories.entry("competitors", dossier, name="Bearings of Bonn")
    found = search("bearing", by=head)
    assert [shelf.group.key for shelf in found.shelves] == [
        "clients",
        "people",
        "notes",
        "dossiers",
    ]


def test_a_name_that_begins_so_comes_before_one_that_has_it_inside(head):
    for name in ("Old Stal", "Stalowa Wola", "Stal Zbyt"):
        factories.client(name=name)
    assert names(search("stal", by=head), "clients") == ["Stal Zbyt", "Stalowa Wola", "Old Stal"]


def test_titles_come_before_texts_and_the_latest_before_the_older(dossier, kam):
    day = factories.TODAY
    factories.entry("timeline", dossier, title="Talk", text="about the crane", happened_on=day)
    for years in (3, 1, 2):
        before = day.replace(year=day.year - years)
        factories.entry("timeline", dossier, title=f"Crane {years}", happened_on=before)
    assert names(search("crane", by=kam), "notes") == ["Crane 1", "Crane 2", "Crane 3", "Talk"]


def test_cells_of_the_white_space_of_one_line_are_told_apart(dossier, kam, as_kam):
    for name in ("Foundry", "Paint shop"):
        unit = factories.entry("structure", dossier, name=name)
        factories.entry("white-space", dossier, product_line="Bearings", unit=unit)
    found = as_kam.get("/search/", {"q": "bearings"})
    for where in ("White space · Foundry", "White space · Paint shop"):
        assertContains(found, f"<span>{where}</span>", count=1, html=True)


def test_the_name_of_the_client_narrows_down_what_is_found(head, kam, other_kam):
    north = factories.dossier(kam=kam, by=head, name="Nordvik")
    south = factories.dossier(kam=other_kam, by=head, name="Południe")
    for one in (north, south):
        factories.entry("timeline", one, title=f"Complaint of {one.pk}")
    assert names(search("nordvik complaint", by=head), "notes") == [f"Complaint of {north.pk}"]
    # The name alone finds the client, not everything that was ever written about it.
    assert names(search("nordvik", by=head), "notes") == []


def test_a_renamed_client_goes_on_narrowing_down(dossier, head):
    factories.entry("timeline", dossier, title="Complaint")
    Client.objects.filter(pk=dossier.client_id).update(name="Nowa Nazwa", name_sort="nowa nazwa")
    assert names(search("nazwa complaint", by=head), "notes") == ["Complaint"]
    assert names(search("huta complaint", by=head), "notes") == []


def test_the_hit_is_marked_where_it_stands(dossier, kam, as_kam):
    long = "Nothing to see here. " * 30 + "Then Łódź was named <b>twice</b>. " + "And so on. " * 30
    factories.entry("timeline", dossier, title="Visit", text=long)
    page = as_kam.get("/search/", {"q": "lodz"}).content.decode()
    assert "<mark>Łódź</mark> was named &lt;b&gt;twice&lt;/b&gt;" in page
    assert page.count("Nothing to see here") < 10, "an excerpt is shown, not all of it"


def test_a_hit_leads_to_its_place_also_far_down_the_timeline(dossier, kam, as_kam):
    wanted = factories.entry(
        "timeline", dossier, title="Needle", happened_on=factories.TODAY.replace(year=2020)
    )
    for at in range(45):
        factories.entry("timeline", dossier, title=f"Hay {at}")
    (hit,) = search("needle", by=kam).shelves[0].hits
    section = f"/dossiers/{dossier.pk}/relationship/"
    path, _hash, anchor = hit.url.partition("#")
    assert (path.partition("?")[0], anchor) == (section, f"timeline-{wanted.pk}")
    assert f'id="{anchor}"' not in as_kam.get(section).content.decode(), "it stands far down"
    assert f'id="{anchor}"' in as_kam.get(path).content.decode()


def test_the_page_that_a_hit_leads_to_has_its_place(dossier, kam, as_kam):
    """Each list with words in it: what is found is there, at the anchor, or at that of its piece."""
    entries = {}
    for key in ("structure", "market", "timeline", "tenders", "contracts", "process", "stakeholders",
                "competitors", "objectives", "actions"):  # fmt: skip
        told = {"subject": "Zanzibar", "decided_on": factories.TODAY} if key == "tenders" else {}
        entries[key] = factories.entry(key, dossier, source="Zanzibar news", **told)
    found = search("zanzibar", by=kam, only="dossiers")
    hits = [hit for shelf in found.shelves for hit in shelf.hits]
    hits += [hit for shelf in search("zanzibar", by=kam).shelves for hit in shelf.hits]
    assert {hit.line["piece"] for hit in hits} >= set(entries)
    for hit in hits:
        path, _hash, anchor = hit.url.partition("#")
        page = as_kam.get(path).content.decode()
        assert f'id="{anchor}"' in page, hit.url


def test_more_of_a_group_is_a_click_away(dossier, kam, as_kam):
    for at in range(8):
        factories.entry("timeline", dossier, title=f"Meeting {at}")
    page = as_kam.get("/search/", {"q": "meeting"}).content.decode()
    assert "/search/?q=meeting&amp;only=notes" in page
    alone = as_kam.get("/search/", {"q": "meeting", "only": "notes"}).content.decode()
    assert page.count("<mark>Meeting</mark>") == 5
    assert alone.count("<mark>Meeting</mark>") == 8


def test_too_little_and_nothing_found_say_what_to_do(as_kam, as_colleague, dossier):
    assert "in your own dossiers people" in as_kam.get("/search/").content.decode()
    assert "Type two letters" in as_colleague.get("/search/", {"q": "a"}).content.decode()
    assert "Take a word away" in as_kam.get("/search/", {"q": "zzzz"}).content.decode()


# ── Whatever way it came in ──────────────────────────────────────────────────────────────────


def test_every_text_of_every_piece_is_found(dossier, kam):
    """A new piece or field is searched without a word in this test."""
    for spec in keeping_search.specs():
        assert spec.titles or spec.texts, spec.piece
    searched = {spec.piece for spec in keeping_search.specs()}
    assert {piece.key for piece in PIECES} <= searched
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgfoid = to_regproc('search_keep')")
        made = {name for (name,) in cursor.fetchall()}
    assert made == {spec.trigger for spec in keeping_search.specs()}
    assert keeping_search.keep_in_step() == [], "nothing has changed since the last migrate"


def test_what_is_changed_or_deleted_by_hand_is_found_as_it_is(dossier, kam):
    entry = factories.entry("timeline", dossier, title="Original")
    TimelineEntry.objects.filter(pk=entry.pk).update(title="Changed by hand")
    assert names(search("original", by=kam), "notes") == []
    assert names(search("by hand", by=kam), "notes") == ["Changed by hand"]
    TimelineEntry.objects.filter(pk=entry.pk).delete()
    assert not SearchLine.objects.filter(piece="timeline", record_id=entry.pk).exists()


def test_many_rows_at_once_are_found_too(dossier, kam):
    told = dict.fromkeys(("created_by", "updated_by", "confirmed_by"), kam)
    Stakeholder.objects.bulk_create(
        Stakeholder(dossier=dossier, name=f"Bulk {at}", confirmed_on=factories.TODAY, **told)
        for at in range(3)
    )
    assert len(names(search("bulk", by=kam), "people")) == 3


def test_a_sheet_that_is_emptied_is_found_no_more(dossier, kam):
    dossier.general.__class__.objects.filter(dossier=dossier).update(description="Quartz sand")
    assert names(search("quartz", by=kam), "dossiers") == ["What they do and what they want"]
    dossier.general.__class__.objects.filter(dossier=dossier).update(description="")
    assert names(search("quartz", by=kam), "dossiers") == []


def test_tags_and_texts_of_any_length_are_kept(dossier, kam):
    words = " ".join(f"word{at}" for at in range(60_000))
    dossier.general.__class__.objects.filter(dossier=dossier).update(
        industries=["Steel", "Shipbuilding"], history=words, strategy="ж" * 3_000_000
    )
    assert names(search("shipbuild", by=kam), "dossiers") == ["Company"]
    assert names(search("word77", by=kam), "dossiers") == ["What they do and what they want"]


def test_rebuilding_finds_the_same(dossier, kam, capsys):
    factories.entry("timeline", dossier, title="Kept")
    before = sorted(SearchLine.objects.values_list("piece", "record_id", "title", "words"))
    SearchLine.objects.filter(piece="timeline").delete()
    call_command("rebuild_search")
    assert sorted(SearchLine.objects.values_list("piece", "record_id", "title", "words")) == before
    assert f"{len(before)} lines" in capsys.readouterr().out


def test_a_trigger_that_was_lost_comes_back_with_the_next_migrate(dossier, kam):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER search_timeline ON dossiers_timelineentry")
    factories.entry("timeline", dossier, title="Unseen")
    assert names(search("unseen", by=kam), "notes") == []
    assert keeping_search.keep_in_step() == ["timeline"]
    assert names(search("unseen", by=kam), "notes") == ["Unseen"]


# ── Whatever is typed ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        "'", "''; DROP TABLE accounts_client; --", "a & b | !c", "foo:*", "(((", "<->", "\\", "%", "%s", "{}",
        "\0", "ab\0cd", "   ", "\n\t", "😀", "😀😀 a", "x" * 10_000, "ж" * 10_000, "a " * 5_000, "'ab':*A", "\ud7ff",
        "\u202e\u200b", "@huta", "null", "-1", "ﬃ", "İ", "ẞ", "e\u0301",
    ],
)  # fmt: skip
def test_nothing_that_is_typed_breaks_the_search(
    typed, dossier, as_kam, as_head, as_admin, as_colleague
):
    for browser in (as_kam, as_head, as_admin, as_colleague):
        assert browser.get("/search/", {"q": typed}).status_code == 200
        palette = {"HX-Request": "true", "HX-Target": "palette-found"}
        assert browser.get("/search/", {"q": typed}, headers=palette).status_code == 200
        assert browser.get("/api/search/", {"q": typed}).status_code == 200


def test_a_client_name_cannot_be_found_by_the_mark_that_it_is_kept_with(dossier, kam):
    factories.entry("timeline", dossier, title="Note")
    assert names(search("@huta", by=kam), "notes") == []


# ── However much there is ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "address", "headers", "most"),
    [
        ("kam", "/search/", {}, 6),
        ("head", "/search/", {}, 5),
        ("kam", "/search/", {"HX-Request": "true", "HX-Target": "palette-found"}, 7),
        ("colleague", "/search/", {}, 3),
        ("kam", "/api/search/", {}, 6),
    ],
)
def test_the_number_of_queries_does_not_grow_with_what_is_found(
    role, address, headers, most, dossier, request, django_assert_max_num_queries
):
    browser = request.getfixturevalue(f"as_{role}")
    counted = []
    for more in (2, 30):
        for at in range(more):
            for piece, told in (
                ("timeline", {"title": f"Copper {at}"}),
                ("stakeholders", {"name": f"Copper {more} {at}"}),
                ("actions", {"title": f"Copper {at}"}),
            ):
                factories.entry(piece, dossier, **told)
            factories.client(name=f"Copper {at}")
        browser.get(address, {"q": "copper"}, headers=headers)
        with django_assert_max_num_queries(most) as seen:
            assert browser.get(address, {"q": "copper"}, headers=headers).status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_a_save_makes_no_query_more_for_being_found(dossier, kam, django_assert_num_queries):
    entry = factories.entry("timeline", dossier, title="Before")
    entry.title = "After"
    with django_assert_num_queries(1):
        entry.save()
    assert names(search("after", by=kam), "notes") == ["After"]
