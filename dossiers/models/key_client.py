"""A key client has exactly one open dossier, and an open dossier belongs to a key client.

Two tables are involved and both change in one transaction, so the rule is checked at its end, by
deferred constraint triggers. The client's own model lies a floor below and does not know dossiers:
the proxy carries the trigger for it.
"""

import pgtrigger
from django.utils.translation import gettext_lazy as _

from accounts.models import Client
from dossiers.models.dossier import Dossier

CHECK = """
    IF EXISTS (SELECT 1 FROM accounts_client WHERE id = {client} AND stage = 'key')
       <> EXISTS (SELECT 1 FROM dossiers_dossier WHERE client_id = {client} AND closed_on IS NULL) THEN
        RAISE EXCEPTION 'key_client_has_open_dossier: a key client has exactly one open dossier, others have none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'key_client_has_open_dossier';
    END IF;
    RETURN NULL;
"""


class KeyClient(Client):
    class Meta:
        proxy = True
        verbose_name = _("key client")
        verbose_name_plural = _("key clients")
        triggers = [
            pgtrigger.Trigger(
                name="key_client_has_open_dossier",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=CHECK.format(client="NEW.id"),
            )
        ]


pgtrigger.register(
    pgtrigger.Trigger(
        name="open_dossier_of_key_client",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=CHECK.format(client="COALESCE(NEW.client_id, OLD.client_id)"),
    )
)(Dossier)
