"""The pages of the analyst, the head and the KAM, asked as a browser asks them."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import assigning
from accounts.models import Client
from segmentation import segmenting
from segmentation.models import JobState, SalesDocument, SalesImport, SegmentationRun
from tests import factories
from tests.factories import TODAY
from tests.segmentation.conftest import JANUARY, rows_of

pytestmark = pytest.mark.usefixtures("db")
YEAR = {"100": [100] * 12, "200": [50, 0] * 6, "300": [0] * 11 + [30]}
ROWS = [
    ("F1", "100", "2026-01-05", 2, "9.99"),
    ("F2", "200", "2026-01-20", 1, "0.125"),
    ("F3", "", "2026-02-01", 1, 5),
]
HTMX = {"HX-Request": "true"}


def upload(browser, path, name="January.csv"):
    return browser.post(
        "/sales/imports/", {"file": SimpleUploadedFile(name, path.read_bytes(), "text/csv")}
    )


def form_of(answer, **changes) -> dict:
    """The columns form as the browser would send it back."""
    form = answer.context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    return {**values, **changes}


# ── Import ───────────────────────────────────────────────────────────────────────────────────


def test_an_analyst_brings_a_file_in_from_upload_to_rejected_lines(
    as_analyst, ledger, django_capture_on_commit_callbacks
):
    answer = upload(as_analyst, ledger(ROWS))
    assert answer.status_code == 302
    page = as_analyst.get(answer["Location"])
    assert page.context["form"]["column_client"].value() == "Customer"
    assert (page.context["preview"].accepted, page.context["preview"].rejected) == (2, 1)
    assert not SalesDocument.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        started = as_analyst.post(answer["Location"], form_of(page, act="start", currency="PLN"))
    assert started.status_code == 302
    done = as_analyst.get(started["Location"])
    assert "Why lines were rejected" in done.content.decode()
    job = SalesImport.objects.get()
    assert (job.state, job.accepted, job.rejected, job.currency) == (
        JobState.SUCCEEDED,
        2,
        1,
        "PLN",
    )
    rejected = as_analyst.get(f"/sales/imports/{job.pk}/rejected/")
    assert rejected["Content-Disposition"] == 'attachment; filename="January-rejected.csv"'
    assert b"no client number" in rejected.getvalue()
    listed = as_analyst.get("/sales/imports/").content.decode()
    assert "January.csv" in listed


def test_the_preview_follows_what_is_chosen_without_starting(as_analyst, ledger):
    url = upload(as_analyst, ledger(ROWS))["Location"]
    page = as_analyst.get(url)
    part = as_analyst.post(url, form_of(page, column_price="", column_amount="Price"), headers=HTMX)
    assert part.status_code == 200
    assert "HX-Request" in part["Vary"]
    assert part.content.decode().lstrip().startswith('<div class="stack" id="columns">')
    assert part.context["preview"].rows[0]["amount"] == Decimal("9.99")
    assert SalesImport.objects.get().state == JobState.UPLOADED


def test_another_separator_makes_other_columns_which_are_guessed_anew(as_analyst, ledger):
    url = upload(as_analyst, ledger(ROWS, delimiter=";"))["Location"]
    page = as_analyst.get(url)
    comma = as_analyst.post(url, form_of(page, delimiter=","))
    assert comma.status_code == 422
    back = as_analyst.post(url, form_of(comma, delimiter=";"))
    assert back.context["form"]["column_client"].value() == "Customer"
    assert back.context["preview"].accepted == 2


def test_columns_that_do_not_fit_are_told_and_nothing_starts(as_analyst, ledger):
    url = upload(as_analyst, ledger(ROWS))["Location"]
    page = as_analyst.get(url)
    answer = as_analyst.post(url, form_of(page, column_price="", act="start"))
    assert answer.status_code == 422
    assert "quantity and the unit price" in answer.content.decode()
    answer = as_analyst.post(url, form_of(page, column_client="", act="start"))
    assert answer.status_code == 422
    answer = as_analyst.post(url, form_of(page, currency="zł", act="start"))
    assert answer.status_code == 422
    assert SalesImport.objects.get().state == JobState.UPLOADED


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("sales.xlsx", b"PK\x03\x04", "workbook is damaged"),
        ("sales.doc", b"a,b", "Save yours as one of them"),
        ("renamed.csv", b"PK\x03\x04" + bytes(50), "workbook is damaged"),
        ("header.csv", b"Invoice,Customer\n", "no sales below"),
        ("junk.csv", bytes(range(256)), "not a text file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_the_door(as_analyst, name, content, words):
    answer = as_analyst.post("/sales/imports/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SalesImport.objects.exists()


def test_a_file_is_discarded_before_it_is_started_and_not_after(as_analyst, ledger):
    url = upload(as_analyst, ledger(ROWS))["Location"]
    job = SalesImport.objects.get()
    assert as_analyst.post(f"{url}discard/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.file.name) == (JobState.CANCELLED, "")
    assert "discarded" in as_analyst.get(url).content.decode()


def test_while_it_runs_the_page_asks_for_itself_and_when_it_is_done_no_more(as_analyst, bring_in):
    job = bring_in(ROWS)
    url = f"/sales/imports/{job.pk}/"
    assert "hx-trigger" not in as_analyst.get(url, headers=HTMX).content.decode()
    SalesImport.objects.update(state=JobState.RUNNING, phase="reading", progress=40)
    part = as_analyst.get(url, headers=HTMX).content.decode()
    assert f'hx-get="{url}" hx-trigger="every 2s"' in part
    assert "Reading and checking the lines" in part
    assert "<html" not in part


def test_a_head_sees_imports_but_does_not_import(as_head, as_analyst, ledger):
    url = upload(as_analyst, ledger(ROWS))["Location"]
    page = as_head.get(url)
    assert page.status_code == 200
    assert "<form" not in page.content.decode().split("<main")[1].split("</main>")[0]
    assert as_head.post(url, {"act": "start"}).status_code == 403
    assert as_head.post(f"{url}discard/").status_code == 403
    assert upload(as_head, ledger(ROWS)).status_code in (403, 422)
    assert SalesImport.objects.count() == 1


@pytest.mark.parametrize("who", ["as_kam", "as_colleague", "as_admin"])
def test_others_see_no_imports(who, request, bring_in):
    job = bring_in(ROWS)
    browser = request.getfixturevalue(who)
    for url in (
        "/sales/imports/",
        f"/sales/imports/{job.pk}/",
        f"/sales/imports/{job.pk}/rejected/",
    ):
        assert browser.get(url).status_code == 403


# ── Runs ─────────────────────────────────────────────────────────────────────────────────────


def wish(**changes) -> dict:
    return {
        "start": "2026-01",
        "periods": "12",
        "currency": "EUR",
        "measure": "revenue",
        "abc_a": "80",
        "abc_b": "95",
        "xyz_method": "frequency",
        "xyz_x": "",
        "xyz_y": "",
        **changes,
    }


def test_an_analyst_runs_a_segmentation_and_opens_the_clients_behind_a_cell(
    as_analyst, bring_in, django_capture_on_commit_callbacks
):
    bring_in(rows_of(YEAR))
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_analyst.post("/segmentation/", wish())
    page = as_analyst.get(answer["Location"])
    run = SegmentationRun.objects.get()
    assert run.counts["AX"] == 1
    assert page.context["rows"][0]["cells"][0]["count"] == 1
    assert "Revenue in EUR, January 2026" in page.content.decode()
    behind = as_analyst.get(f"/segmentation/{run.pk}/clients/?cell=AX")
    assert "Client 100" in behind.content.decode()
    assert "Client 200" not in behind.content.decode()
    everybody = as_analyst.get(f"/segmentation/{run.pk}/clients/", headers=HTMX).content.decode()
    assert "Client 300" in everybody
    assert "<html" not in everybody


def test_an_analyst_who_changes_the_method_alone_gets_its_usual_limits(as_analyst, bring_in):
    bring_in(rows_of(YEAR))
    assert as_analyst.post("/segmentation/", wish(xyz_x="0.10", xyz_y="0.25")).status_code == 302
    run = SegmentationRun.objects.get()
    assert (run.xyz_method, run.xyz_x, run.xyz_y) == ("frequency", "10/12", "5/12")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "soon"}, "Write the first period as 2026-01"),
        ({"start": "1999-01"}, "no sales in the period"),
        ({"abc_a": "99"}, "smaller than the second"),
        ({"xyz_x": "much"}, "is no limit"),
        ({"measure": "margin"}, "margin of this period is not known"),
        ({"currency": "GBP"}, "GBP"),
    ],
)
def test_a_wrong_wish_comes_back_with_a_sentence(as_analyst, bring_in, changes, words):
    bring_in(rows_of(YEAR))
    answer = as_analyst.post("/segmentation/", wish(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_head_puts_a_run_in_force(as_head, head, segmented):
    segmented(YEAR)
    second = segmented(YEAR, xyz="frequency")
    assert as_head.post(f"/segmentation/{second.pk}/in-force/").status_code == 302
    assert SegmentationRun.objects.in_force() == second
    assert "in force" in as_head.get(f"/segmentation/{second.pk}/").content.decode()


def test_a_run_that_has_not_finished_is_not_put_in_force(as_head, bring_in):
    bring_in(rows_of(YEAR))
    run = segmenting.request(start=JANUARY)
    page = as_head.post(f"/segmentation/{run.pk}/in-force/", follow=True).content.decode()
    assert "Only a run that has finished" in page
    assert 'hx-trigger="every 1s"' in page


def test_the_export_is_a_table_that_no_spreadsheet_runs(as_analyst, bring_in):
    Client.objects.create(name='=HYPERLINK("http://evil")', external_id="@100")
    bring_in([("F1", "@100", "2026-01-05", 1, 10), ("F2", "200", "2026-01-06", -1, 10)])
    run = segmenting.run(segmenting.request(start=JANUARY, periods=1))
    answer = as_analyst.get(f"/segmentation/{run.pk}/segments.csv")
    assert "attachment" in answer["Content-Disposition"]
    first, second = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert first["client"] == "'@100"
    assert first["name"] == '\'=HYPERLINK("http://evil")'
    assert (second["total"], second["2026-01"], second["cv"]) == ("-10", "-10", "")


@pytest.mark.parametrize("who", ["as_kam", "as_colleague", "as_admin"])
def test_others_see_no_runs(who, request, segmented):
    run = segmented(YEAR)
    browser = request.getfixturevalue(who)
    for url in ("", f"{run.pk}/", f"{run.pk}/clients/", f"{run.pk}/segments.csv"):
        assert browser.get(f"/segmentation/{url}").status_code == 403
    assert browser.post(f"/segmentation/{run.pk}/in-force/").status_code == 403


# ── Ranked clients ───────────────────────────────────────────────────────────────────────────


def names(answer) -> list[str]:
    return [getattr(row, "client", row).name for row in answer.context["page"].object_list]


@pytest.fixture
def ranking(segmented):
    Client.objects.create(name="Huta Północ", external_id="100")
    Client.objects.create(name="Ёлка и Сыновья", external_id="200")
    Client.objects.create(name="Never bought", external_id="900", stage="prospect")
    return segmented(YEAR)


def test_a_head_reads_the_clients_by_what_they_bring(as_head, ranking):
    page = as_head.get("/clients/ranked/")
    assert names(page) == ["Huta Północ", "Ёлка и Сыновья", "Client 300"]
    assert ranking.basis in page.content.decode()
    assert "/make-key/" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=huta polnoc", ["Huta Północ"]),
        ("q=ЕЛКА", ["Ёлка и Сыновья"]),
        ("q=ёлка", ["Ёлка и Сыновья"]),
        ("q=30", ["Client 300"]),
        ("q=%25", []),
        ("segment=AX", ["Huta Północ"]),
        ("segment=A", ["Huta Północ", "Ёлка и Сыновья"]),
        ("segment=none", ["Never bought"]),
        ("stage=prospect", []),
        ("stage=prospect&segment=none", ["Never bought"]),
        ("segment=QQ&stage=whatever&page=99", ["Huta Północ", "Ёлка и Сыновья", "Client 300"]),
    ],
)
def test_clients_are_found_by_name_number_segment_and_stage(as_head, ranking, query, found):
    assert names(as_head.get(f"/clients/ranked/?{query}")) == found


def test_the_change_against_the_period_before_is_told(as_head, bring_in):
    bring_in(rows_of({"100": [100] * 12 + [150] * 12, "200": [0] * 12 + [10] * 12}))
    segmenting.run(segmenting.request(start=datetime.date(2027, 1, 1)))
    first, second = as_head.get("/clients/ranked/").context["page"].object_list
    assert first.growth == pytest.approx(0.5)
    assert second.growth is None


def test_without_a_run_all_clients_are_listed_by_name(as_head):
    factories.client(name="Łódź")
    factories.client(name="Lublin")
    assert names(as_head.get("/clients/ranked/")) == ["Łódź", "Lublin"]


def test_an_analyst_reads_the_ranking_but_chooses_nobody(as_analyst, ranking):
    page = as_analyst.get("/clients/ranked/").content.decode()
    assert "Huta Północ" in page
    assert "/make-key/" not in page


@pytest.mark.parametrize("who", ["as_kam", "as_colleague", "as_admin"])
def test_others_see_no_ranking(who, request, ranking):
    assert request.getfixturevalue(who).get("/clients/ranked/").status_code == 403


def test_a_head_nominates_a_client_with_a_reason(as_head, ranking):
    client = Client.objects.get(external_id="300")
    url = f"/clients/{client.pk}/nominate/"
    assert as_head.get(url).status_code == 200
    assert as_head.post(url, {"reason": " "}).status_code == 422
    assert as_head.post(url, {"reason": "First order is large"}).status_code == 302
    page = as_head.get(f"/clients/{client.pk}/figures/").content.decode()
    assert "First order is large" in page
    again = as_head.post(url, {"reason": "Again"})
    assert again.status_code == 422
    assert "already" in again.content.decode()


def test_an_analyst_nominates_nobody(as_analyst, ranking):
    client = Client.objects.get(external_id="300")
    assert (
        as_analyst.post(f"/clients/{client.pk}/nominate/", {"reason": "I like them"}).status_code
        == 403
    )


# ── Figures of one client ────────────────────────────────────────────────────────────────────


def test_the_figures_say_what_they_were_computed_from(as_analyst, ranking):
    client = Client.objects.get(external_id="100")
    page = as_analyst.get(f"/clients/{client.pk}/figures/")
    shown = page.content.decode()
    assert page.context["figures"].revenue == 1200
    assert page.context["figures"].orders == 12
    assert ranking.basis in shown
    assert 'role="img"' in shown
    assert "100/2026-12" in shown


def test_a_kam_reads_the_figures_of_his_own_client_only(as_kam, kam, head, ranking):
    mine, other = Client.objects.get(external_id="100"), Client.objects.get(external_id="200")
    dossier = factories.dossier(of=mine, by=head)
    assigning.assign(dossier.client, to=kam, by=head, today=TODAY)
    assert as_kam.get(f"/clients/{mine.pk}/figures/").status_code == 200
    assert as_kam.get(f"/clients/{other.pk}/figures/").status_code == 404


def test_a_colleague_reads_no_figures(as_colleague, ranking):
    client = Client.objects.get(external_id="100")
    assert as_colleague.get(f"/clients/{client.pk}/figures/").status_code == 403


def test_a_client_without_sales_has_a_page_that_says_so(as_head, ranking):
    client = Client.objects.get(external_id="900")
    assert "No sales yet" in as_head.get(f"/clients/{client.pk}/figures/").content.decode()


def test_a_client_who_pays_in_two_currencies_shows_them_apart(as_head, bring_in):
    bring_in(rows_of({"100": [5, 5]}))
    bring_in([("P1", "100", "2026-02-10", 1, 1000)], currency="PLN")
    client = Client.objects.get()
    assert (
        as_head.get(f"/clients/{client.pk}/figures/?currency=PLN").context["figures"].revenue
        == 1000
    )
    assert (
        as_head.get(f"/clients/{client.pk}/figures/?currency=EUR").context["figures"].revenue == 10
    )
    assert as_head.get(f"/clients/{client.pk}/figures/?currency=%00").status_code == 200


# ── In every language ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["ru", "pl"])
def test_pages_and_drawings_hold_in_every_language(language, as_head, head, ranking):
    head.language = language
    head.save()
    client = Client.objects.get(external_id="100")
    for url in (
        "/sales/imports/",
        "/segmentation/",
        f"/segmentation/{ranking.pk}/",
        "/clients/ranked/",
    ):
        assert as_head.get(url).status_code == 200
    drawing = as_head.get(f"/clients/{client.pk}/figures/").content.decode()
    assert 'height="0,' not in drawing
    assert ',0"' not in drawing.split('<svg class="sales-chart"')[1].split("</svg>")[0]


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(
            b"Invoice,Customer,Date,Quantity,Price,R\xe9f\x81", id="no letter of any alphabet"
        ),
        pytest.param(
            b"Invoice,Customer,Date,Quantity,Price,\x00".decode().encode("utf-16"), id="a NUL"
        ),
    ],
)
def test_a_header_that_no_page_could_show_is_shown_all_the_same(as_analyst, beginning):
    wide = beginning.startswith(b"\xff\xfe")
    lines = "\nF1,100,2026-01-05,1,2,x\nF2,10\x010,2026-01-05,1,2,x\n"
    content = beginning + lines.encode("utf-16-le" if wide else "ascii")
    upload = SimpleUploadedFile("sales.csv", content, "text/csv")
    answer = as_analyst.post("/sales/imports/", {"file": upload})
    assert answer.status_code == 302
    page = as_analyst.get(answer["Location"])
    assert page.context["preview"].rejected == 1
    for encoding in ("utf-8", "latin-1", "cp1251"):
        told = form_of(page, encoding=encoding)
        assert as_analyst.post(answer["Location"], told).status_code in (200, 422)


@pytest.mark.parametrize(
    "changes", [{"abc_a": "NaN"}, {"abc_b": "sNaN"}, {"start": "9999-12", "periods": 120}]
)
def test_what_is_no_limit_and_no_month_is_refused_with_a_sentence(as_head, bring_in, changes):
    bring_in(ROWS[:2])
    wish = {"start": "2026-01", "periods": 3, "currency": "EUR", "measure": "revenue"}
    wish |= {"abc_a": "80", "abc_b": "95", "xyz_method": "cv", **changes}
    answer = as_head.post("/segmentation/", wish)
    assert answer.status_code == 422
    assert not SegmentationRun.objects.exists()
