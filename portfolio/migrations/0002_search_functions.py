"""How texts are folded and kept as search lines. `portfolio/folding.py` folds what is typed in the same way.

Nothing here asks the locale of the server: letters, accents and what parts words are written out, so that
every PostgreSQL from 15 on answers alike.
"""

from django.db import migrations

# Capital letters beyond A to Z, after NFKD and without marks: for servers whose locale does not know them.
CAPITALS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІЂЈЉЊЋЏЅҐҒҚҢӘӨҰҮҺŁØĐÐÞĦŊŦΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
SMALL = "абвгдежзиклмнопрстуфхцчшщъыьэюяєіђјљњћџѕґғқңәөұүһłøđðþħŋŧαβγδεζηθικλμνξοπρστυφχψω"
assert len(CAPITALS) == len(SMALL)

FUNCTIONS = rf"""
-- Case and accents folded away: Łódź and lodz are the same, ё and е too.
CREATE FUNCTION search_fold(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF octet_length(value) = char_length(value) THEN
        RETURN lower(value COLLATE "C");
    END IF;
    value := regexp_replace(normalize(value, NFKD) COLLATE "C", '[\u0300-\u036f\u0483-\u0487]', '', 'g');
    -- The server's locale is the quick way; what it leaves is done letter by letter.
    value := lower(lower(value COLLATE "C") COLLATE "default");
    IF value COLLATE "C" ~ '[{CAPITALS}]' THEN
        value := translate(value, '{CAPITALS}', '{SMALL}');
    END IF;
    value := translate(value, 'łøđς', 'lodσ');
    RETURN replace(replace(replace(replace(replace(replace(
        value, 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe');
END $$;

-- The different words of a text, folded. Words are parted by whatever is no letter and no figure.
CREATE FUNCTION search_words(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, 40)), '{{}}')
    FROM regexp_split_to_table(
        search_fold(left(value, 50000)),
        '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]+'
    ) AS word
    WHERE word <> ''
$$;

-- Each word of four letters or more, as it is and with any one letter left out; the kind before it stays.
CREATE FUNCTION search_near(marked text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT CASE
        WHEN at = 1 THEN word ELSE left(word, at - 1) || substr(word, at + 1) END), '{{}}'))
    FROM unnest(marked) AS word, generate_series(1, length(word)) AS at
    WHERE length(word) BETWEEN 5 AND 25
$$;

-- The named columns of a row as one text; what is empty is left out.
CREATE FUNCTION search_text(record jsonb, names text, between_them text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(said, between_them ORDER BY place) FILTER (WHERE said <> ''), '')
    FROM unnest(string_to_array(names, ',')) WITH ORDINALITY AS named(name, place),
    LATERAL (SELECT CASE jsonb_typeof(record -> name)
        WHEN 'array' THEN (SELECT string_agg(tag, ', ') FROM jsonb_array_elements_text(record -> name) AS tag)
        ELSE record ->> name END AS said) AS value
$$;

-- What a line is found by: its words, each with the first letter of its kind before it, so that one index
-- serves all kinds and a word that is common in one does not slow down another.
CREATE FUNCTION search_marked(kind text, words text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT left(kind, 1) || word FROM unnest(words) AS word)
$$;

-- Beside the words of the text those of the client's name, told apart by an @.
CREATE FUNCTION search_vector(kind text, words text[], client_name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(
        search_marked(kind, words)
        || ARRAY(SELECT left(kind, 1) || '@' || word FROM unnest(search_words(coalesce(client_name, ''))) AS word))
$$;

-- Writes the line of one row, or takes it away where the row says nothing.
-- spec: kind, piece, columns of the title, columns of the text, column of the day, column of the dossier.
CREATE FUNCTION search_write(spec text[], record jsonb) RETURNS void
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
        of_client := (record ->> 'id')::bigint;
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

-- The trigger of every table that is searched; its arguments are the spec of `search_write`.
CREATE FUNCTION search_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    -- TG_ARGV counts from nought and arrays from one; a slice of it counts from one.
    spec text[] := TG_ARGV[0:5];
    before jsonb;
    after jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM portfolio_searchline WHERE piece = spec[2] AND record_id = OLD.id;
        RETURN NULL;
    END IF;
    after := to_jsonb(NEW);
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD);
        IF search_text(before, spec[3] || ',' || spec[4] || ',' || spec[5], E'\n')
            = search_text(after, spec[3] || ',' || spec[4] || ',' || spec[5], E'\n') THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM search_write(spec, after);
    IF TG_OP = 'UPDATE' AND spec[1] = 'client' AND before ->> 'name' <> after ->> 'name' THEN
        UPDATE portfolio_searchline
        SET words = search_vector(kind, search_words(title) || search_words(body), after ->> 'name')
        WHERE client_id = NEW.id AND dossier_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
"""

GONE = """
DROP FUNCTION search_keep() CASCADE;
DROP FUNCTION search_write(text[], jsonb);
DROP FUNCTION search_vector(text, text[], text);
DROP FUNCTION search_marked(text, text[]);
DROP FUNCTION search_text(jsonb, text, text);
DROP FUNCTION search_near(text[]);
DROP FUNCTION search_words(text);
DROP FUNCTION search_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_search_lines")]

    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
