"""Files of a dossier through the browser: sent, shown, given out, and refused to whoever may not read it."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from dossiers import attaching, heading, opening, pdf
from dossiers.models import Attachment, Dossier
from kam import uploads
from tests import files
from tests.factories import TODAY

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    return tmp_path


@pytest.fixture
def kept(dossier, kam):
    return attaching.attach(dossier, upload=files.pdf("Oferta łożyska.pdf"), by=kam, today=TODAY)


def page_of(dossier):
    return reverse("dossiers:section", args=[dossier.pk, "attachments"])


def door(dossier):
    return reverse("dossiers:attach", args=[dossier.pk])


def address(kept):
    return reverse("dossiers:attachment", args=[kept.dossier_id, kept.pk, kept.name])


def test_the_add_of_attachments_is_the_door_for_files(dossier):
    args = [dossier.pk, "attachments", "attachments"]
    assert reverse("dossiers:add", args=args) == door(dossier)


def test_the_page_offers_a_place_for_files_and_says_what_it_takes(as_kam, dossier, kept):
    page = as_kam.get(page_of(dossier))
    assertContains(page, 'type="file"')
    assertContains(page, 'formenctype="multipart/form-data"')
    assertContains(page, "20.0\xa0MB: pdf, docx, xlsx")
    assertContains(page, "Oferta łożyska.pdf")
    assertContains(page, f'href="{address(kept)}"')
    assertNotContains(page, f"/{kept.pk}/confirm/")


def test_several_files_are_sent_at_once_without_scripts(as_kam, dossier):
    sent = {"files": [files.pdf("A.pdf"), files.png("B.png")]}
    answer = as_kam.post(door(dossier), sent)
    assertRedirects(answer, f"{page_of(dossier)}#attachments", fetch_redirect_response=False)
    page = as_kam.get(page_of(dossier))
    assertContains(page, "2 files attached.")
    assertContains(page, "A.pdf")
    assertContains(page, f"/attachments/{Attachment.objects.get(name='B.png').pk}/preview/")


def test_of_several_files_only_the_bad_ones_are_refused_each_with_a_sentence(as_kam, dossier):
    bad = files.upload("setup.exe", b"MZ")
    empty = files.upload("empty.pdf", b"")
    answer = as_kam.post(door(dossier), {"files": [files.pdf("Good.pdf"), bad, empty]})
    assert answer.status_code == 422
    assertContains(answer, "“setup.exe” is not of a kind", status_code=422)
    assertContains(answer, "“empty.pdf” is empty", status_code=422)
    assertContains(answer, "<html", status_code=422)
    assert [entry.name for entry in Attachment.objects.all()] == ["Good.pdf"]


def test_a_file_sent_by_the_script_is_answered_with_the_part(as_kam, dossier):
    answer = as_kam.post(door(dossier), {"files": files.pdf()}, headers=HTMX)
    assert answer.status_code == 200
    assertNotContains(answer, "<html")
    assertContains(answer, "Oferta.pdf")
    answer = as_kam.post(door(dossier), {"files": files.pdf("Again.pdf")}, headers=HTMX)
    assert answer.status_code == 422
    assertContains(
        answer, "data-refusal>“Again.pdf” is attached already, as “Oferta.pdf”.", status_code=422
    )


def test_who_chose_no_file_is_told_so(as_kam, dossier):
    assertContains(as_kam.post(door(dossier)), "No file was chosen", status_code=422)


def test_the_file_is_given_as_it_came_under_its_name(as_kam, kept):
    answer = as_kam.get(address(kept))
    assert b"".join(answer.streaming_content) == files.pdf().read()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(kept.size)
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=\"oferta-lozyska.pdf\"; filename*=UTF-8''Oferta%20%C5%82o%C5%BCyska.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    as_download = as_kam.get(address(kept) + "?download")
    assert as_download.headers["Content-Disposition"].startswith("attachment;")
    list(as_download.streaming_content)


def test_what_a_browser_might_run_is_only_ever_downloaded_and_in_a_sandbox(as_kam, dossier, kam):
    text = files.upload("Записка.txt", "Привет".encode())
    kept = attaching.attach(dossier, upload=text, by=kam, today=TODAY)
    answer = as_kam.get(address(kept))
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="zapiska.txt"; filename*'
    )
    assert answer.headers["Content-Type"] == "text/plain"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    list(answer.streaming_content)


def test_a_browser_that_has_the_file_is_told_so_but_only_after_the_door(as_kam, as_other_kam, kept):
    etag = as_kam.head(address(kept)).headers["ETag"]
    again = as_kam.get(address(kept), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert as_other_kam.get(address(kept), headers={"If-None-Match": etag}).status_code == 404


def test_head_tells_the_size_and_sends_nothing(as_kam, kept):
    answer = as_kam.head(address(kept))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(kept.size)


def test_for_whoever_may_not_read_the_dossier_its_files_do_not_exist(
    as_other_kam, as_colleague, as_analyst, as_admin, as_head, kept, others_dossier
):
    preview = reverse("dossiers:attachment_preview", args=[kept.dossier_id, kept.pk])
    for browser in (as_other_kam, as_colleague, as_analyst, as_admin):
        assert browser.get(address(kept)).status_code == 404
        assert browser.get(preview).status_code == 404
        assert browser.post(door(kept.dossier), {"files": files.pdf()}).status_code == 404
    # Nor through a dossier that one may read.
    through = reverse("dossiers:attachment", args=[others_dossier.pk, kept.pk, "x.pdf"])
    assert as_other_kam.get(through).status_code == 404
    assert as_head.get(address(kept)).status_code == 200


def test_a_file_lost_on_the_server_is_missing_and_no_mistake_of_ours(as_kam, kept):
    kept.file.storage.delete(kept.file.name)
    assert as_kam.get(address(kept)).status_code == 404


def test_a_closed_dossier_gives_files_out_and_takes_none(as_head, head, dossier, kept):
    opening.release_key(dossier, to="lost", by=head, reason="They closed.", today=TODAY)
    page = as_head.get(page_of(dossier))
    assertContains(page, "Oferta łożyska.pdf")
    assertNotContains(page, 'type="file"')
    assert as_head.post(door(dossier), {"files": files.png()}).status_code == 403
    assert as_head.get(address(kept)).status_code == 200


def test_an_image_is_shown_small_as_soon_as_it_was_drawn(as_kam, dossier):
    as_kam.post(door(dossier), {"files": files.png(size=(800, 600))}, headers=HTMX)
    kept = Attachment.objects.get()
    preview = reverse("dossiers:attachment_preview", args=[dossier.pk, kept.pk])
    answer = as_kam.get(preview)
    assert answer.headers["Content-Type"] == "image/webp"
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"


def test_until_then_a_sign_stands_for_it(as_kam, dossier, kam, monkeypatch):
    kept = attaching.attach(dossier, upload=files.png(), by=kam, today=TODAY)
    monkeypatch.setattr("dossiers.tasks.draw_preview.delay", lambda pk: None)
    answer = as_kam.get(reverse("dossiers:attachment_preview", args=[dossier.pk, kept.pk]))
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("preview-wait.svg")
    assert "no-store" in answer.headers["Cache-Control"]


def test_name_and_note_are_edited_in_place(as_kam, dossier, kept):
    edit = reverse("dossiers:edit", args=[dossier.pk, "attachments", "attachments", kept.pk])
    form = as_kam.get(edit, headers=HTMX)
    assertContains(form, 'value="Oferta łożyska.pdf"')
    sent = {"version": kept.version, "name": "Oferta", "note": "Podpisana", "certainty": "fact"}
    assertContains(as_kam.post(edit, sent, headers=HTMX), "Podpisana")
    kept.refresh_from_db()
    assert kept.name == "Oferta.pdf"


def test_deleting_asks_first_and_the_history_tells_both(as_kam, dossier, kept):
    args = [dossier.pk, "attachments", "attachments"]
    delete = reverse("dossiers:delete", args=[*args, kept.pk])
    assertContains(as_kam.get(delete), "Delete “Oferta łożyska.pdf”?")
    as_kam.post(delete, {"version": kept.version})
    assert not Attachment.objects.exists()
    told = as_kam.get(reverse("dossiers:piece_history", args=args))
    assertContains(told, "Oferta łożyska.pdf", count=None)


def test_files_over_the_usual_size_are_taken_here_from_those_who_may_edit(
    monkeypatch, settings, as_kam, as_other_kam, as_colleague, anonymous, dossier
):
    # Made small, so that the test stays quick.
    monkeypatch.setattr(uploads, "USUAL_LIMIT", 10_000_000)
    large = b"%PDF-1.7\n" + b"x" * 10_000_001
    for stranger in (as_other_kam, as_colleague, anonymous):
        answer = stranger.post(door(dossier), {"files": files.upload("large.pdf", large)})
        assert answer.status_code == 413
    elsewhere = as_kam.post(page_of(dossier), {"files": files.upload("large.pdf", large)})
    assert elsewhere.status_code == 413
    assert as_kam.post(door(dossier), {"files": files.upload("l.pdf", large)}).status_code == 302
    settings.KAM_ATTACHMENT_LIMIT = 1_000_000
    assert as_kam.post(door(dossier), {"files": files.upload("l.pdf", large)}).status_code == 413


def test_the_printed_dossier_names_its_files(dossier, kam, kept):
    pages = pdf.pages(
        heading.for_heading(Dossier.objects.visible_to(kam)).get(pk=dossier.pk), by=kam, today=TODAY
    )
    assert "Oferta łożyska.pdf" in pages
    kept.delete()
    pages = pdf.pages(
        heading.for_heading(Dossier.objects.visible_to(kam)).get(pk=dossier.pk), by=kam, today=TODAY
    )
    assert 'id="section-attachments"' not in pages
