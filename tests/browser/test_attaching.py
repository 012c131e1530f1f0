"""Files dropped on the page of a dossier, and section 1 with hands on the keys, before a strict reader."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from dossiers.models import Attachment
from tests import factories, files
from tests.browser.test_every_page import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  for (const kind of ["dragover", "drop"])
    document.querySelector("h1").dispatchEvent(
      new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def window(window_of, kam, dossier):
    window = window_of(kam)
    window.goto(f"/dossiers/{dossier.pk}/attachments/")
    return window


def test_a_file_dropped_anywhere_on_the_page_is_attached(window, dossier, kam):
    window.evaluate(DROP, ["Oferta łożyska.pdf", "%PDF-1.7 an offer"])
    window.wait_for_selector("#attachments .entry >> text=Oferta łożyska.pdf")
    kept = Attachment.objects.get()
    assert (kept.dossier, kept.updated_by, kept.name) == (dossier, kam, "Oferta łożyska.pdf")


def test_of_chosen_files_the_good_are_kept_and_the_bad_are_named(window, settings):
    settings.KAM_ATTACHMENT_LIMIT = 5000
    window.set_input_files(
        "#attachments-files",
        [
            {"name": "Plan.png", "mimeType": "image/png", "buffer": files.picture("PNG")},
            {"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"x" * 6000},
        ],
    )
    window.wait_for_selector("#attachments .entry >> text=Plan.png")
    refused = window.inner_text("#attachments .drop-list")
    assert "“large.pdf” has 5.9 KB; at most 4.9 KB" in refused.replace("\xa0", " ")
    assert Attachment.objects.get().name == "Plan.png"


def test_without_scripts_the_same_form_sends_the_files(chromium, live_server, kam, dossier):
    from django.test import Client as Session

    session = Session()
    session.force_login(kam)
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = {"name": "sessionid", "value": session.cookies["sessionid"].value}
    context.add_cookies([{**cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/dossiers/{dossier.pk}/attachments/")
    page.set_input_files(
        "#attachments-files",
        [{"name": "A.txt", "mimeType": "text/plain", "buffer": b"Notes of the meeting\n"}],
    )
    page.click("text=Attach >> nth=-1")
    page.wait_for_selector("#attachments .entry >> text=A.txt")
    context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_section_1_and_its_forms_shut_nobody_out(window_of, kam, dossier, dark):
    company = factories.entry("structure", dossier, name="Huta")
    unit = factories.entry("structure", dossier, name="Purchasing", parent=company)
    factories.entry("staffing", dossier, unit=unit)
    for year in (2023, 2024, 2025):
        factories.entry("financial-years", dossier, year=year, revenue=year * 1000)
    factories.entry("market", dossier, share=30)
    window = window_of(kam, dark=dark)
    window.goto(f"/dossiers/{dossier.pk}/general/")
    for form in ("identity", "financial-years", "market"):
        found = Axe().run(window, options=RULES).response["violations"]
        assert not found, [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
        opener = ".card-actions a[hx-get]" if form == "identity" else ".btn-add"
        window.click(f"#{form} {opener}")
        window.wait_for_selector(f"#{form} form[data-inline]")
    found = Axe().run(window, options=RULES).response["violations"]
    assert not found, [(fault["id"], fault["nodes"][0]["html"]) for fault in found]


def test_a_figure_is_opened_and_saved_by_the_keys_alone(window_of, kam, dossier):
    year = factories.entry("financial-years", dossier, year=2025, revenue=1_200_000)
    window = window_of(kam)
    window.goto(f"/dossiers/{dossier.pk}/general/")
    window.focus("#financial-years [data-field=revenue]")
    window.keyboard.press("Enter")
    window.wait_for_selector("#financial-years [name=revenue]:focus")
    window.keyboard.press("Control+A")
    window.keyboard.type("1 350 000,50")
    window.keyboard.press("Enter")
    window.wait_for_selector("#financial-years >> text=1,350,001")
    year.refresh_from_db()
    assert str(year.revenue) == "1350000.50"
