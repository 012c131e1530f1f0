from django.db import migrations

# What the timeline said of a tender becomes a tender; the history of the old entry keeps it as it was.
TO_TENDERS = """
    INSERT INTO dossiers_tender (
        dossier_id, subject, decided_on, outcome, value, currency, winner, win_reasons, loss_reasons,
        our_view, client_debrief, version, created_at, created_by_id, updated_at, updated_by_id,
        source, certainty, confirmed_on, confirmed_by_id)
    SELECT dossier_id, title, happened_on,
           CASE tone WHEN 'good' THEN 'won' WHEN 'bad' THEN 'lost' ELSE 'open' END,
           amount, currency, '', '{}', '{}', text, '', 1, created_at, created_by_id, updated_at, updated_by_id,
           source, certainty, confirmed_on, confirmed_by_id
    FROM dossiers_timelineentry WHERE kind = 'tender' ORDER BY id;
    DELETE FROM dossiers_timelineentry WHERE kind = 'tender';
"""


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0002_kept_dossier")]

    operations = [migrations.RunSQL(TO_TENDERS, migrations.RunSQL.noop)]
