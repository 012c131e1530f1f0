"""The dossier as PDF: who may take it, what stands in it, and that nothing is fetched from outside."""

import datetime
import io
import os
import re
import time

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pypdf import PdfReader

from accounts import assigning
from dossiers import pdf, tasks
from dossiers.models import Dossier
from kam import pango
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(pango.missing()), reason="PDFs need Pango, which is not here"),
]


def address(dossier):
    return reverse("dossiers:pdf", args=[dossier.pk])


def taken(response) -> PdfReader:
    assert response.status_code == 200, response
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(b"".join(response.streaming_content)))


def text_of(reader: PdfReader) -> str:
    """The whole text with its lines joined, so that a line break does not hide a sentence."""
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


@pytest.fixture
def full_dossier(dossier, kam):
    """One entry of nearly everything, in three alphabets."""
    boss = factories.entry(
        "stakeholders",
        dossier,
        name="Wojciech Żółć",
        position="Prezes zarządu",
        influence=9,
        roles=["approver"],
    )
    factories.entry(
        "stakeholders",
        dossier,
        name="Щукина Любовь",
        position="Начальник отдела закупок",
        reports_to=boss,
        roles=["decider", "buyer"],
        influence=8,
        stance=-1,
        personal_notes="Не звонить до десяти.",
        covered_by=kam,
    )
    factories.entry(
        "timeline", dossier, title="Sesja zwrotna z brygadą", text="Gęślą jaźń, łódź i ćma."
    )
    factories.entry(
        "opportunity", dossier, amount=2350000, basis="Umowa ramowa", certainty="assumption"
    )
    rival = factories.entry("competitors", dossier, name="Nordpas Technik")
    wish = factories.entry("criteria", dossier, name="Bezpieczeństwo ruchu", weight=30)
    factories.entry("scores", dossier, criterion=wish, score=5)
    factories.entry(
        "scores", dossier, criterion=wish, competitor=rival, score=3, evidence="Skład w Kielcach"
    )
    plan = dossier.plan
    plan.value_proposition = "Walcownia nie staje przez część, której nie ma."
    plan.save()
    return dossier


# ── Who may take it ──────────────────────────────────────────────────────────────────────────


def test_the_kam_takes_his_dossier_as_pdf(as_kam, dossier):
    reader = taken(as_kam.get(address(dossier)))
    assert len(reader.pages) >= 3


def test_the_deputy_and_the_head_take_it_too(
    as_head, as_other_kam, other_kam, head, dossier, printed
):
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=factories.TODAY)
    assert as_head.get(address(dossier)).status_code == 200
    assert as_other_kam.get(address(dossier)).status_code == 200


@pytest.mark.parametrize("visitor", ["as_other_kam", "as_colleague", "as_analyst", "as_admin"])
def test_nobody_else_takes_it_by_its_address(request, visitor, dossier):
    response = request.getfixturevalue(visitor).get(address(dossier))
    assert response.status_code == 404


def test_without_signing_in_nobody_takes_it(dossier):
    response = Browser().get(address(dossier))
    assert response.status_code == 302


def test_a_kam_who_handed_over_does_not_get_the_stored_pdf(
    as_kam, head, other_kam, dossier, printed
):
    as_kam.get(address(dossier))
    assigning.assign(dossier.client, to=other_kam, by=head, today=factories.TODAY)
    assert as_kam.get(address(dossier)).status_code == 404


# ── What stands in it ────────────────────────────────────────────────────────────────────────


def test_every_section_and_drawing_stands_in_it_with_letters_of_three_alphabets(
    as_kam, full_dossier
):
    text = text_of(taken(as_kam.get(address(full_dossier))))

    for expected in (
        "General information", "The client as we see it", "How they decide", "Competitors", "Plan", "Figures",
        "Wojciech Żółć", "Щукина Любовь", "Начальник отдела закупок", "Gęślą jaźń, łódź i ćma.", "2,350,000",
        "Nordpas Technik", "Skład w Kielcach", "Walcownia nie staje przez część, której nie ma.", "assumption",
    ):  # fmt: skip
        assert expected in text
    # The decision map, the matrix and the gaps are drawn with real text.
    for expected in (
        "Decision map",
        "Loyalty journey matrix",
        "Щ. Любовь",
        "is against us and has much influence",
    ):
        assert expected in text
    assert text.count("Wojciech Żółć") >= 2
    # It is the internal dossier: the notes that the client must not see are in it.
    assert "Не звонить до десяти." in text


