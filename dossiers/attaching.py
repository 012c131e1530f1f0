"""Files come to a dossier, are given out again, and are swept when nothing knows them any more.

A file is looked at before it is kept: its size, what it really is, and whether the dossier has it already.
It is written first and entered afterwards, so that there is never an entry without its file; a process killed
between the two leaves a file without an entry, which `sweep` removes. A deleted attachment keeps its file,
because the change history may bring it back.
"""

import contextlib
import datetime
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.kam_format import day
from dossiers import editing
from dossiers.models import Attachment, Dossier
from dossiers.recognising import BY_TYPE, CHUNK, ENDINGS, Kind, by_content, by_name

# How many files a form without scripts may carry, if all were as large as one may be.
AT_ONCE = 5
# A picture that says to be larger is no picture but an attempt to fill the memory of whoever opens it.
MOST_POINTS = 120_000_000
# A file that is not entered after so long belonged to a process that was killed.
GIVEN_UP_AFTER = datetime.timedelta(days=1)


class NotAttached(Exception):
    """The file was not kept; the text is a sentence for the person, which names the file."""


class TooLarge(NotAttached):
    pass


class WrongKind(NotAttached):
    pass


class AlreadyThere(NotAttached):
    pass


class NotYours(NotAttached):
    """The person may not edit this dossier (any more), or it is closed."""


def size_limit() -> int:
    """The largest file that may be attached, in bytes."""
    return settings.KAM_ATTACHMENT_LIMIT


def body_limit() -> int:
    """The largest request with files for a dossier, in bytes."""
    return size_limit() * AT_ONCE


def attach(dossier: Dossier, *, upload: UploadedFile, by: User, today: datetime.date) -> Attachment:
    """Keep a file with the dossier. Raises a NotAttached; then nothing was kept."""
    if not Dossier.objects.editable_by(by).filter(pk=dossier.pk).exists():
        raise NotYours(_("You cannot edit this dossier: it is closed, or no longer in your hands."))
    name = upload.name or _("(no name)")
    kind = _kind(upload, name)
    sha256 = _sum(upload)
    _refuse_twice(dossier, sha256, name)
    attachment = Attachment(
        dossier=dossier,
        name=name,
        media_type=kind.media_type,
        size=upload.size,
        sha256=sha256,
        created_by=by,
        updated_by=by,
        confirmed_by=by,
        confirmed_on=today,
    )
    attachment.tidy_name()
    attachment.file.save(attachment.name, upload, save=False)
    try:
        with transaction.atomic(), pghistory.context(user=by.pk):
            editing.hold(dossier, by)  # handed over or closed while the file was read and written
            attachment.save(force_insert=True)
    except BaseException as failure:
        attachment.file.delete(save=False)
        if isinstance(failure, editing.NotEditable):
            raise NotYours(str(failure)) from failure
        if isinstance(failure, IntegrityError):  # somebody else was a moment quicker
            _refuse_twice(dossier, sha256, name)
        raise
    return attachment


def _kind(upload: UploadedFile, name: str) -> Kind:
    size = upload.size or 0
    if size > size_limit():
        raise TooLarge(
            _("“%(name)s” has %(size)s; at most %(limit)s can be attached.")
            % {
                "name": name,
                "size": filesizeformat(size),
                "limit": filesizeformat(size_limit()),
            }
        )
    if not size:
        raise WrongKind(_("“%(name)s” is empty: there is nothing in the file.") % {"name": name})
    said = by_name(name)
    if said is None:
        raise WrongKind(
            _("“%(name)s” is not of a kind that can be attached. These can: %(kinds)s.")
            % {"name": name, "kinds": ENDINGS}
        )
    found = by_content(upload.file, said=said)
    if found != said:
        raise WrongKind(
            _(
                "“%(name)s” does not hold what its name says, or holds macros. Save it anew as %(kind)s, or attach "
                "it under its right name."
            )
            % {"name": name, "kind": f"{said.label} (.{said.endings[0]})"}
        )
    if found.is_picture:
        _refuse_bomb(upload, name)
    return found


