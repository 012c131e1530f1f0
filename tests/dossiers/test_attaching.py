"""Files of a dossier: what is kept, what is refused and with which words."""

import hashlib
import io
import os
import threading
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from accounts import assigning
from dossiers import attaching, editing, recognising
from dossiers.models import Attachment
from dossiers.pieces import BY_KEY
from tests import factories, files
from tests.factories import TODAY

PIECE = BY_KEY["attachments"]


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def attach(dossier, kam):
    def attach(upload, to=dossier, by=kam):
        return attaching.attach(to, upload=upload, by=by, today=TODAY)

    return attach


def stored(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


HONEST = {
    "pdf": files.pdf().read(),
    **{ending: files.office(ending) for ending in (*files.OFFICE, *files.OPEN)},
    "png": files.picture("PNG"),
    "jpg": files.picture("JPEG"),
    "jpeg": files.picture("JPEG"),
    "webp": files.picture("WEBP"),
    "gif": files.picture("GIF"),
    "csv": "Nazwa;Ilość\nŁożysko;3\n".encode("cp1250"),
    "txt": "Позвонить Анне\n".encode("utf-16"),
    "eml": b"From: anna@example.com\r\nSubject: Offer\r\n\r\nDear all,\r\n",
    "msg": files.outlook(),
}


@pytest.mark.parametrize("ending", HONEST)
def test_what_an_office_works_with_can_be_attached(attach, ending):
    kept = attach(files.upload(f"Plik.{ending}", HONEST[ending]))
    assert ending in recognising.BY_TYPE[kept.media_type].endings
    with kept.file.open("rb") as file:
        assert file.read() == HONEST[ending]


def test_every_kind_on_the_list_was_tried():
    assert set(HONEST) == set(recognising.BY_ENDING)


PRETENDING = {
    "a page under the name of a picture": ("logo.png", b"<html><script>alert(1)</script>"),
    "a page under the name of a text": ("notes.txt", b"  <!DOCTYPE html><script>x</script>"),
    "a page": ("page.html", b"<html></html>"),
    "a drawing that can run": ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "a drawing under the name of a text": ("a.txt", b"<?xml version='1.0'?><svg/>"),
    "a program": ("setup.exe", b"MZ\x90\0"),
    "a program under the name of a PDF": ("offer.pdf", b"MZ\x90\0\x03"),
    "a script": ("run.sh", b"#!/bin/sh\n"),
    "a script under the name of a text": ("run.txt", b"#!/bin/sh\nrm -rf ~\n"),
    "an archive": ("all.zip", files.zipped("a.txt")),
    "an archive under the name of a document": ("offer.docx", files.zipped("a.txt")),
    "a table under the name of a document": ("offer.docx", files.office("xlsx")),
    "a document with macros": ("offer.docx", files.office("docx", "word/vbaProject.bin")),
    "an open document with macros": ("offer.odt", files.office("odt", "Basic/Standard/x.xml")),
    "half of a document": ("offer.docx", files.office("docx")[:60]),
    "bytes under the name of a text": ("notes.txt", b"abc\0def"),
    "a text under the name of a message": ("mail.eml", b"just some words\n"),
    "an old document": ("offer.msg", files.outlook() + "WordDocument".encode("utf-16-le")),
    "no ending at all": ("offer", b"%PDF-1.7"),
    "a picture that is none": ("plan.png", b"\x89PNG\r\n\x1a\nnothing"),
}


@pytest.mark.parametrize("what", PRETENDING)
def test_what_is_not_what_it_says_is_refused_by_its_name(attach, store, what):
    name, content = PRETENDING[what]
    with pytest.raises(attaching.WrongKind, match=f"“{name}”"):
        attach(files.upload(name, content))
    assert not Attachment.objects.exists()
    assert not stored(store)


def test_a_picture_that_would_fill_the_memory_is_refused(attach):
    with pytest.raises(attaching.WrongKind, match="50000 × 50000 points"):
        attach(files.bomb())


@pytest.mark.parametrize("how", [{"lossless": True}, {}, {"exif": b"Exif\0\0"}])
def test_the_size_of_a_picture_is_read_without_decoding_it(how):
    from PIL import Image

    from dossiers import picturing

    file = io.BytesIO()
    Image.new("RGB", (321, 123)).save(file, "WEBP", **how)
    assert picturing.size_of(file) == (321, 123)
    for kind in ("PNG", "JPEG", "GIF"):
        assert picturing.size_of(io.BytesIO(files.picture(kind, size=(321, 123)))) == (321, 123)


@tries(max_examples=60, deadline=None)
@given(
    ending=st.sampled_from(sorted(HONEST)),
    at=st.floats(0, 1),
    junk=st.binary(max_size=12),
    cut=st.floats(0, 1),
)
def test_a_broken_file_is_recognised_or_not_but_trips_nobody(ending, at, junk, cut):
    from dossiers import picturing

    whole = HONEST[ending]
    place = int(at * len(whole))
    broken = (whole[:place] + junk + whole[place + len(junk) :])[: int(cut * len(whole)) + 1]
    file = io.BytesIO(broken)
    kind = recognising.by_content(file, said=recognising.BY_ENDING[ending])
    assert kind is None or kind in recognising.KINDS
    picturing.size_of(file)


def test_an_empty_file_is_refused(attach):
    with pytest.raises(attaching.WrongKind, match=r"“empty\.pdf” is empty"):
        attach(files.upload("empty.pdf", b""))


def test_a_file_over_the_limit_is_refused_with_the_limit_and_one_at_the_limit_is_kept(
    attach, settings
):
    settings.KAM_ATTACHMENT_LIMIT = len(HONEST["pdf"])
    attach(files.upload("fits.pdf", HONEST["pdf"]))
    with pytest.raises(attaching.TooLarge, match=r"“large.pdf” has .* at most .* can be attached"):
        attach(files.upload("large.pdf", HONEST["pdf"] + b" "))


def test_a_kept_file_is_written_down_with_size_and_sum_and_lies_where_nobody_guesses(
    attach, store, kam
):
    kept = attach(files.pdf("Oferta – łożyska.pdf"))
    content = files.pdf().read()
    assert (kept.name, kept.media_type) == ("Oferta – łożyska.pdf", "application/pdf")
    assert (kept.size, kept.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    (path,) = stored(store)
    assert "Oferta" not in str(path)
    assert len(path.name) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert kept.updated_by == kam
    assert kept.events.get().pgh_label == "insert"


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\anna\\Oferta.pdf", "Oferta.pdf"),
        ("Оферта 2026.PDF", "Оферта 2026.PDF"),
        ("a\0b\u202efdp.pdf", "a b fdp.pdf"),
        ("what? is: this*.pdf", "what is this.pdf"),
        (f"{'ó' * 230}.pdf", f"{'ó' * 196}.pdf"),
    ],
)
def test_names_are_kept_as_they_are_but_for_what_no_system_bears(attach, given, kept_as):
    upload = SimpleUploadedFile("x.pdf", files.pdf().read())
    upload._name = given.replace("\\", "/").rpartition("/")[2]  # as a browser's form brings it
    assert attach(upload).name == kept_as


