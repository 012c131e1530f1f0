import accounts.at_once
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dossiers', '0003_tenders_of_their_own'),
    ]

    operations = [
        accounts.at_once.AtOnce(
            operations=[migrations.RemoveConstraint(
                model_name='timelineentry',
                name='timeline_kind_known',
            ), migrations.AlterField(
                model_name='timelineentry',
                name='kind',
                field=models.CharField(choices=[('meeting', 'Meeting'), ('call', 'Call'), ('feedback', 'Feedback session'), ('delivery', 'Delivery'), ('contract', 'Contract'), ('initiative', 'Joint initiative'), ('complaint', 'Complaint or conflict'), ('offer', 'Special offer or gift')], default='meeting', max_length=12, verbose_name='what'),
            ), migrations.AlterField(
                model_name='timelineentryevent',
                name='kind',
                field=models.CharField(choices=[('meeting', 'Meeting'), ('call', 'Call'), ('feedback', 'Feedback session'), ('delivery', 'Delivery'), ('contract', 'Contract'), ('initiative', 'Joint initiative'), ('complaint', 'Complaint or conflict'), ('offer', 'Special offer or gift')], default='meeting', max_length=12, verbose_name='what'),
            ), migrations.AddConstraint(
                model_name='timelineentry',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['meeting', 'call', 'feedback', 'delivery', 'contract', 'initiative', 'complaint', 'offer'])), name='timeline_kind_known'),
            )],
        ),
    ]
