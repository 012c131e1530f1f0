"""What the client's master data say beside what stands in the dossier: nobody types it again, or looks it up."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import Client
from accounts.sorting import sort_key
from dossiers.models import GeneralInformation
from dossiers.showing import Cell


def state(client: Client) -> tuple:
    """What tells that the master data shown are the same."""
    return (client.tax_id, client.city, client.industry, client.channel)


def beside(cells: Sequence[Cell], sheet: GeneralInformation, client: Client) -> None:
    """Hint at the master data in each cell that says something else, or nothing."""
    known = {
        "tax_id": client.tax_id,
        "head_office": client.city,
        # A ledger has one word for what here are several, or another one.
        "industries": "" if sheet.industries else client.industry,
        "channel": client.channel,
    }
    for cell in cells:
        said = known.get(cell.name, "")
        if said and not _tells(cell.text, said):
            cell.hint = _("in the sales ledger: %(text)s") % {"text": said}


def _tells(text: str, said: str) -> bool:
    """Whether the text says what the master data say, among other things perhaps and in other spelling."""
    own = sort_key(text).replace(" ", "")
    return sort_key(said).replace(" ", "") in own
