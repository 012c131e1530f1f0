"""A client that was merged into another is found by its old name, and what is found is the one it became.

Whoever moves a dossier to another client takes its lines along: see segmentation/merging.py.
"""

from django.db import migrations

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION search_write(spec text[], record jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    heading text := left(search_text(record, spec[3], ' · '), 1000);
    said text := left(search_text(record, spec[4], E'\n'), 50000);
    of_dossier bigint := record ->> nullif(spec[6], '');
    own text[] := search_words(heading);
    of_client bigint;
    client_name text;
BEGIN
    IF heading = '' AND said = '' THEN
        DELETE FROM portfolio_searchline
        WHERE piece = spec[2] AND record_id = (record ->> 'id')::bigint;
        RETURN;
    END IF;
    IF spec[1] = 'client' THEN
        of_client := coalesce(record ->> 'merged_into_id', record ->> 'id')::bigint;
    ELSIF of_dossier IS NOT NULL THEN
        SELECT client.id, client.name INTO of_client, client_name
        FROM dossiers_dossier AS dossier JOIN accounts_client AS client ON client.id = dossier.client_id
        WHERE dossier.id = of_dossier;
    END IF;
    INSERT INTO portfolio_searchline
        (kind, piece, record_id, client_id, dossier_id, day, title, body, title_words, words, near)
    VALUES (
        spec[1], spec[2], (record ->> 'id')::bigint, of_client, of_dossier,
        coalesce(record ->> nullif(spec[5], ''), record ->> 'updated_at', record ->> 'created_at', '2000-01-01')::timestamptz::date,
        heading, said,
        array_to_tsvector(search_marked(spec[1], own)),
        search_vector(spec[1], own || search_words(said), client_name),
        CASE WHEN spec[1] IN ('client', 'person', 'user') THEN search_near(search_marked(spec[1], own)) END)
    ON CONFLICT (piece, record_id) DO UPDATE SET
        kind = excluded.kind, client_id = excluded.client_id, dossier_id = excluded.dossier_id,
        day = excluded.day, title = excluded.title, body = excluded.body,
        title_words = excluded.title_words, words = excluded.words, near = excluded.near;
END $$;

CREATE FUNCTION search_client_merged() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id THEN
        UPDATE portfolio_searchline SET client_id = coalesce(NEW.merged_into_id, NEW.id)
        WHERE piece = 'client' AND record_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION search_dossier_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.client_id <> OLD.client_id THEN
        UPDATE portfolio_searchline
        SET client_id = NEW.client_id,
            words = search_vector(kind, search_words(title) || search_words(body),
                                  (SELECT name FROM accounts_client WHERE id = NEW.client_id))
        WHERE dossier_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER client_merged AFTER UPDATE ON accounts_client
FOR EACH ROW EXECUTE FUNCTION search_client_merged();
CREATE TRIGGER dossier_moved AFTER UPDATE ON dossiers_dossier
FOR EACH ROW EXECUTE FUNCTION search_dossier_moved();
"""

# The function search_write stays as it is now: without merged clients it says the same as before.
GONE = """
DROP TRIGGER dossier_moved ON dossiers_dossier;
DROP TRIGGER client_merged ON accounts_client;
DROP FUNCTION search_dossier_moved();
DROP FUNCTION search_client_merged();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_teams_and_merges"),
        ("dossiers", "0007_names_for_the_audit"),
        ("portfolio", "0004_watched_tables"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