def test_the_same_content_twice_is_refused_with_the_name_it_has_there(
    attach, store, others_dossier, other_kam
):
    attach(files.pdf("Oferta.pdf"))
    with pytest.raises(attaching.AlreadyThere, match=r"“Kopia\.pdf” .* already, as “Oferta\.pdf”"):
        attach(files.pdf("Kopia.pdf"))
    assert len(stored(store)) == 1
    other = attach(files.pdf("Oferta.pdf"), to=others_dossier, by=other_kam)
    assert len(stored(store)) == 2
    assert Attachment.objects.count() == 2
    assert other.dossier == others_dossier


def test_nobody_attaches_to_a_dossier_that_is_not_in_his_hands(
    attach, store, head, other_kam, colleague, analyst, dossier
):
    for stranger in (other_kam, colleague, analyst):
        with pytest.raises(attaching.NotYours):
            attach(files.pdf(), by=stranger)
    assert not stored(store)
    attach(files.pdf(), by=head)


def test_nothing_is_attached_to_what_was_handed_over_while_the_file_was_read(
    attach, store, monkeypatch, head, other_kam, dossier
):
    read = attaching._sum

    def read_slowly(upload):
        assigning.assign(dossier.client, to=other_kam, by=head, today=TODAY)
        return read(upload)

    monkeypatch.setattr(attaching, "_sum", read_slowly)
    with pytest.raises(attaching.NotYours):
        attach(files.pdf())
    assert not Attachment.objects.exists()
    assert not stored(store)


