import accounts.at_once
import django.db.models.deletion
import dossiers.models.attachment
import dossiers.models.record
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('dossiers', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        accounts.at_once.AtOnce(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='assessment',
                name='time_of_change',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='assessment',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='assessment',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='assessment',
                name='delete_delete',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='generalinformation',
                name='time_of_change',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='generalinformation',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='generalinformation',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='generalinformation',
                name='delete_delete',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='timelineentry',
                name='time_of_change',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='timelineentry',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='timelineentry',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='timelineentry',
                name='delete_delete',
            ), migrations.SeparateDatabaseAndState(
                database_operations=[
                    migrations.RunSQL(
                        sql='ALTER TABLE dossiers_generalinformation RENAME COLUMN industry TO industries',
                        reverse_sql='ALTER TABLE dossiers_generalinformation RENAME COLUMN industries TO industry',
                    ),
                    migrations.RunSQL(
                        sql="ALTER TABLE dossiers_generalinformation ALTER COLUMN industries TYPE varchar(80)[] USING CASE WHEN industries = '' THEN '{}'::varchar(80)[] ELSE ARRAY[left(industries, 80)::varchar(80)] END",
                        reverse_sql="ALTER TABLE dossiers_generalinformation ALTER COLUMN industries TYPE varchar(150) USING left(array_to_string(industries, ', '), 150)",
                    ),
                    migrations.RunSQL(
                        sql='ALTER TABLE dossiers_generalinformationevent RENAME COLUMN industry TO industries',
                        reverse_sql='ALTER TABLE dossiers_generalinformationevent RENAME COLUMN industries TO industry',
                    ),
                    migrations.RunSQL(
                        sql="ALTER TABLE dossiers_generalinformationevent ALTER COLUMN industries TYPE varchar(80)[] USING CASE WHEN industries = '' THEN '{}'::varchar(80)[] ELSE ARRAY[left(industries, 80)::varchar(80)] END",
                        reverse_sql="ALTER TABLE dossiers_generalinformationevent ALTER COLUMN industries TYPE varchar(150) USING left(array_to_string(industries, ', '), 150)",
                    ),
                ],
                state_operations=[
                    migrations.RenameField(
                        model_name='generalinformation',
                        old_name='industry',
                        new_name='industries',
                    ),
                    migrations.AlterField(
                        model_name='generalinformation',
                        name='industries',
                        field=dossiers.models.record.TagsField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='One or several, the main one first; separate them with commas.', size=None, verbose_name='industries'),
                    ),
                    migrations.RenameField(
                        model_name='generalinformationevent',
                        old_name='industry',
                        new_name='industries',
                    ),
                    migrations.AlterField(
                        model_name='generalinformationevent',
                        name='industries',
                        field=dossiers.models.record.TagsField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='One or several, the main one first; separate them with commas.', size=None, verbose_name='industries'),
                    ),
                ],
            ), migrations.AddField(
                model_name='assessment',
                name='wanted_score',
                field=models.PositiveSmallIntegerField(blank=True, choices=[(1, '1'), (2, '2'), (3, '3'), (4, '4'), (5, '5')], help_text='Where it shall stand in a year.', null=True, verbose_name='score in perspective'),
            ), migrations.AddField(
                model_name='assessmentevent',
                name='wanted_score',
                field=models.PositiveSmallIntegerField(blank=True, choices=[(1, '1'), (2, '2'), (3, '3'), (4, '4'), (5, '5')], help_text='Where it shall stand in a year.', null=True, verbose_name='score in perspective'),
            ), migrations.AddField(
                model_name='timelineentry',
                name='owner',
                field=models.ForeignKey(blank=True, help_text='Who of ours sees to it: for a complaint, a conflict, an initiative, an offer.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
            ), migrations.AddField(
                model_name='timelineentryevent',
                name='owner',
                field=models.ForeignKey(blank=True, db_constraint=False, help_text='Who of ours sees to it: for a complaint, a conflict, an initiative, an offer.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
            ), migrations.AlterField(
                model_name='timelineentry',
                name='resolved_on',
                field=models.DateField(blank=True, help_text='For a complaint or a conflict: leave empty while it is open.', null=True, verbose_name='resolved'),
            ), migrations.AlterField(
                model_name='timelineentryevent',
                name='resolved_on',
                field=models.DateField(blank=True, help_text='For a complaint or a conflict: leave empty while it is open.', null=True, verbose_name='resolved'),
            ), migrations.AddConstraint(
                model_name='assessment',
                constraint=models.CheckConstraint(condition=models.Q(('wanted_score__isnull', True), ('wanted_score__range', (1, 5)), _connector='OR'), name='assessment_wanted_score_1_to_5', violation_error_message='The score is a number from 1 to 5.'),
            ), migrations.CreateModel(
                name='Attachment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('file', models.FileField(max_length=120, upload_to=dossiers.models.attachment.place_of, verbose_name='file')),
                    ('name', models.CharField(max_length=200, verbose_name='file name')),
                    ('note', models.CharField(blank=True, help_text='One line that helps to find it.', max_length=250, verbose_name='what it is')),
                    ('media_type', models.CharField(editable=False, max_length=100)),
                    ('size', models.PositiveIntegerField(editable=False, verbose_name='size')),
                    ('sha256', models.CharField(editable=False, max_length=64)),
                    ('confirmed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='dossiers.dossier')),
                    ('updated_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'attachment',
                    'verbose_name_plural': 'attachments',
                    'ordering': ['-created_at', '-pk'],
                    'constraints': [models.UniqueConstraint(fields=('dossier', 'sha256'), name='one_attachment_per_content', violation_error_message='This very file is attached to the dossier already.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='attachment_has_name', violation_error_message='A file needs a name.')],
                },
            ), migrations.CreateModel(
                name='AttachmentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('file', models.FileField(max_length=120, upload_to=dossiers.models.attachment.place_of, verbose_name='file')),
                    ('name', models.CharField(max_length=200, verbose_name='file name')),
                    ('note', models.CharField(blank=True, help_text='One line that helps to find it.', max_length=250, verbose_name='what it is')),
                    ('media_type', models.CharField(editable=False, max_length=100)),
                    ('size', models.PositiveIntegerField(editable=False, verbose_name='size')),
                    ('sha256', models.CharField(editable=False, max_length=64)),
                    ('confirmed_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.dossier')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='dossiers.attachment')),
                    ('updated_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='SentForm',
                fields=[
                    ('token', models.UUIDField(primary_key=True, serialize=False)),
                    ('sent_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
            ), migrations.CreateModel(
                name='SurveyAnswer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('answered_on', models.DateField(verbose_name='date')),
                    ('kind', models.CharField(choices=[('nps', 'NPS: would they recommend us, 0–10'), ('csat', 'CSAT: how content are they, 1–5')], default='nps', max_length=4, verbose_name='question')),
                    ('score', models.PositiveSmallIntegerField(help_text='NPS: 0 to 10. CSAT: 1 to 5.', verbose_name='answer')),
                    ('comment', models.TextField(blank=True, verbose_name='in their words')),
                    ('confirmed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='survey_answers', to='dossiers.dossier')),
                    ('stakeholder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='dossiers.stakeholder', verbose_name='who answered')),
                    ('updated_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'answer to a survey',
                    'verbose_name_plural': 'NPS and CSAT',
                    'ordering': ['-answered_on', '-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'nps'), ('score__range', (0, 10))), models.Q(('kind', 'csat'), ('score__range', (1, 5))), _connector='OR'), name='survey_score_in_its_scale', violation_error_message='NPS is answered with 0 to 10, CSAT with 1 to 5.')],
                },
            ), migrations.CreateModel(
                name='SurveyAnswerEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('answered_on', models.DateField(verbose_name='date')),
                    ('kind', models.CharField(choices=[('nps', 'NPS: would they recommend us, 0–10'), ('csat', 'CSAT: how content are they, 1–5')], default='nps', max_length=4, verbose_name='question')),
                    ('score', models.PositiveSmallIntegerField(help_text='NPS: 0 to 10. CSAT: 1 to 5.', verbose_name='answer')),
                    ('comment', models.TextField(blank=True, verbose_name='in their words')),
                    ('confirmed_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.dossier')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='dossiers.surveyanswer')),
                    ('stakeholder', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.stakeholder', verbose_name='who answered')),
                    ('updated_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Tender',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('subject', models.CharField(max_length=200, verbose_name='subject')),
                    ('decided_on', models.DateField(help_text='When it was decided; while it is open, when the offer is due.', verbose_name='date')),
                    ('outcome', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('partly', 'Won in part'), ('lost', 'Lost'), ('cancelled', 'Called off')], default='open', max_length=10, verbose_name='outcome')),
                    ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='value of the tender')),
                    ('our_price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='our price')),
                    ('winner_price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="winner's price")),
                    ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                    ('winner', models.CharField(blank=True, help_text='Which rival won; leave empty where it was ourselves.', max_length=150, verbose_name='winner')),
                    ('win_reasons', dossiers.models.record.ChoiceArrayField(base_field=models.CharField(choices=[('price', 'Price'), ('terms', 'Terms of payment and contract'), ('product', 'Product and technical fit'), ('quality', 'Quality'), ('delivery', 'Delivery time and stock'), ('service', 'Service and support'), ('relationship', 'Relationship and trust'), ('references', 'References and experience'), ('incumbent', 'Whoever was there before'), ('risk', 'Risk and compliance'), ('formality', 'Formalities of the offer'), ('timing', 'Timing: too early or too late')], max_length=12), blank=True, default=list, size=None, verbose_name='what spoke for us')),
                    ('loss_reasons', dossiers.models.record.ChoiceArrayField(base_field=models.CharField(choices=[('price', 'Price'), ('terms', 'Terms of payment and contract'), ('product', 'Product and technical fit'), ('quality', 'Quality'), ('delivery', 'Delivery time and stock'), ('service', 'Service and support'), ('relationship', 'Relationship and trust'), ('references', 'References and experience'), ('incumbent', 'Whoever was there before'), ('risk', 'Risk and compliance'), ('formality', 'Formalities of the offer'), ('timing', 'Timing: too early or too late')], max_length=12), blank=True, default=list, size=None, verbose_name='what spoke against us')),
                    ('our_view', models.TextField(blank=True, help_text='Why it ended as it did, as we see it.', verbose_name='our view')),
                    ('client_debrief', models.TextField(blank=True, help_text='What the client told us, in his words, and who told it.', verbose_name="the client's own debrief")),
                    ('confirmed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tenders', to='dossiers.dossier')),
                    ('updated_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'tender',
                    'verbose_name_plural': 'tenders',
                    'ordering': ['-decided_on', '-pk'],
                    'indexes': [models.Index(fields=['dossier', '-decided_on'], name='dossiers_te_dossier_8a154f_idx')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['open', 'won', 'partly', 'lost', 'cancelled'])), name='tender_outcome_known'), models.CheckConstraint(condition=models.Q(('win_reasons__contained_by', ['price', 'terms', 'product', 'quality', 'delivery', 'service', 'relationship', 'references', 'incumbent', 'risk', 'formality', 'timing']), ('loss_reasons__contained_by', ['price', 'terms', 'product', 'quality', 'delivery', 'service', 'relationship', 'references', 'incumbent', 'risk', 'formality', 'timing'])), name='tender_reasons_known'), models.CheckConstraint(condition=models.Q(models.Q(('value__isnull', True), ('value__gte', 0), _connector='OR'), models.Q(('our_price__isnull', True), ('our_price__gte', 0), _connector='OR'), models.Q(('winner_price__isnull', True), ('winner_price__gte', 0), _connector='OR')), name='tender_prices_not_negative', violation_error_message='A price is nought or more.')],
                },
            ), migrations.CreateModel(
                name='TenderEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('subject', models.CharField(max_length=200, verbose_name='subject')),
                    ('decided_on', models.DateField(help_text='When it was decided; while it is open, when the offer is due.', verbose_name='date')),
                    ('outcome', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('partly', 'Won in part'), ('lost', 'Lost'), ('cancelled', 'Called off')], default='open', max_length=10, verbose_name='outcome')),
                    ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='value of the tender')),
                    ('our_price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='our price')),
                    ('winner_price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="winner's price")),
                    ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                    ('winner', models.CharField(blank=True, help_text='Which rival won; leave empty where it was ourselves.', max_length=150, verbose_name='winner')),
                    ('win_reasons', dossiers.models.record.ChoiceArrayField(base_field=models.CharField(choices=[('price', 'Price'), ('terms', 'Terms of payment and contract'), ('product', 'Product and technical fit'), ('quality', 'Quality'), ('delivery', 'Delivery time and stock'), ('service', 'Service and support'), ('relationship', 'Relationship and trust'), ('references', 'References and experience'), ('incumbent', 'Whoever was there before'), ('risk', 'Risk and compliance'), ('formality', 'Formalities of the offer'), ('timing', 'Timing: too early or too late')], max_length=12), blank=True, default=list, size=None, verbose_name='what spoke for us')),
                    ('loss_reasons', dossiers.models.record.ChoiceArrayField(base_field=models.CharField(choices=[('price', 'Price'), ('terms', 'Terms of payment and contract'), ('product', 'Product and technical fit'), ('quality', 'Quality'), ('delivery', 'Delivery time and stock'), ('service', 'Service and support'), ('relationship', 'Relationship and trust'), ('references', 'References and experience'), ('incumbent', 'Whoever was there before'), ('risk', 'Risk and compliance'), ('formality', 'Formalities of the offer'), ('timing', 'Timing: too early or too late')], max_length=12), blank=True, default=list, size=None, verbose_name='what spoke against us')),
                    ('our_view', models.TextField(blank=True, help_text='Why it ended as it did, as we see it.', verbose_name='our view')),
                    ('client_debrief', models.TextField(blank=True, help_text='What the client told us, in his words, and who told it.', verbose_name="the client's own debrief")),
                    ('confirmed_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.dossier')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='dossiers.tender')),
                    ('updated_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Tie',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('strength', models.PositiveSmallIntegerField(choices=[(0, '0 · none'), (1, '1 · acquainted'), (2, '2 · working'), (3, '3 · trusted')], default=1, verbose_name='tie now')),
                    ('wanted', models.PositiveSmallIntegerField(choices=[(0, '0 · none'), (1, '1 · acquainted'), (2, '2 · working'), (3, '3 · trusted')], default=2, verbose_name='tie wanted')),
                    ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                    ('colleague', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='our colleague')),
                    ('confirmed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ties', to='dossiers.dossier')),
                    ('stakeholder', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ties', to='dossiers.stakeholder', verbose_name='stakeholder')),
                    ('updated_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'tie',
                    'verbose_name_plural': 'our people and theirs',
                    'ordering': ['pk'],
                    'constraints': [models.UniqueConstraint(fields=('dossier', 'colleague', 'stakeholder'), name='one_tie_per_pair', violation_error_message='The tie of these two stands here already: change it instead.'), models.CheckConstraint(condition=models.Q(('strength__range', (0, 3)), ('wanted__range', (0, 3))), name='tie_strength_known')],
                },
            ), migrations.CreateModel(
                name='TieEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('strength', models.PositiveSmallIntegerField(choices=[(0, '0 · none'), (1, '1 · acquainted'), (2, '2 · working'), (3, '3 · trusted')], default=1, verbose_name='tie now')),
                    ('wanted', models.PositiveSmallIntegerField(choices=[(0, '0 · none'), (1, '1 · acquainted'), (2, '2 · working'), (3, '3 · trusted')], default=2, verbose_name='tie wanted')),
                    ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                    ('colleague', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='our colleague')),
                    ('confirmed_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.dossier')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='dossiers.tie')),
                    ('stakeholder', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.stakeholder', verbose_name='stakeholder')),
                    ('updated_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='WhiteSpace',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('product_line', models.CharField(max_length=120, verbose_name='product line')),
                    ('ground', models.CharField(choices=[('ours', 'Ours'), ('competitor', "A competitor's"), ('in_house', 'In-house'), ('open', 'Open')], default='open', max_length=12, verbose_name='whose it is')),
                    ('held_by', models.CharField(blank=True, help_text="Where it is a competitor's.", max_length=150, verbose_name='which competitor')),
                    ('worth', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='worth a year')),
                    ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                    ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                    ('confirmed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='white_space', to='dossiers.dossier')),
                    ('unit', models.ForeignKey(help_text="From the client's organisational structure.", on_delete=django.db.models.deletion.PROTECT, related_name='white_space', to='dossiers.orgunit', verbose_name='business unit')),
                    ('updated_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'cell of the white-space grid',
                    'verbose_name_plural': 'white space',
                    'ordering': ['product_line', 'unit', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('dossier', 'product_line', 'unit'), name='one_white_space_cell', violation_error_message='This product line and unit stand in the grid already: change that cell instead.'), models.CheckConstraint(condition=models.Q(('ground__in', ['ours', 'competitor', 'in_house', 'open'])), name='ground_known'), models.CheckConstraint(condition=models.Q(('worth__isnull', True), ('worth__gte', 0), _connector='OR'), name='white_space_worth_not_negative', violation_error_message='What a cell is worth is nought or more.')],
                },
            ), migrations.CreateModel(
                name='WhiteSpaceEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('source', models.CharField(blank=True, help_text='Where this is known from: a person, a document, a page.', max_length=200, verbose_name='source')),
                    ('certainty', models.CharField(choices=[('fact', 'Fact'), ('assumption', 'Assumption')], default='fact', max_length=12, verbose_name='fact or assumption')),
                    ('confirmed_on', models.DateField(editable=False, verbose_name='last confirmed')),
                    ('product_line', models.CharField(max_length=120, verbose_name='product line')),
                    ('ground', models.CharField(choices=[('ours', 'Ours'), ('competitor', "A competitor's"), ('in_house', 'In-house'), ('open', 'Open')], default='open', max_length=12, verbose_name='whose it is')),
                    ('held_by', models.CharField(blank=True, help_text="Where it is a competitor's.", max_length=150, verbose_name='which competitor')),
                    ('worth', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='worth a year')),
                    ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                    ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                    ('confirmed_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('dossier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.dossier')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='dossiers.whitespace')),
                    ('unit', models.ForeignKey(db_constraint=False, help_text="From the client's organisational structure.", on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='dossiers.orgunit', verbose_name='business unit')),
                    ('updated_by', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='a706f516d6c84b88bca42d128c8f5ee3e24d52b5', operation='UPDATE', pgid='pgtrigger_version_grows_8e50e', table='dossiers_attachment', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."file" IS DISTINCT FROM (NEW."file") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."media_type" IS DISTINCT FROM (NEW."media_type") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."source" IS DISTINCT FROM (NEW."source"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='7bd4c1b2ccb20443eeca0ea870e4667b56847966', operation='UPDATE', pgid='pgtrigger_time_of_change_87c55', table='dossiers_attachment', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_attachmentevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "file", "id", "media_type", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "source", "updated_at", "updated_by_id", "version") VALUES (NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."file", NEW."id", NEW."media_type", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."sha256", NEW."size", NEW."source", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='f5e50e875c58424b6b498a49002e69d3f6a8ee1f', operation='INSERT', pgid='pgtrigger_insert_insert_ce3bc', table='dossiers_attachment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_attachmentevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "file", "id", "media_type", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "source", "updated_at", "updated_by_id", "version") VALUES (NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."file", NEW."id", NEW."media_type", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."sha256", NEW."size", NEW."source", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='47c457114c83a292dee8f202eddba23961230887', operation='UPDATE', pgid='pgtrigger_update_update_f7a89', table='dossiers_attachment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_attachmentevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "file", "id", "media_type", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "source", "updated_at", "updated_by_id", "version") VALUES (OLD."certainty", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."dossier_id", OLD."file", OLD."id", OLD."media_type", OLD."name", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."sha256", OLD."size", OLD."source", OLD."updated_at", OLD."updated_by_id", OLD."version"); RETURN NULL;', hash='8abe2d10fbc3d843ec8515463ce9a47313f292a7', operation='DELETE', pgid='pgtrigger_delete_delete_54bfa', table='dossiers_attachment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='94117fc10f6e9eef039677cf9d60e9bfcb1a3a5e', operation='UPDATE', pgid='pgtrigger_version_grows_fef90', table='dossiers_surveyanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."answered_on" IS DISTINCT FROM (NEW."answered_on") OR OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."comment" IS DISTINCT FROM (NEW."comment") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."stakeholder_id" IS DISTINCT FROM (NEW."stakeholder_id"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='495a8d650b24b192e8524dacc66ca0348e571784', operation='UPDATE', pgid='pgtrigger_time_of_change_d33a5', table='dossiers_surveyanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_surveyanswerevent" ("answered_on", "certainty", "comment", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "stakeholder_id", "updated_at", "updated_by_id", "version") VALUES (NEW."answered_on", NEW."certainty", NEW."comment", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."score", NEW."source", NEW."stakeholder_id", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='c1a5e024bb00cad63ca6418b8aefaa9cc34af33c', operation='INSERT', pgid='pgtrigger_insert_insert_76fc3', table='dossiers_surveyanswer', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_surveyanswerevent" ("answered_on", "certainty", "comment", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "stakeholder_id", "updated_at", "updated_by_id", "version") VALUES (NEW."answered_on", NEW."certainty", NEW."comment", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."score", NEW."source", NEW."stakeholder_id", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='aa78ef5029bc806ed2aeedc88e76fdcce425ca33', operation='UPDATE', pgid='pgtrigger_update_update_a2493', table='dossiers_surveyanswer', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_surveyanswerevent" ("answered_on", "certainty", "comment", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "stakeholder_id", "updated_at", "updated_by_id", "version") VALUES (OLD."answered_on", OLD."certainty", OLD."comment", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."dossier_id", OLD."id", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."score", OLD."source", OLD."stakeholder_id", OLD."updated_at", OLD."updated_by_id", OLD."version"); RETURN NULL;', hash='14ed8224d08d6426c0a6fff310cd26d0739b7680', operation='DELETE', pgid='pgtrigger_delete_delete_a43db', table='dossiers_surveyanswer', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='surveyanswer',
                trigger=pgtrigger.compiler.Trigger(name='answer_in_same_dossier', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NEW.stakeholder_id IS NOT NULL AND NOT EXISTS (\n                SELECT 1 FROM dossiers_stakeholder WHERE id = NEW.stakeholder_id AND dossier_id = NEW.dossier_id\n            ) THEN\n                RAISE EXCEPTION 'answer_in_same_dossier: both have to belong to the same dossier'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_in_same_dossier';\n            END IF;\n            RETURN NEW;\n        ", hash='2fa64cea94d523528164c4c79dccf257b699558c', operation='INSERT OR UPDATE', pgid='pgtrigger_answer_in_same_dossier_b7502', table='dossiers_surveyanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tender',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='c2b058eccad986ef7334768f7586cc8060b0ab34', operation='UPDATE', pgid='pgtrigger_version_grows_0f160', table='dossiers_tender', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tender',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."client_debrief" IS DISTINCT FROM (NEW."client_debrief") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."decided_on" IS DISTINCT FROM (NEW."decided_on") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."loss_reasons" IS DISTINCT FROM (NEW."loss_reasons") OR OLD."our_price" IS DISTINCT FROM (NEW."our_price") OR OLD."our_view" IS DISTINCT FROM (NEW."our_view") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."value" IS DISTINCT FROM (NEW."value") OR OLD."win_reasons" IS DISTINCT FROM (NEW."win_reasons") OR OLD."winner" IS DISTINCT FROM (NEW."winner") OR OLD."winner_price" IS DISTINCT FROM (NEW."winner_price"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='1e49b2ac0c4dc5bd6a83d41c17d872c5fa630667', operation='UPDATE', pgid='pgtrigger_time_of_change_68289', table='dossiers_tender', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tender',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_tenderevent" ("certainty", "client_debrief", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "decided_on", "dossier_id", "id", "loss_reasons", "our_price", "our_view", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "subject", "updated_at", "updated_by_id", "value", "version", "win_reasons", "winner", "winner_price") VALUES (NEW."certainty", NEW."client_debrief", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."decided_on", NEW."dossier_id", NEW."id", NEW."loss_reasons", NEW."our_price", NEW."our_view", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."source", NEW."subject", NEW."updated_at", NEW."updated_by_id", NEW."value", NEW."version", NEW."win_reasons", NEW."winner", NEW."winner_price"); RETURN NULL;', hash='1de71d704db2f1f1e742e6fe75324c9d5c3cf6af', operation='INSERT', pgid='pgtrigger_insert_insert_1db06', table='dossiers_tender', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tender',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_tenderevent" ("certainty", "client_debrief", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "decided_on", "dossier_id", "id", "loss_reasons", "our_price", "our_view", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "subject", "updated_at", "updated_by_id", "value", "version", "win_reasons", "winner", "winner_price") VALUES (NEW."certainty", NEW."client_debrief", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."decided_on", NEW."dossier_id", NEW."id", NEW."loss_reasons", NEW."our_price", NEW."our_view", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source", NEW."subject", NEW."updated_at", NEW."updated_by_id", NEW."value", NEW."version", NEW."win_reasons", NEW."winner", NEW."winner_price"); RETURN NULL;', hash='f2d5f4b58ffff7e5fbaf10462295600e6c364503', operation='UPDATE', pgid='pgtrigger_update_update_32099', table='dossiers_tender', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tender',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_tenderevent" ("certainty", "client_debrief", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "decided_on", "dossier_id", "id", "loss_reasons", "our_price", "our_view", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "subject", "updated_at", "updated_by_id", "value", "version", "win_reasons", "winner", "winner_price") VALUES (OLD."certainty", OLD."client_debrief", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."decided_on", OLD."dossier_id", OLD."id", OLD."loss_reasons", OLD."our_price", OLD."our_view", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source", OLD."subject", OLD."updated_at", OLD."updated_by_id", OLD."value", OLD."version", OLD."win_reasons", OLD."winner", OLD."winner_price"); RETURN NULL;', hash='b53cd62b3f019716a36a3059d03a9e09107ffea0', operation='DELETE', pgid='pgtrigger_delete_delete_45e07', table='dossiers_tender', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='7aca9123d246cee0248a2d303255044a936a0459', operation='UPDATE', pgid='pgtrigger_version_grows_344b5', table='dossiers_tie', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."colleague_id" IS DISTINCT FROM (NEW."colleague_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."stakeholder_id" IS DISTINCT FROM (NEW."stakeholder_id") OR OLD."strength" IS DISTINCT FROM (NEW."strength") OR OLD."wanted" IS DISTINCT FROM (NEW."wanted"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='9cdfaf0e30be3a7eb2fa3131531f89f7bc6b6090', operation='UPDATE', pgid='pgtrigger_time_of_change_6732f', table='dossiers_tie', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_tieevent" ("certainty", "colleague_id", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "stakeholder_id", "strength", "updated_at", "updated_by_id", "version", "wanted") VALUES (NEW."certainty", NEW."colleague_id", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."source", NEW."stakeholder_id", NEW."strength", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."wanted"); RETURN NULL;', hash='7990821b00037adc902be743d7abe23f6fc0c927', operation='INSERT', pgid='pgtrigger_insert_insert_154a9', table='dossiers_tie', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_tieevent" ("certainty", "colleague_id", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "stakeholder_id", "strength", "updated_at", "updated_by_id", "version", "wanted") VALUES (NEW."certainty", NEW."colleague_id", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source", NEW."stakeholder_id", NEW."strength", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."wanted"); RETURN NULL;', hash='a9a71678b2493a3ed9c65c2456a69fb3c879cd28', operation='UPDATE', pgid='pgtrigger_update_update_bf3ba', table='dossiers_tie', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_tieevent" ("certainty", "colleague_id", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "stakeholder_id", "strength", "updated_at", "updated_by_id", "version", "wanted") VALUES (OLD."certainty", OLD."colleague_id", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."dossier_id", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source", OLD."stakeholder_id", OLD."strength", OLD."updated_at", OLD."updated_by_id", OLD."version", OLD."wanted"); RETURN NULL;', hash='743838b8f44564871605985ac2046b9fa8f4311b', operation='DELETE', pgid='pgtrigger_delete_delete_0de83', table='dossiers_tie', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='tie',
                trigger=pgtrigger.compiler.Trigger(name='tie_in_same_dossier', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NEW.stakeholder_id IS NOT NULL AND NOT EXISTS (\n                SELECT 1 FROM dossiers_stakeholder WHERE id = NEW.stakeholder_id AND dossier_id = NEW.dossier_id\n            ) THEN\n                RAISE EXCEPTION 'tie_in_same_dossier: both have to belong to the same dossier'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'tie_in_same_dossier';\n            END IF;\n            RETURN NEW;\n        ", hash='c5dc5ee0cd685eb2a0e9fa3320c495a7d2cbfb7b', operation='INSERT OR UPDATE', pgid='pgtrigger_tie_in_same_dossier_284b5', table='dossiers_tie', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='0fb1821a497a65903f547ad6215d398e993f9464', operation='UPDATE', pgid='pgtrigger_version_grows_a54ec', table='dossiers_whitespace', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."held_by" IS DISTINCT FROM (NEW."held_by") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."product_line" IS DISTINCT FROM (NEW."product_line") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."unit_id" IS DISTINCT FROM (NEW."unit_id") OR OLD."worth" IS DISTINCT FROM (NEW."worth"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='8dce553bab6eaaf02c02e10ede313822e52bd438', operation='UPDATE', pgid='pgtrigger_time_of_change_d036d', table='dossiers_whitespace', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_whitespaceevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "ground", "held_by", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "source", "unit_id", "updated_at", "updated_by_id", "version", "worth") VALUES (NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."dossier_id", NEW."ground", NEW."held_by", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_line", NEW."source", NEW."unit_id", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."worth"); RETURN NULL;', hash='cc345a7790ba73c141cb330c7d9ca1989d535f4b', operation='INSERT', pgid='pgtrigger_insert_insert_3769c', table='dossiers_whitespace', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_whitespaceevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "ground", "held_by", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "source", "unit_id", "updated_at", "updated_by_id", "version", "worth") VALUES (NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."dossier_id", NEW."ground", NEW."held_by", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_line", NEW."source", NEW."unit_id", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."worth"); RETURN NULL;', hash='c938840cc194f60b7a324ebbcdafae67919a81e6', operation='UPDATE', pgid='pgtrigger_update_update_52000', table='dossiers_whitespace', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_whitespaceevent" ("certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "ground", "held_by", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "source", "unit_id", "updated_at", "updated_by_id", "version", "worth") VALUES (OLD."certainty", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."dossier_id", OLD."ground", OLD."held_by", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."product_line", OLD."source", OLD."unit_id", OLD."updated_at", OLD."updated_by_id", OLD."version", OLD."worth"); RETURN NULL;', hash='faea5e94850d5a41ae1be763a17a211c5b30dbb4', operation='DELETE', pgid='pgtrigger_delete_delete_20883', table='dossiers_whitespace', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='whitespace',
                trigger=pgtrigger.compiler.Trigger(name='ground_in_same_dossier', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NEW.unit_id IS NOT NULL AND NOT EXISTS (\n                SELECT 1 FROM dossiers_orgunit WHERE id = NEW.unit_id AND dossier_id = NEW.dossier_id\n            ) THEN\n                RAISE EXCEPTION 'ground_in_same_dossier: both have to belong to the same dossier'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ground_in_same_dossier';\n            END IF;\n            RETURN NEW;\n        ", hash='d14878b5a608f67bbc922b191341d5e4e15d4d1e', operation='INSERT OR UPDATE', pgid='pgtrigger_ground_in_same_dossier_2fe6c', table='dossiers_whitespace', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assessment',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."assessed_on" IS DISTINCT FROM (NEW."assessed_on") OR OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."wanted_level" IS DISTINCT FROM (NEW."wanted_level") OR OLD."wanted_score" IS DISTINCT FROM (NEW."wanted_score"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='4e6e30f911203d0b7fdd925c17a1d1cd1d55ef24', operation='UPDATE', pgid='pgtrigger_time_of_change_9f2fc', table='dossiers_assessment', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assessment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_assessmentevent" ("assessed_on", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "text", "updated_at", "updated_by_id", "version", "wanted_level", "wanted_score") VALUES (NEW."assessed_on", NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."level", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."score", NEW."source", NEW."text", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."wanted_level", NEW."wanted_score"); RETURN NULL;', hash='b390028fd78cb8c791eab4ef97976a673528f4fe', operation='INSERT', pgid='pgtrigger_insert_insert_bf4f1', table='dossiers_assessment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assessment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_assessmentevent" ("assessed_on", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "text", "updated_at", "updated_by_id", "version", "wanted_level", "wanted_score") VALUES (NEW."assessed_on", NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."dossier_id", NEW."id", NEW."level", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."score", NEW."source", NEW."text", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."wanted_level", NEW."wanted_score"); RETURN NULL;', hash='1965d11699ee0511ea2d30caa33a99387e12ded9', operation='UPDATE', pgid='pgtrigger_update_update_ef030', table='dossiers_assessment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assessment',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_assessmentevent" ("assessed_on", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "dossier_id", "id", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "source", "text", "updated_at", "updated_by_id", "version", "wanted_level", "wanted_score") VALUES (OLD."assessed_on", OLD."certainty", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."dossier_id", OLD."id", OLD."level", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."score", OLD."source", OLD."text", OLD."updated_at", OLD."updated_by_id", OLD."version", OLD."wanted_level", OLD."wanted_score"); RETURN NULL;', hash='fa60d5325bf9d8c235bee0264cdd891ef32f447e', operation='DELETE', pgid='pgtrigger_delete_delete_ebfa4', table='dossiers_assessment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='generalinformation',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."brand" IS DISTINCT FROM (NEW."brand") OR OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."head_office" IS DISTINCT FROM (NEW."head_office") OR OLD."history" IS DISTINCT FROM (NEW."history") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."industries" IS DISTINCT FROM (NEW."industries") OR OLD."legal_name" IS DISTINCT FROM (NEW."legal_name") OR OLD."mission" IS DISTINCT FROM (NEW."mission") OR OLD."ownership" IS DISTINCT FROM (NEW."ownership") OR OLD."positioning" IS DISTINCT FROM (NEW."positioning") OR OLD."sites" IS DISTINCT FROM (NEW."sites") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."strategy" IS DISTINCT FROM (NEW."strategy") OR OLD."tax_id" IS DISTINCT FROM (NEW."tax_id") OR OLD."website" IS DISTINCT FROM (NEW."website"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='c27c78e85522c7c266c0ac0b46f9ce7bc3acc25d', operation='UPDATE', pgid='pgtrigger_time_of_change_3609e', table='dossiers_generalinformation', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='generalinformation',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_generalinformationevent" ("brand", "certainty", "channel", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "description", "dossier_id", "head_office", "history", "id", "industries", "legal_name", "mission", "ownership", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "positioning", "sites", "source", "strategy", "tax_id", "updated_at", "updated_by_id", "version", "website") VALUES (NEW."brand", NEW."certainty", NEW."channel", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."description", NEW."dossier_id", NEW."head_office", NEW."history", NEW."id", NEW."industries", NEW."legal_name", NEW."mission", NEW."ownership", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."positioning", NEW."sites", NEW."source", NEW."strategy", NEW."tax_id", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."website"); RETURN NULL;', hash='fb300b17c2775015324574f5ca630f068d51df16', operation='INSERT', pgid='pgtrigger_insert_insert_a7486', table='dossiers_generalinformation', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='generalinformation',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_generalinformationevent" ("brand", "certainty", "channel", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "description", "dossier_id", "head_office", "history", "id", "industries", "legal_name", "mission", "ownership", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "positioning", "sites", "source", "strategy", "tax_id", "updated_at", "updated_by_id", "version", "website") VALUES (NEW."brand", NEW."certainty", NEW."channel", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."description", NEW."dossier_id", NEW."head_office", NEW."history", NEW."id", NEW."industries", NEW."legal_name", NEW."mission", NEW."ownership", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."positioning", NEW."sites", NEW."source", NEW."strategy", NEW."tax_id", NEW."updated_at", NEW."updated_by_id", NEW."version", NEW."website"); RETURN NULL;', hash='a9c908689bf1b3269bed5c52ebd42c7e12cfccfa', operation='UPDATE', pgid='pgtrigger_update_update_d8b5f', table='dossiers_generalinformation', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='generalinformation',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_generalinformationevent" ("brand", "certainty", "channel", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "description", "dossier_id", "head_office", "history", "id", "industries", "legal_name", "mission", "ownership", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "positioning", "sites", "source", "strategy", "tax_id", "updated_at", "updated_by_id", "version", "website") VALUES (OLD."brand", OLD."certainty", OLD."channel", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."description", OLD."dossier_id", OLD."head_office", OLD."history", OLD."id", OLD."industries", OLD."legal_name", OLD."mission", OLD."ownership", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."positioning", OLD."sites", OLD."source", OLD."strategy", OLD."tax_id", OLD."updated_at", OLD."updated_by_id", OLD."version", OLD."website"); RETURN NULL;', hash='12139ddb525cece8074bb5ffab903f43465721a2', operation='DELETE', pgid='pgtrigger_delete_delete_7c0ab', table='dossiers_generalinformation', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='timelineentry',
                trigger=pgtrigger.compiler.Trigger(name='time_of_change', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."certainty" IS DISTINCT FROM (NEW."certainty") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."dossier_id" IS DISTINCT FROM (NEW."dossier_id") OR OLD."happened_on" IS DISTINCT FROM (NEW."happened_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."resolved_on" IS DISTINCT FROM (NEW."resolved_on") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."stakeholder_id" IS DISTINCT FROM (NEW."stakeholder_id") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."tone" IS DISTINCT FROM (NEW."tone"))', func='NEW.updated_at = clock_timestamp(); RETURN NEW;', hash='00f60d62ccd665baac9acf625e884281fe0d75e8', operation='UPDATE', pgid='pgtrigger_time_of_change_2037b', table='dossiers_timelineentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='timelineentry',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_timelineentryevent" ("amount", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "happened_on", "id", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_on", "source", "stakeholder_id", "text", "title", "tone", "updated_at", "updated_by_id", "version") VALUES (NEW."amount", NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."dossier_id", NEW."happened_on", NEW."id", NEW."kind", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."resolved_on", NEW."source", NEW."stakeholder_id", NEW."text", NEW."title", NEW."tone", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='c8a8075540c5e44bec4c453e524ab5e94cdb5a6d', operation='INSERT', pgid='pgtrigger_insert_insert_9d46f', table='dossiers_timelineentry', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='timelineentry',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "dossiers_timelineentryevent" ("amount", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "happened_on", "id", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_on", "source", "stakeholder_id", "text", "title", "tone", "updated_at", "updated_by_id", "version") VALUES (NEW."amount", NEW."certainty", NEW."confirmed_by_id", NEW."confirmed_on", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."dossier_id", NEW."happened_on", NEW."id", NEW."kind", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."resolved_on", NEW."source", NEW."stakeholder_id", NEW."text", NEW."title", NEW."tone", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='4a9172b40fcdd12654967ca94b6cddff5ed3faea', operation='UPDATE', pgid='pgtrigger_update_update_c6387', table='dossiers_timelineentry', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='timelineentry',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "dossiers_timelineentryevent" ("amount", "certainty", "confirmed_by_id", "confirmed_on", "created_at", "created_by_id", "currency", "dossier_id", "happened_on", "id", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_on", "source", "stakeholder_id", "text", "title", "tone", "updated_at", "updated_by_id", "version") VALUES (OLD."amount", OLD."certainty", OLD."confirmed_by_id", OLD."confirmed_on", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."dossier_id", OLD."happened_on", OLD."id", OLD."kind", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."resolved_on", OLD."source", OLD."stakeholder_id", OLD."text", OLD."title", OLD."tone", OLD."updated_at", OLD."updated_by_id", OLD."version"); RETURN NULL;', hash='2c17b65619ca8033112518e53ddbf0f7b4529689', operation='DELETE', pgid='pgtrigger_delete_delete_08848', table='dossiers_timelineentry', when='AFTER')),
            )],
        ),
    ]
