"""Each statement that changes one of these tables leaves a row in accounts_change: see accounts/remembered.py."""

from django.db import migrations

WATCHED = {
    "sales": ["segmentation_monthlysales"],
    "clients": ["accounts_client"],
    "people": ["accounts_user", "accounts_assignment"],
    "dossiers": ["dossiers_dossier", "dossiers_review"],
    "segments": ["segmentation_segmentationrun", "segmentation_segment"],
}

FUNCTION = """
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_change (subject) VALUES (TG_ARGV[0]);
    RETURN NULL;
END $$
"""


def _trigger(subject: str, table: str) -> str:
    return (
        f"CREATE TRIGGER noted_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION note_change('{subject}')"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_changes"),
        ("dossiers", "0007_names_for_the_audit"),
        ("segmentation", "0003_from_sales_to_key_clients"),
        ("portfolio", "0003_scenarios"),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION note_change()"),
        *(
            migrations.RunSQL(
                _trigger(subject, table), f"DROP TRIGGER noted_change ON {table}"
            )
            for subject, tables in WATCHED.items()
            for table in tables
        ),
    ]