def test_who_printed_it_and_when_stands_on_the_cover_and_on_every_page(
    as_kam, kam, full_dossier, monkeypatch
):
    monkeypatch.setattr(
        "django.utils.timezone.localdate", lambda *_args: datetime.date(2026, 11, 21)
    )

    reader = taken(as_kam.get(address(full_dossier)))

    assert "Printed on 21 Nov 2026 by Karol Kam" in text_of(reader)
    number = len(reader.pages)
    for place, page in enumerate(reader.pages[1:], 2):
        text = " ".join(page.extract_text().split())
        assert "Huta Północ" in text
        assert "21 Nov 2026 · printed by Karol Kam" in text
        assert f"{place} of {number}" in text


def test_contents_title_and_structure_lead_the_reader(as_kam, full_dossier):
    reader = taken(as_kam.get(address(full_dossier)))

    told = int(re.search(r"Competitors[ .\n]*?(\d+)", reader.pages[1].extract_text())[1])
    assert "Competitors" in reader.pages[told - 1].extract_text()
    assert len(reader.outline) >= 6
    # What assistive technology needs.
    assert reader.metadata.title == "Huta Północ: dossier"
    assert reader.metadata.author == "Karol Kam"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_it_speaks_the_language_of_whoever_takes_it(kam, full_dossier, printed):
    kam.language = "pl"
    kam.save()
    browser = Browser()
    browser.force_login(kam)

    browser.get(address(full_dossier))

    assert '<html lang="pl">' in printed[0]


def test_a_dossier_that_says_nothing_yet_names_what_is_missing(as_kam, dossier):
    text = text_of(taken(as_kam.get(address(dossier))))
    assert "Not yet known:" in text
    assert "Stakeholders" in text


def test_what_people_wrote_is_text_and_never_markup(as_kam, dossier):
    factories.entry(
        "timeline", dossier, title="<h1>Shouting</h1> & <img src='https://example.com/x.png'>"
    )
    text = text_of(taken(as_kam.get(address(dossier))))
    assert "<h1>Shouting</h1> & <img src='https://example.com/x.png'>" in text


def test_the_file_bears_the_clients_name_in_every_alphabet(as_other_kam, others_dossier, printed):
    disposition = as_other_kam.get(address(others_dossier))["Content-Disposition"]

    assert 'filename="zavod-vostok-dossier-' in disposition
    assert (
        "filename*=UTF-8''%D0%97%D0%B0%D0%B2%D0%BE%D0%B4%20%D0%92%D0%BE%D1%81%D1%82%D0%BE%D0%BA"
        in disposition
    )


# ── Asked for, made, stored ──────────────────────────────────────────────────────────────────


@pytest.fixture
def printed(monkeypatch):
    """Counts how often a PDF was really made, and makes a small one."""
    pages = []

    def press(html):
        pages.append(html)
        return b"%PDF-1.7 small"

    monkeypatch.setattr(pdf, "print_pages", press)
    return pages


def test_unchanged_it_comes_from_store_and_changed_it_is_made_anew(as_kam, dossier, printed):
    as_kam.get(address(dossier))
    as_kam.get(address(dossier))
    assert len(printed) == 1

    factories.entry("actions", dossier)
    as_kam.get(address(dossier))
    assert len(printed) == 2


def test_another_person_gets_a_pdf_that_names_him(as_kam, as_head, dossier, printed):
    as_kam.get(address(dossier))
    as_head.get(address(dossier))

    assert len(printed) == 2
    assert "Helena Head" in printed[1]


def test_while_a_worker_makes_it_the_page_waits_and_rings_once(
    as_kam, dossier, monkeypatch, printed
):
    rung = []
    monkeypatch.setattr(tasks.print_pdf, "delay", rung.append)

    first = as_kam.get(address(dossier))
    again = as_kam.get(address(dossier))

    assert first.status_code == again.status_code == 202
    assert first["Refresh"] == "2"
    assert "The download begins by itself" in first.content.decode()
    assert len(rung) == 1

    tasks.print_pdf(rung[0])
    assert as_kam.get(address(dossier))["Content-Type"] == "application/pdf"


def test_a_worker_that_is_rung_for_twice_finds_the_work_done(as_kam, dossier, monkeypatch, printed):
    rung = []
    monkeypatch.setattr(tasks.print_pdf, "delay", rung.append)
    as_kam.get(address(dossier))

    assert tasks.print_pdf(rung[0]) is True
    assert tasks.print_pdf(rung[0]) is False
    assert len(printed) == 1