def test_a_new_name_goes_on_saying_what_kind_of_file_it_is(attach, dossier, kam):
    kept = attach(files.pdf("scan0001.pdf"))
    changed = editing.change(
        PIECE,
        dossier=dossier,
        pk=kept.pk,
        data={
            "version": kept.version,
            "name": "Oferta ramowa.exe",
            "note": "Signed",
            "certainty": "fact",
        },
        by=kam,
        today=TODAY,
    )
    assert changed.name == "Oferta ramowa.exe.pdf"
    assert changed.note == "Signed"


def test_no_attachment_comes_into_being_without_its_file(dossier, kam):
    with pytest.raises(editing.EditRefused):
        editing.add(
            PIECE,
            dossier=dossier,
            data={"name": "Offer.pdf", "certainty": "fact"},
            by=kam,
            today=TODAY,
        )
    assert not Attachment.objects.exists()


def test_a_deleted_attachment_keeps_its_file_and_can_come_back_as_it_was(
    attach, store, dossier, kam
):
    kept = attach(files.pdf())
    editing.delete(PIECE, dossier=dossier, pk=kept.pk, data={"version": kept.version}, by=kam)
    for path in stored(store):
        os.utime(path, (0, 0))
    assert attaching.sweep() == 0
    event = Attachment.pgh_event_model.objects.filter(pgh_obj_id=kept.pk, pgh_label="delete").get()
    fields = {
        field.attname: getattr(event, field.attname) for field in Attachment._meta.concrete_fields
    }
    Attachment(**fields).save(force_insert=True)
    back = Attachment.objects.get(pk=kept.pk)
    with back.file.open("rb") as file:
        assert file.read() == files.pdf().read()


def test_a_file_that_nothing_knows_is_swept_after_a_day_and_not_before(attach, store):
    kept = attach(files.png())
    attaching.draw_preview(kept.pk)
    orphan = store / "attachments" / "ab" / ("ab" + "0" * 30)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"left by a killed process")
    draft = store / "previews" / "x.draft"
    draft.write_bytes(b"left too")
    assert attaching.sweep() == 0
    assert attaching.sweep(now=time.time() + 25 * 60 * 60) == 2
    assert not orphan.exists()
    assert not draft.exists()
    assert Path(kept.file.path).exists()
    assert attaching.preview_of(kept).exists()


def test_what_fails_on_the_way_leaves_no_file_behind(attach, store, monkeypatch):
    def killed(*_args, **_kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(Attachment, "save", killed)
    with pytest.raises(RuntimeError):
        attach(files.pdf())
    assert not stored(store)


def test_a_picture_gets_a_small_one_upright_and_without_what_the_camera_wrote(attach):
    kept = attach(files.png(size=(1600, 900)))
    assert attaching.draw_preview(kept.pk)
    path = attaching.preview_of(kept)
    from PIL import Image

    with Image.open(path) as small:
        assert small.format == "WEBP"
        assert small.size == (320, 180)
        assert not small.getexif()
    assert path.stat().st_mode & 0o777 == 0o600
    assert attaching.draw_preview(kept.pk)  # rung for twice
    assert not attaching.draw_preview(attach(files.pdf()).pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_attach_the_same_at_once_leave_one_and_the_other_is_told(store):
    head = factories.head()
    kam = factories.kam()
    dossier = factories.dossier(kam=kam, by=head)
    ready = threading.Barrier(2)
    said = []

    def one(person, name):
        try:
            ready.wait()
            attaching.attach(dossier, upload=files.pdf(name), by=person, today=TODAY)
            said.append("kept")
        except attaching.AlreadyThere as refusal:
            said.append(str(refusal))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=one, args=(kam, "One.pdf")),
        threading.Thread(target=one, args=(head, "Two.pdf")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(word if word == "kept" else "told" for word in said) == ["kept", "told"]
    assert Attachment.objects.count() == 1
    assert len(stored(store)) == 1
