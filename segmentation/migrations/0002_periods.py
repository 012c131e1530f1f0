from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("segmentationrun", "run_has_months"),
        migrations.RenameField("segmentationrun", "months", "periods"),
        migrations.RenameField("segmentationrunevent", "months", "periods"),
        migrations.RenameField("segment", "months", "nets"),
        migrations.RenameField("segment", "active_months", "active_periods"),
        migrations.RenameField("segment", "history_months", "history_periods"),
    ]