def test_a_worker_killed_with_its_queue_is_rung_for_again(as_kam, dossier, monkeypatch, printed):
    rung = []
    monkeypatch.setattr(tasks.print_pdf, "delay", rung.append)
    as_kam.get(address(dossier))
    long_ago = time.time() - pdf.RING_AGAIN_AFTER - 1
    os.utime(pdf._file(rung[0], "html"), (long_ago, long_ago))

    as_kam.get(address(dossier))

    assert len(rung) == 2


def test_a_failure_is_said_once_and_then_tried_again(as_kam, dossier, monkeypatch):
    def jam(_html):
        raise RuntimeError("paper jam")

    monkeypatch.setattr(pdf, "print_pages", jam)
    response = as_kam.get(address(dossier))
    assert response.status_code == 503
    assert "could not be made" in response.content.decode()

    monkeypatch.setattr(pdf, "print_pages", lambda _html: b"%PDF-1.7 small")
    assert as_kam.get(address(dossier)).status_code == 200


def test_where_pango_is_missing_the_page_says_what_to_install(as_kam, dossier, monkeypatch):
    import sys

    class NoPango:
        """As WeasyPrint's import ends where the library is missing."""

        def find_spec(self, name, path=None, target=None):
            if name == "dossiers.press":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "dossiers.press", raising=False)
    monkeypatch.delattr("dossiers.press", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])

    response = as_kam.get(address(dossier))

    assert response.status_code == 503
    assert "libpango-1.0-0" in response.content.decode()


def test_old_pdfs_and_what_was_never_made_are_swept_away(as_kam, dossier, monkeypatch, printed):
    as_kam.get(address(dossier))
    [stored] = [path for path in pdf._folder().iterdir() if path.name.startswith(f"{dossier.pk}-")]

    assert stored.stat().st_mode & 0o077 == 0  # nobody else on the machine reads it
    pdf.sweep()
    assert stored.exists()
    pdf.sweep(now=time.time() + pdf.KEPT_FOR.total_seconds() + 60)
    assert not stored.exists()


def test_a_key_cannot_lead_out_of_the_folder():
    with pytest.raises(ValueError, match="No key of a PDF"):
        pdf.make("../../etc/passwd")


def test_the_number_of_queries_does_not_grow_with_the_dossier(
    full_dossier, kam, django_assert_max_num_queries
):
    from dossiers import heading, printing

    for number in range(30):
        factories.entry("stakeholders", full_dossier, name=f"Person {number}")
        factories.entry("timeline", full_dossier, title=f"Meeting {number}")
    with django_assert_max_num_queries(45):
        dossier = heading.for_heading(Dossier.objects.visible_to(kam)).get(pk=full_dossier.pk)
        assert "Person 29" in pdf.pages(dossier, by=kam, today=factories.TODAY)
        assert printing.EVERYTHING > 30


# ── The press fetches nothing from outside ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/logo.png",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://example.com/file",
        "data:text/plain,secret",
        "https://static.invalid/../kam/settings.py",
        "https://static.invalid/%2e%2e/kam/settings.py",
        "https://static.invalid//etc/passwd",
        "https://static.invalid.example.com/css/pdf.css",
        "//static.invalid/css/pdf.css",
    ],
)
def test_the_press_refuses_every_address_but_its_own_files(url):
    from dossiers import press

    with pytest.raises((press.Refused, FileNotFoundError)):
        press.OwnFiles().fetch(url)


def test_the_press_reads_its_own_fonts():
    from dossiers import press

    fetched = press.OwnFiles().fetch(press.BASE + "vendor/noto-sans/NotoSans-Regular.ttf")
    assert fetched.read(4) == b"\x00\x01\x00\x00"


def test_an_image_from_outside_leaves_no_trace_but_its_absence():
    html = "<html lang='en'><title>x</title><body><p>Before</p><img alt='' src='file:///etc/passwd'><p>After</p>"
    text = PdfReader(io.BytesIO(pdf.print_pages(html))).pages[0].extract_text()
    assert "Before" in text
    assert "After" in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Huta Północ – dossier 2026-11-21.pdf", "huta-polnoc-dossier-2026-11-21.pdf"),
        ("ТОО «Сарыжол Цемент» – досье 2026-11-21.pdf", "too-saryzhol-tsement-dose-2026-11-21.pdf"),
        ("株式会社.pdf", "dossier.pdf"),
    ],
)
def test_a_name_in_plain_letters_for_old_programs(name, expected):
    assert pdf.ascii_name(name) == expected