def _refuse_bomb(upload: UploadedFile, name: str) -> None:
    from dossiers import picturing  # loaded by who meets a picture, and by nobody else

    size = picturing.size_of(upload.file)
    if size is None:
        raise WrongKind(_("“%(name)s” cannot be read as a picture.") % {"name": name})
    width, height = size
    if width * height > MOST_POINTS:
        raise WrongKind(
            _("“%(name)s” is %(width)d × %(height)d points large; at most %(most)d million can be attached.")
            % {"name": name, "width": width, "height": height, "most": MOST_POINTS // 10**6}
        )  # fmt: skip


def _sum(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _refuse_twice(dossier: Dossier, sha256: str, name: str) -> None:
    there = Attachment.objects.filter(dossier=dossier, sha256=sha256).first()
    if there is not None:
        raise AlreadyThere(
            _("“%(name)s” is attached already, as “%(there)s”.") % {"name": name, "there": there}
        )


def kind_of(attachment: Attachment) -> Kind:
    return BY_TYPE[attachment.media_type]


def facts(attachment: Attachment) -> dict[str, Any]:
    """What a list says of a file besides its name and note."""
    kind = kind_of(attachment)
    place = [attachment.dossier_id, attachment.pk]
    came = {"day": day(attachment.created_at), "who": attachment.updated_by}
    return {
        "kind": str(kind.label),
        "icon": kind.icon,
        "is_shown": kind.is_shown,
        "size": filesizeformat(attachment.size),
        "url": reverse("dossiers:attachment", args=[*place, attachment.name]),
        "preview": reverse("dossiers:attachment_preview", args=place) if kind.is_picture else "",
        "came": (
            _("attached %(day)s by %(who)s")
            if attachment.version == 1
            else _("attached %(day)s, last changed by %(who)s")
        )
        % came,
    }


# ── The store ────────────────────────────────────────────────────────────────────────────────


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "attachments"


def previews() -> Path:
    return Path(settings.MEDIA_ROOT) / "previews"


def preview_of(attachment: Attachment) -> Path:
    """Where the small picture of an attachment lies, once it was drawn."""
    return previews() / f"{Path(attachment.file.name).name}.webp"


def draw_preview(pk: int) -> bool:
    """Draw the small picture of an attachment; whether there is one now. May be called twice."""
    attachment = Attachment.objects.filter(pk=pk).first()
    if attachment is None or not kind_of(attachment).is_picture:
        return False
    path = preview_of(attachment)
    if path.exists():
        return True
    from dossiers import picturing

    try:
        with attachment.file.open("rb") as file:
            return picturing.draw_small(file, path)
    except FileNotFoundError:
        return False


def sweep(*, now: float | None = None) -> int:
    """Remove files that neither an attachment nor the history of one knows, a day after they came. How many went."""
    oldest = (now or time.time()) - GIVEN_UP_AFTER.total_seconds()
    gone = 0
    for batch in _batches(_older(folder().glob("*/*"), oldest)):
        names = {f"attachments/{path.parent.name}/{path.name}": path for path in batch}
        known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        events = Attachment.pgh_event_model.objects.filter(file__in=names)
        known.update(events.values_list("file", flat=True))
        gone += sum(_remove(path) for name, path in names.items() if name not in known)
    for batch in _batches(_older(previews().glob("*"), oldest)):
        # A preview is drawn again when somebody looks, so that of a deleted attachment is not kept.
        names = {f"attachments/{path.stem[:2]}/{path.stem}": path for path in batch}
        known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        gone += sum(_remove(path) for name, path in names.items() if name not in known)
    return gone


def _older(paths: Iterator[Path], oldest: float) -> Iterator[Path]:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < oldest:
                yield path


def _batches(paths: Iterator[Path], size: int = 500) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for path in paths:
        batch.append(path)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
