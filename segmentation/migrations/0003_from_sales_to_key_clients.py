import accounts.at_once
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_teams_and_merges'),
        ('accounts', '__first__'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('segmentation', '0002_periods'),
    ]

    operations = [
        accounts.at_once.AtOnce(
            operations=[migrations.CreateModel(
                name='CellAction',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('cell', models.CharField(max_length=2, unique=True, verbose_name='cell')),
                    ('do', models.CharField(max_length=60, verbose_name='in two words')),
                    ('text', models.TextField(verbose_name='what to do')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                    ('updated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ],
                options={
                    'verbose_name': 'action of a cell',
                    'verbose_name_plural': 'actions of cells',
                    'constraints': [models.CheckConstraint(condition=models.Q(('cell__in', ('AX', 'AY', 'AZ', 'BX', 'BY', 'BZ', 'CX', 'CY', 'CZ'))), name='cell_action_cell_known')],
                },
            ), migrations.CreateModel(
                name='CellActionEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('cell', models.CharField(max_length=2, verbose_name='cell')),
                    ('do', models.CharField(max_length=60, verbose_name='in two words')),
                    ('text', models.TextField(verbose_name='what to do')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.cellaction')),
                    ('updated_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='ClientMerge',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.TextField(blank=True, verbose_name='reason')),
                    ('moved', models.JSONField(default=dict, help_text='{"dossiers.Dossier": [3, 4], …}', verbose_name='moved')),
                    ('merged_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='merged')),
                    ('split_at', models.DateTimeField(null=True, verbose_name='taken apart')),
                    ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='accounts.client', verbose_name='client kept')),
                    ('merged', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merged_by', to='accounts.client', verbose_name='client merged into it')),
                    ('merged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='merged by')),
                    ('split_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken apart by')),
                ],
                options={
                    'verbose_name': 'merge of clients',
                    'verbose_name_plural': 'merges of clients',
                    'ordering': ['-merged_at', '-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('kept', models.F('merged')), _negated=True), name='merge_of_two_clients', violation_error_message='Choose two different clients.')],
                },
            ), migrations.CreateModel(
                name='ClientMergeEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('reason', models.TextField(blank=True, verbose_name='reason')),
                    ('moved', models.JSONField(default=dict, help_text='{"dossiers.Dossier": [3, 4], …}', verbose_name='moved')),
                    ('merged_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='merged')),
                    ('split_at', models.DateTimeField(null=True, verbose_name='taken apart')),
                    ('kept', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client kept')),
                    ('merged', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client merged into it')),
                    ('merged_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='merged by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.clientmerge')),
                    ('split_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken apart by')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='CriterionScore',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('criterion', models.CharField(help_text="key of the policy's criteria", max_length=40, verbose_name='criterion')),
                    ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                    ('reason', models.TextField(verbose_name='reason')),
                    ('judged_on', models.DateField(verbose_name='judged on')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criterion_scores', to='accounts.client', verbose_name='client')),
                    ('judged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                ],
                options={
                    'verbose_name': 'score by a criterion',
                    'verbose_name_plural': 'scores by criteria',
                    'constraints': [models.UniqueConstraint(fields=('client', 'criterion'), name='one_score_per_client_and_criterion'), models.CheckConstraint(condition=models.Q(('score__lte', 5)), name='criterion_score_up_to_5', violation_error_message='A score lies between 0 and 5.'), models.CheckConstraint(condition=models.Q(('reason__regex', '\\S')), name='criterion_score_has_reason', violation_error_message='Give the reason for the score.')],
                },
            ), migrations.CreateModel(
                name='CriterionScoreEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('criterion', models.CharField(help_text="key of the policy's criteria", max_length=40, verbose_name='criterion')),
                    ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                    ('reason', models.TextField(verbose_name='reason')),
                    ('judged_on', models.DateField(verbose_name='judged on')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('judged_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.criterionscore')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='DoubtfulMatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(choices=[('same_name', 'The same name, but for the legal form'), ('similar_name', 'A similar name'), ('tax_id', 'The same number, another tax id')], max_length=12, verbose_name='why')),
                    ('state', models.CharField(choices=[('open', 'Open'), ('same', 'The same client'), ('different', 'Two clients')], default='open', max_length=10, verbose_name='state')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                    ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.client', verbose_name='perhaps the same as')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='doubts', to='accounts.client', verbose_name='new client')),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('sales_import', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'verbose_name': 'doubtful match',
                    'verbose_name_plural': 'doubtful matches',
                    'ordering': ['-created_at', '-pk'],
                    'constraints': [models.UniqueConstraint(fields=('client', 'candidate'), name='each_doubt_once'), models.CheckConstraint(condition=models.Q(('client', models.F('candidate')), _negated=True), name='doubt_of_two_clients'), models.CheckConstraint(condition=models.Q(('reason__in', ['same_name', 'similar_name', 'tax_id']), ('state__in', ['open', 'same', 'different'])), name='doubt_state_known')],
                },
            ), migrations.CreateModel(
                name='DoubtfulMatchEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('reason', models.CharField(choices=[('same_name', 'The same name, but for the legal form'), ('similar_name', 'A similar name'), ('tax_id', 'The same number, another tax id')], max_length=12, verbose_name='why')),
                    ('state', models.CharField(choices=[('open', 'Open'), ('same', 'The same client'), ('different', 'Two clients')], default='open', max_length=10, verbose_name='state')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                    ('candidate', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='perhaps the same as')),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='new client')),
                    ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.doubtfulmatch')),
                    ('sales_import', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='LedgerNumber',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.CharField(max_length=64, unique=True, verbose_name='number in the sales ledger')),
                    ('matched_by', models.CharField(choices=[('number', 'Its number in the ledger'), ('tax_id', 'Its tax id'), ('created', 'Created by the import'), ('merged', 'Merged with another client')], max_length=8, verbose_name='matched by')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger_numbers', to='accounts.client', verbose_name='client')),
                    ('sales_import', models.ForeignKey(blank=True, help_text='That first brought the number.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ledger_numbers', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'verbose_name': 'ledger number',
                    'verbose_name_plural': 'ledger numbers',
                    'constraints': [models.CheckConstraint(condition=models.Q(('matched_by__in', ['number', 'tax_id', 'created', 'merged'])), name='ledger_number_matched_by_known')],
                },
            ), migrations.CreateModel(
                name='LedgerNumberEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('number', models.CharField(max_length=64, verbose_name='number in the sales ledger')),
                    ('matched_by', models.CharField(choices=[('number', 'Its number in the ledger'), ('tax_id', 'Its tax id'), ('created', 'Created by the import'), ('merged', 'Merged with another client')], max_length=8, verbose_name='matched by')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.ledgernumber')),
                    ('sales_import', models.ForeignKey(blank=True, db_constraint=False, help_text='That first brought the number.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Policy',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('measure', models.CharField(choices=[('revenue', 'Revenue'), ('margin', 'Margin')], default='revenue', max_length=8, verbose_name='measure')),
                    ('unit', models.CharField(choices=[('month', 'Month'), ('quarter', 'Quarter'), ('week', 'Week')], default='month', max_length=8, verbose_name='period')),
                    ('periods', models.PositiveSmallIntegerField(default=12, verbose_name='number of periods')),
                    ('abc_by', models.CharField(choices=[('limits', 'Limits of the share'), ('computed', 'Computed limits (ABC analysis after Ultsch)')], default='limits', max_length=8, verbose_name='ABC by')),
                    ('abc_a', models.DecimalField(decimal_places=4, default=80, max_digits=7, verbose_name='A while the share before is under, %')),
                    ('abc_b', models.DecimalField(decimal_places=4, default=95, max_digits=7, verbose_name='B while the share before is under, %')),
                    ('xyz_method', models.CharField(choices=[('cv', 'Coefficient of variation'), ('frequency', 'Purchase frequency')], default='cv', max_length=10, verbose_name='XYZ by')),
                    ('cv_x', models.CharField(default='0.10', max_length=24, verbose_name='variation: limit of X')),
                    ('cv_y', models.CharField(default='0.25', max_length=24, verbose_name='variation: limit of Y')),
                    ('frequency_x', models.CharField(default='10/12', max_length=24, verbose_name='frequency: limit of X')),
                    ('frequency_y', models.CharField(default='5/12', max_length=24, verbose_name='frequency: limit of Y')),
                    ('min_history', models.PositiveSmallIntegerField(default=0, verbose_name='history needed, periods')),
                    ('criteria', models.JSONField(blank=True, default=list, verbose_name='criteria and weights')),
                    ('growth_months', models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1)], verbose_name='growth: months compared with as many before')),
                    ('breadwinner_share', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='breadwinner from a share of sales of, %')),
                    ('rhythm_min_orders', models.PositiveSmallIntegerField(default=4, verbose_name='orders needed to know a rhythm')),
                    ('slip_spreads', models.DecimalField(decimal_places=1, default=Decimal('2'), max_digits=4, verbose_name='slipping: spreads past the usual interval')),
                    ('slip_factor', models.DecimalField(decimal_places=1, default=Decimal('1.5'), max_digits=4, verbose_name='slipping: at least so many usual intervals')),
                    ('lost_factor', models.DecimalField(decimal_places=1, default=Decimal('4'), max_digits=4, verbose_name='lost: after so many usual intervals')),
                    ('lost_min_days', models.PositiveSmallIntegerField(default=90, verbose_name='lost: but never before, days')),
                    ('first_share_high', models.DecimalField(decimal_places=2, default=25, max_digits=5, verbose_name='largest client: high from a share of, %')),
                    ('first_share_medium', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='largest client: raised from a share of, %')),
                    ('hhi_medium', models.PositiveSmallIntegerField(default=1000, verbose_name='Herfindahl index: moderate from')),
                    ('hhi_high', models.PositiveSmallIntegerField(default=1800, verbose_name='Herfindahl index: high from')),
                    ('fixed_costs', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='fixed costs a month')),
                    ('reserve', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='money in reserve')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('reason', models.TextField(blank=True, verbose_name='why it was changed')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='set')),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ],
                options={
                    'verbose_name': 'policy',
                    'verbose_name_plural': 'policies',
                    'ordering': ['-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('abc_a__gt', 0), ('abc_b__gt', models.F('abc_a')), ('abc_b__lte', 100)), name='policy_abc_limits_in_order', violation_error_message='The limits of ABC are percentages, the first smaller than the second.'), models.CheckConstraint(condition=models.Q(('periods__gte', 1), ('periods__lte', 260)), name='policy_has_periods', violation_error_message='The window is between 1 and 260 periods long.'), models.CheckConstraint(condition=models.Q(('lost_factor__gt', models.F('slip_factor')), ('slip_factor__gte', 1), ('slip_spreads__gte', 0)), name='policy_lost_after_slipping', violation_error_message='A client is slipping before it is lost: the factor of lost is the larger.'), models.CheckConstraint(condition=models.Q(('rhythm_min_orders__gte', 3)), name='policy_rhythm_needs_three_orders', violation_error_message='A rhythm needs at least three orders, which are two intervals.'), models.CheckConstraint(condition=models.Q(('hhi_high__lte', 10000), ('hhi_medium__lt', models.F('hhi_high')), ('first_share_high__lte', 100), ('first_share_medium__lt', models.F('first_share_high'))), name='policy_bands_in_order', violation_error_message='The limits of the bands rise.')],
                },
            ), migrations.CreateModel(
                name='PolicyEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('measure', models.CharField(choices=[('revenue', 'Revenue'), ('margin', 'Margin')], default='revenue', max_length=8, verbose_name='measure')),
                    ('unit', models.CharField(choices=[('month', 'Month'), ('quarter', 'Quarter'), ('week', 'Week')], default='month', max_length=8, verbose_name='period')),
                    ('periods', models.PositiveSmallIntegerField(default=12, verbose_name='number of periods')),
                    ('abc_by', models.CharField(choices=[('limits', 'Limits of the share'), ('computed', 'Computed limits (ABC analysis after Ultsch)')], default='limits', max_length=8, verbose_name='ABC by')),
                    ('abc_a', models.DecimalField(decimal_places=4, default=80, max_digits=7, verbose_name='A while the share before is under, %')),
                    ('abc_b', models.DecimalField(decimal_places=4, default=95, max_digits=7, verbose_name='B while the share before is under, %')),
                    ('xyz_method', models.CharField(choices=[('cv', 'Coefficient of variation'), ('frequency', 'Purchase frequency')], default='cv', max_length=10, verbose_name='XYZ by')),
                    ('cv_x', models.CharField(default='0.10', max_length=24, verbose_name='variation: limit of X')),
                    ('cv_y', models.CharField(default='0.25', max_length=24, verbose_name='variation: limit of Y')),
                    ('frequency_x', models.CharField(default='10/12', max_length=24, verbose_name='frequency: limit of X')),
                    ('frequency_y', models.CharField(default='5/12', max_length=24, verbose_name='frequency: limit of Y')),
                    ('min_history', models.PositiveSmallIntegerField(default=0, verbose_name='history needed, periods')),
                    ('criteria', models.JSONField(blank=True, default=list, verbose_name='criteria and weights')),
                    ('growth_months', models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1)], verbose_name='growth: months compared with as many before')),
                    ('breadwinner_share', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='breadwinner from a share of sales of, %')),
                    ('rhythm_min_orders', models.PositiveSmallIntegerField(default=4, verbose_name='orders needed to know a rhythm')),
                    ('slip_spreads', models.DecimalField(decimal_places=1, default=Decimal('2'), max_digits=4, verbose_name='slipping: spreads past the usual interval')),
                    ('slip_factor', models.DecimalField(decimal_places=1, default=Decimal('1.5'), max_digits=4, verbose_name='slipping: at least so many usual intervals')),
                    ('lost_factor', models.DecimalField(decimal_places=1, default=Decimal('4'), max_digits=4, verbose_name='lost: after so many usual intervals')),
                    ('lost_min_days', models.PositiveSmallIntegerField(default=90, verbose_name='lost: but never before, days')),
                    ('first_share_high', models.DecimalField(decimal_places=2, default=25, max_digits=5, verbose_name='largest client: high from a share of, %')),
                    ('first_share_medium', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='largest client: raised from a share of, %')),
                    ('hhi_medium', models.PositiveSmallIntegerField(default=1000, verbose_name='Herfindahl index: moderate from')),
                    ('hhi_high', models.PositiveSmallIntegerField(default=1800, verbose_name='Herfindahl index: high from')),
                    ('fixed_costs', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='fixed costs a month')),
                    ('reserve', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='money in reserve')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('reason', models.TextField(blank=True, verbose_name='why it was changed')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='set')),
                    ('created_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.policy')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Qualification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('need', models.PositiveSmallIntegerField(verbose_name='need')),
                    ('need_note', models.TextField(blank=True, verbose_name='how we know of the need')),
                    ('ability', models.PositiveSmallIntegerField(verbose_name='ability to pay')),
                    ('ability_note', models.TextField(blank=True, verbose_name='how we know that it can pay')),
                    ('authority', models.PositiveSmallIntegerField(verbose_name='authority to decide')),
                    ('authority_note', models.TextField(blank=True, verbose_name='who decides, and do we know him')),
                    ('source', models.CharField(choices=[('recommendation', 'Recommendation'), ('fair', 'Trade fair or event'), ('inquiry', 'Own inquiry'), ('research', 'Our research'), ('competitor', 'Customer of a competitor'), ('partner', 'Partner or dealer'), ('other', 'Something else')], max_length=16, verbose_name='source of the lead')),
                    ('source_note', models.CharField(blank=True, max_length=200, verbose_name='who or what exactly')),
                    ('judged_on', models.DateField(verbose_name='judged on')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='qualification', to='accounts.client', verbose_name='client')),
                    ('judged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                ],
                options={
                    'verbose_name': 'qualification of a prospect',
                    'verbose_name_plural': 'qualifications of prospects',
                    'constraints': [models.CheckConstraint(condition=models.Q(('ability__lte', 5), ('authority__lte', 5), ('need__lte', 5)), name='three_ps_up_to_5', violation_error_message='Each of the three lies between 0 and 5.'), models.CheckConstraint(condition=models.Q(('source__in', ['recommendation', 'fair', 'inquiry', 'research', 'competitor', 'partner', 'other'])), name='lead_source_known')],
                },
            ), migrations.CreateModel(
                name='QualificationEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('need', models.PositiveSmallIntegerField(verbose_name='need')),
                    ('need_note', models.TextField(blank=True, verbose_name='how we know of the need')),
                    ('ability', models.PositiveSmallIntegerField(verbose_name='ability to pay')),
                    ('ability_note', models.TextField(blank=True, verbose_name='how we know that it can pay')),
                    ('authority', models.PositiveSmallIntegerField(verbose_name='authority to decide')),
                    ('authority_note', models.TextField(blank=True, verbose_name='who decides, and do we know him')),
                    ('source', models.CharField(choices=[('recommendation', 'Recommendation'), ('fair', 'Trade fair or event'), ('inquiry', 'Own inquiry'), ('research', 'Our research'), ('competitor', 'Customer of a competitor'), ('partner', 'Partner or dealer'), ('other', 'Something else')], max_length=16, verbose_name='source of the lead')),
                    ('source_note', models.CharField(blank=True, max_length=200, verbose_name='who or what exactly')),
                    ('judged_on', models.DateField(verbose_name='judged on')),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('judged_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.qualification')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='ReplacedDocument',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('digest', models.CharField(max_length=80)),
                    ('supplement_digest', models.CharField(blank=True, max_length=80)),
                    ('spans_months', models.BooleanField()),
                    ('document', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='replacements', to='segmentation.salesdocument', verbose_name='document')),
                    ('import_before', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segmentation.salesimport', verbose_name='import before')),
                    ('sales_import', models.ForeignKey(db_column='import_id', on_delete=django.db.models.deletion.CASCADE, related_name='replaced', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'verbose_name': 'replaced document',
                    'verbose_name_plural': 'replaced documents',
                    'constraints': [models.UniqueConstraint(fields=('sales_import', 'document'), name='one_replacement_per_import_and_document')],
                },
            ), migrations.CreateModel(
                name='ReplacedLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('document_id', models.BigIntegerField()),
                    ('line_no', models.PositiveBigIntegerField(verbose_name='line of the file')),
                    ('client_id', models.BigIntegerField()),
                    ('sold_on', models.DateField(verbose_name='date')),
                    ('product', models.CharField(blank=True, max_length=200, verbose_name='product')),
                    ('product_line', models.CharField(blank=True, max_length=120, verbose_name='product line')),
                    ('quantity', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                    ('price', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                    ('amount', models.DecimalField(decimal_places=10, max_digits=28, verbose_name='amount')),
                    ('cost', models.DecimalField(decimal_places=10, max_digits=28, null=True, verbose_name='cost')),
                    ('currency', models.CharField(max_length=3, verbose_name='currency')),
                    ('sales_import', models.ForeignKey(db_column='import_id', db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segmentation.salesimport', verbose_name='import')),
                ],
                options={
                    'verbose_name': 'replaced line',
                    'verbose_name_plural': 'replaced lines',
                    'indexes': [models.Index(fields=['sales_import', 'document_id'], name='replaced_lines_of_document')],
                },
            ), migrations.CreateModel(
                name='Rhythm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('orders', models.PositiveIntegerField(verbose_name='days with an order')),
                    ('first_on', models.DateField(verbose_name='first order')),
                    ('last_on', models.DateField(verbose_name='last order')),
                    ('median_days', models.DecimalField(decimal_places=1, max_digits=8, null=True, verbose_name='usual interval, days')),
                    ('spread_days', models.DecimalField(decimal_places=1, max_digits=8, null=True, verbose_name='spread of the intervals, days')),
                    ('slips_on', models.DateField(null=True, verbose_name='slipping from')),
                    ('lost_on', models.DateField(null=True, verbose_name='lost from')),
                    ('computed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='computed')),
                    ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rhythm', to='accounts.client', verbose_name='client')),
                    ('policy', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='segmentation.policy', verbose_name='policy')),
                ],
                options={
                    'verbose_name': 'purchase rhythm',
                    'verbose_name_plural': 'purchase rhythms',
                    'indexes': [models.Index(fields=['slips_on'], name='rhythms_by_slipping')],
                },
            ), migrations.CreateModel(
                name='SlippingEpisode',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('last_order_on', models.DateField(verbose_name='last order')),
                    ('median_days', models.DecimalField(decimal_places=1, max_digits=8, verbose_name='usual interval, days')),
                    ('spread_days', models.DecimalField(decimal_places=1, max_digits=8, verbose_name='spread of the intervals, days')),
                    ('noticed_on', models.DateField(verbose_name='noticed')),
                    ('lost_on', models.DateField(null=True, verbose_name='lost since')),
                    ('ended_on', models.DateField(null=True, verbose_name='ordered again')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slipping_episodes', to='accounts.client', verbose_name='client')),
                ],
                options={
                    'verbose_name': 'slipping',
                    'verbose_name_plural': 'slippings',
                    'ordering': ['-noticed_on', '-pk'],
                    'constraints': [models.UniqueConstraint(fields=('client', 'last_order_on'), name='one_episode_per_last_order')],
                },
            ), migrations.CreateModel(
                name='Loss',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('lost_on', models.DateField(verbose_name='lost since')),
                    ('reason', models.CharField(choices=[('price', 'Price'), ('service', 'Service or delivery'), ('quality', 'Quality'), ('range', 'Range'), ('relationship', 'Relationship, a person left'), ('need_gone', 'The need is gone'), ('insolvent', 'Closed or insolvent'), ('taken_over', 'Taken over, bought centrally'), ('unknown', 'Not known yet')], default='unknown', max_length=14, verbose_name='reason')),
                    ('direction', models.CharField(choices=[('competitor', 'To a competitor'), ('in_house', 'Does it itself'), ('substitute', 'To another solution'), ('stopped', 'Stopped buying'), ('unknown', 'Not known yet')], default='unknown', max_length=12, verbose_name='direction')),
                    ('competitor', models.CharField(blank=True, max_length=150, verbose_name='to whom')),
                    ('note', models.TextField(blank=True, verbose_name='note')),
                    ('revenue_before', models.DecimalField(decimal_places=2, max_digits=18, null=True, verbose_name='revenue of the twelve months before')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('worth_winning', models.BooleanField(default=True, verbose_name='on the win-back list')),
                    ('returned_on', models.DateField(blank=True, null=True, verbose_name='came back')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='losses', to='accounts.client', verbose_name='client')),
                    ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                    ('episode', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='segmentation.slippingepisode', verbose_name='slipping')),
                ],
                options={
                    'verbose_name': 'loss',
                    'verbose_name_plural': 'losses',
                    'ordering': ['-lost_on', '-pk'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('returned_on__isnull', True)), fields=('client',), name='one_open_loss_per_client', violation_error_message='This client is recorded as lost already.'), models.CheckConstraint(condition=models.Q(('returned_on__isnull', True), ('returned_on__gte', models.F('lost_on')), _connector='OR'), name='loss_returns_after_it_began', violation_error_message='A client cannot come back before it was lost.'), models.CheckConstraint(condition=models.Q(('direction__in', ['competitor', 'in_house', 'substitute', 'stopped', 'unknown']), ('reason__in', ['price', 'service', 'quality', 'range', 'relationship', 'need_gone', 'insolvent', 'taken_over', 'unknown'])), name='loss_reason_known')],
                },
            ), migrations.CreateModel(
                name='LossEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('lost_on', models.DateField(verbose_name='lost since')),
                    ('reason', models.CharField(choices=[('price', 'Price'), ('service', 'Service or delivery'), ('quality', 'Quality'), ('range', 'Range'), ('relationship', 'Relationship, a person left'), ('need_gone', 'The need is gone'), ('insolvent', 'Closed or insolvent'), ('taken_over', 'Taken over, bought centrally'), ('unknown', 'Not known yet')], default='unknown', max_length=14, verbose_name='reason')),
                    ('direction', models.CharField(choices=[('competitor', 'To a competitor'), ('in_house', 'Does it itself'), ('substitute', 'To another solution'), ('stopped', 'Stopped buying'), ('unknown', 'Not known yet')], default='unknown', max_length=12, verbose_name='direction')),
                    ('competitor', models.CharField(blank=True, max_length=150, verbose_name='to whom')),
                    ('note', models.TextField(blank=True, verbose_name='note')),
                    ('revenue_before', models.DecimalField(decimal_places=2, max_digits=18, null=True, verbose_name='revenue of the twelve months before')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('worth_winning', models.BooleanField(default=True, verbose_name='on the win-back list')),
                    ('returned_on', models.DateField(blank=True, null=True, verbose_name='came back')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.loss')),
                    ('recorded_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                    ('episode', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.slippingepisode', verbose_name='slipping')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='SlippingEpisodeEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('last_order_on', models.DateField(verbose_name='last order')),
                    ('median_days', models.DecimalField(decimal_places=1, max_digits=8, verbose_name='usual interval, days')),
                    ('spread_days', models.DecimalField(decimal_places=1, max_digits=8, verbose_name='spread of the intervals, days')),
                    ('noticed_on', models.DateField(verbose_name='noticed')),
                    ('lost_on', models.DateField(null=True, verbose_name='lost since')),
                    ('ended_on', models.DateField(null=True, verbose_name='ordered again')),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.slippingepisode')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='SlippingNotice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('owed_on', models.DateField()),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='segmentation.slippingepisode')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'message about a slipping client',
                    'verbose_name_plural': 'messages about slipping clients',
                    'ordering': ['pk'],
                    'constraints': [models.UniqueConstraint(fields=('episode', 'person'), name='each_slipping_told_once')],
                },
            ), migrations.CreateModel(
                name='TypeProposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('client_type', models.CharField(max_length=14, verbose_name='type')),
                    ('state', models.CharField(choices=[('confirmed', 'Confirmed'), ('declined', 'Declined')], max_length=10, verbose_name='state')),
                    ('basis', models.TextField(verbose_name='proposed from')),
                    ('decided_on', models.DateField(verbose_name='decided on')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='type_proposals', to='accounts.client', verbose_name='client')),
                    ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ],
                options={
                    'verbose_name': 'proposed type',
                    'verbose_name_plural': 'proposed types',
                    'constraints': [models.UniqueConstraint(fields=('client', 'client_type'), name='one_proposal_per_client_and_type'), models.CheckConstraint(condition=models.Q(('state__in', ['confirmed', 'declined'])), name='proposal_state_known')],
                },
            ), migrations.CreateModel(
                name='TypeProposalEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('client_type', models.CharField(max_length=14, verbose_name='type')),
                    ('state', models.CharField(choices=[('confirmed', 'Confirmed'), ('declined', 'Declined')], max_length=10, verbose_name='state')),
                    ('basis', models.TextField(verbose_name='proposed from')),
                    ('decided_on', models.DateField(verbose_name='decided on')),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                    ('decided_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.typeproposal')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='WinBackMeasure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('offer', 'Special offer'), ('gift', 'Gift'), ('discount', 'Discount'), ('visit', 'Visit or talk'), ('other', 'Something else')], max_length=10, verbose_name='measure')),
                    ('what', models.CharField(max_length=200, verbose_name='what')),
                    ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='budget')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                    ('state', models.CharField(choices=[('planned', 'Planned'), ('done', 'Done'), ('dropped', 'Dropped')], default='planned', max_length=8, verbose_name='state')),
                    ('done_on', models.DateField(blank=True, null=True, verbose_name='done')),
                    ('result', models.TextField(blank=True, verbose_name='result')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                    ('loss', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measures', to='segmentation.loss', verbose_name='loss')),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ],
                options={
                    'verbose_name': 'win-back measure',
                    'verbose_name_plural': 'win-back measures',
                    'ordering': ['due_on', 'pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('done_on__isnull', False), _connector='OR'), name='done_measure_has_its_day', violation_error_message='Tell the day on which it was done.'), models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('budget__gte', 0), _connector='OR'), name='measure_budget_not_negative', violation_error_message='A budget is not negative.'), models.CheckConstraint(condition=models.Q(('kind__in', ['offer', 'gift', 'discount', 'visit', 'other']), ('state__in', ['planned', 'done', 'dropped'])), name='measure_kind_known')],
                },
            ), migrations.CreateModel(
                name='WinBackMeasureEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('kind', models.CharField(choices=[('offer', 'Special offer'), ('gift', 'Gift'), ('discount', 'Discount'), ('visit', 'Visit or talk'), ('other', 'Something else')], max_length=10, verbose_name='measure')),
                    ('what', models.CharField(max_length=200, verbose_name='what')),
                    ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='budget')),
                    ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                    ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                    ('state', models.CharField(choices=[('planned', 'Planned'), ('done', 'Done'), ('dropped', 'Dropped')], default='planned', max_length=8, verbose_name='state')),
                    ('done_on', models.DateField(blank=True, null=True, verbose_name='done')),
                    ('result', models.TextField(blank=True, verbose_name='result')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ('created_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                    ('loss', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.loss', verbose_name='loss')),
                    ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='segmentation.winbackmeasure')),
                ],
                options={
                    'abstract': False,
                },
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='salesimport',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='salesimport',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='salesimport',
                name='delete_delete',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='segmentationrun',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='segmentationrun',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='segmentationrun',
                name='delete_delete',
            ), migrations.RemoveConstraint(
                model_name='segment',
                name='segment_letters_known',
            ), migrations.RemoveConstraint(
                model_name='segmentationrun',
                name='run_starts_on_first_day',
            ), migrations.AddField(
                model_name='salesdocument',
                name='supplement_digest',
                field=models.CharField(blank=True, help_text='of the lines mended and added later; the digest stays that of the file that brought it', max_length=80),
            ), migrations.AddField(
                model_name='salesimport',
                name='attempts',
                field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
            ), migrations.AddField(
                model_name='salesimport',
                name='cancel_asked_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='cancelling asked for'),
            ), migrations.AddField(
                model_name='salesimport',
                name='doubtful_matches',
                field=models.PositiveBigIntegerField(default=0, verbose_name='doubtful matches'),
            ), migrations.AddField(
                model_name='salesimport',
                name='file_format',
                field=models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX'), ('parquet', 'Parquet')], default='csv', max_length=8, verbose_name='kind of file'),
            ), migrations.AddField(
                model_name='salesimport',
                name='matched_clients',
                field=models.PositiveBigIntegerField(default=0, verbose_name='clients matched'),
            ), migrations.AddField(
                model_name='salesimport',
                name='sheets',
                field=models.JSONField(blank=True, default=list, help_text='Those of a workbook that are read, in their order.', verbose_name='sheets'),
            ), migrations.AddField(
                model_name='salesimport',
                name='supplements',
                field=models.ForeignKey(blank=True, help_text='Its lines are added to the documents that import brought, instead of replacing them.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supplemented_by', to='segmentation.salesimport', verbose_name='mends rejected lines of'),
            ), migrations.AddField(
                model_name='salesimport',
                name='undone_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='undone'),
            ), migrations.AddField(
                model_name='salesimport',
                name='undone_by',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='attempts',
                field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='cancel_asked_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='cancelling asked for'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='doubtful_matches',
                field=models.PositiveBigIntegerField(default=0, verbose_name='doubtful matches'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='file_format',
                field=models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX'), ('parquet', 'Parquet')], default='csv', max_length=8, verbose_name='kind of file'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='matched_clients',
                field=models.PositiveBigIntegerField(default=0, verbose_name='clients matched'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='sheets',
                field=models.JSONField(blank=True, default=list, help_text='Those of a workbook that are read, in their order.', verbose_name='sheets'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='supplements',
                field=models.ForeignKey(blank=True, db_constraint=False, help_text='Its lines are added to the documents that import brought, instead of replacing them.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.salesimport', verbose_name='mends rejected lines of'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='undone_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='undone'),
            ), migrations.AddField(
                model_name='salesimportevent',
                name='undone_by',
                field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
            ), migrations.AddField(
                model_name='salesline',
                name='product_line',
                field=models.CharField(blank=True, max_length=120, verbose_name='product line'),
            ), migrations.AddField(
                model_name='segment',
                name='xyz_cv',
                field=models.CharField(blank=True, max_length=1, verbose_name='XYZ by variation'),
            ), migrations.AddField(
                model_name='segment',
                name='xyz_frequency',
                field=models.CharField(blank=True, max_length=1, verbose_name='XYZ by frequency'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='abc_by',
                field=models.CharField(choices=[('limits', 'Limits of the share'), ('computed', 'Computed limits (ABC analysis after Ultsch)')], default='limits', max_length=8, verbose_name='ABC by'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='attempts',
                field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='cancel_asked_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='cancelling asked for'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='channel',
                field=models.CharField(blank=True, max_length=80, verbose_name='sales channel'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='industry',
                field=models.CharField(blank=True, max_length=120, verbose_name='industry'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='min_history',
                field=models.PositiveSmallIntegerField(default=0, help_text='A client with fewer periods since its first sale gets no letter of rhythm; 0 judges everybody.', verbose_name='history needed, periods'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='team',
                field=models.CharField(blank=True, max_length=80, verbose_name='team'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='unit',
                field=models.CharField(choices=[('month', 'Month'), ('quarter', 'Quarter'), ('week', 'Week')], default='month', max_length=8, verbose_name='period'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='abc_by',
                field=models.CharField(choices=[('limits', 'Limits of the share'), ('computed', 'Computed limits (ABC analysis after Ultsch)')], default='limits', max_length=8, verbose_name='ABC by'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='attempts',
                field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='cancel_asked_at',
                field=models.DateTimeField(blank=True, null=True, verbose_name='cancelling asked for'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='channel',
                field=models.CharField(blank=True, max_length=80, verbose_name='sales channel'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='industry',
                field=models.CharField(blank=True, max_length=120, verbose_name='industry'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='min_history',
                field=models.PositiveSmallIntegerField(default=0, help_text='A client with fewer periods since its first sale gets no letter of rhythm; 0 judges everybody.', verbose_name='history needed, periods'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='team',
                field=models.CharField(blank=True, max_length=80, verbose_name='team'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='unit',
                field=models.CharField(choices=[('month', 'Month'), ('quarter', 'Quarter'), ('week', 'Week')], default='month', max_length=8, verbose_name='period'),
            ), migrations.AlterField(
                model_name='salesimport',
                name='state',
                field=models.CharField(choices=[('uploaded', 'Waiting for its columns'), ('queued', 'Waiting for a free worker'), ('running', 'Running'), ('succeeded', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12, verbose_name='state'),
            ), migrations.AlterField(
                model_name='salesimportevent',
                name='state',
                field=models.CharField(choices=[('uploaded', 'Waiting for its columns'), ('queued', 'Waiting for a free worker'), ('running', 'Running'), ('succeeded', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12, verbose_name='state'),
            ), migrations.AlterField(
                model_name='segment',
                name='active_periods',
                field=models.PositiveSmallIntegerField(verbose_name='active periods'),
            ), migrations.AlterField(
                model_name='segment',
                name='history_periods',
                field=models.PositiveSmallIntegerField(help_text='Within the period; all of them when the client is older.', verbose_name='periods since the first sale'),
            ), migrations.AlterField(
                model_name='segment',
                name='nets',
                field=django.contrib.postgres.fields.ArrayField(base_field=models.DecimalField(decimal_places=10, max_digits=28), help_text='Of each month, quarter or week.', size=None, verbose_name='nets'),
            ), migrations.AlterField(
                model_name='segmentationrun',
                name='periods',
                field=models.PositiveSmallIntegerField(default=12, verbose_name='number of periods'),
            ), migrations.AlterField(
                model_name='segmentationrun',
                name='start',
                field=models.DateField(help_text='First day of the first month, quarter or week.', verbose_name='from'),
            ), migrations.AlterField(
                model_name='segmentationrun',
                name='state',
                field=models.CharField(choices=[('uploaded', 'Waiting for its columns'), ('queued', 'Waiting for a free worker'), ('running', 'Running'), ('succeeded', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12, verbose_name='state'),
            ), migrations.AlterField(
                model_name='segmentationrunevent',
                name='periods',
                field=models.PositiveSmallIntegerField(default=12, verbose_name='number of periods'),
            ), migrations.AlterField(
                model_name='segmentationrunevent',
                name='start',
                field=models.DateField(help_text='First day of the first month, quarter or week.', verbose_name='from'),
            ), migrations.AlterField(
                model_name='segmentationrunevent',
                name='state',
                field=models.CharField(choices=[('uploaded', 'Waiting for its columns'), ('queued', 'Waiting for a free worker'), ('running', 'Running'), ('succeeded', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12, verbose_name='state'),
            ), migrations.AddConstraint(
                model_name='salesimport',
                constraint=models.CheckConstraint(condition=models.Q(('file_format__in', ['csv', 'xlsx', 'parquet'])), name='import_format_known'),
            ), migrations.AddConstraint(
                model_name='salesimport',
                constraint=models.CheckConstraint(condition=models.Q(('undone_at__isnull', True), ('state', 'succeeded'), _connector='OR'), name='only_finished_imports_undone', violation_error_message='Only an import that has finished can be undone.'),
            ), migrations.AddConstraint(
                model_name='segment',
                constraint=models.CheckConstraint(condition=models.Q(('abc__in', ['A', 'B', 'C']), ('xyz__in', ['X', 'Y', 'Z', 'N'])), name='segment_letters_known'),
            ), migrations.AddField(
                model_name='segmentationrun',
                name='policy',
                field=models.ForeignKey(blank=True, help_text='The version of the policy it was asked by; empty with settings of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='segmentation.policy', verbose_name='policy'),
            ), migrations.AddField(
                model_name='segmentationrunevent',
                name='policy',
                field=models.ForeignKey(blank=True, db_constraint=False, help_text='The version of the policy it was asked by; empty with settings of its own.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='segmentation.policy', verbose_name='policy'),
            ), migrations.AddConstraint(
                model_name='segmentationrun',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('start__day', 1), ('unit', 'month')), models.Q(('start__day', 1), ('start__month__in', (1, 4, 7, 10)), ('unit', 'quarter')), models.Q(('start__iso_week_day', 1), ('unit', 'week')), _connector='OR'), name='run_starts_on_first_day'),
            ), migrations.AddConstraint(
                model_name='segmentationrun',
                constraint=models.CheckConstraint(condition=models.Q(('abc_by__in', ['limits', 'computed'])), name='run_abc_by_known'),
            ), migrations.AddConstraint(
                model_name='segmentationrun',
                constraint=models.CheckConstraint(condition=models.Q(('periods__gte', 1), ('periods__lte', 260)), name='run_has_periods', violation_error_message='The window is between 1 and 260 periods long.'),
            ), pgtrigger.migrations.AddTrigger(
                model_name='salesimport',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_salesimportevent" ("attempts", "cancel_asked_at", "columns", "created_at", "created_by_id", "currency", "date_format", "decimal_mark", "delimiter", "doubtful_matches", "encoding", "error", "file", "file_format", "finished_at", "id", "matched_clients", "new_clients", "new_documents", "original_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rejects_file", "replaced_documents", "sha256", "sheets", "size", "started_at", "state", "supplements_id", "unchanged_documents", "undone_at", "undone_by_id") VALUES (NEW."attempts", NEW."cancel_asked_at", NEW."columns", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."date_format", NEW."decimal_mark", NEW."delimiter", NEW."doubtful_matches", NEW."encoding", NEW."error", NEW."file", NEW."file_format", NEW."finished_at", NEW."id", NEW."matched_clients", NEW."new_clients", NEW."new_documents", NEW."original_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rejects_file", NEW."replaced_documents", NEW."sha256", NEW."sheets", NEW."size", NEW."started_at", NEW."state", NEW."supplements_id", NEW."unchanged_documents", NEW."undone_at", NEW."undone_by_id"); RETURN NULL;', hash='f7a9e339c31c5420d6bc6c1f0840f3e35938b408', operation='INSERT', pgid='pgtrigger_insert_insert_86676', table='segmentation_salesimport', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='salesimport',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."attempts" IS DISTINCT FROM (NEW."attempts") OR OLD."cancel_asked_at" IS DISTINCT FROM (NEW."cancel_asked_at") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."date_format" IS DISTINCT FROM (NEW."date_format") OR OLD."decimal_mark" IS DISTINCT FROM (NEW."decimal_mark") OR OLD."delimiter" IS DISTINCT FROM (NEW."delimiter") OR OLD."doubtful_matches" IS DISTINCT FROM (NEW."doubtful_matches") OR OLD."encoding" IS DISTINCT FROM (NEW."encoding") OR OLD."error" IS DISTINCT FROM (NEW."error") OR OLD."file" IS DISTINCT FROM (NEW."file") OR OLD."file_format" IS DISTINCT FROM (NEW."file_format") OR OLD."finished_at" IS DISTINCT FROM (NEW."finished_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."matched_clients" IS DISTINCT FROM (NEW."matched_clients") OR OLD."new_clients" IS DISTINCT FROM (NEW."new_clients") OR OLD."new_documents" IS DISTINCT FROM (NEW."new_documents") OR OLD."original_name" IS DISTINCT FROM (NEW."original_name") OR OLD."rejects_file" IS DISTINCT FROM (NEW."rejects_file") OR OLD."replaced_documents" IS DISTINCT FROM (NEW."replaced_documents") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."sheets" IS DISTINCT FROM (NEW."sheets") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."supplements_id" IS DISTINCT FROM (NEW."supplements_id") OR OLD."unchanged_documents" IS DISTINCT FROM (NEW."unchanged_documents") OR OLD."undone_at" IS DISTINCT FROM (NEW."undone_at") OR OLD."undone_by_id" IS DISTINCT FROM (NEW."undone_by_id"))', func='INSERT INTO "segmentation_salesimportevent" ("attempts", "cancel_asked_at", "columns", "created_at", "created_by_id", "currency", "date_format", "decimal_mark", "delimiter", "doubtful_matches", "encoding", "error", "file", "file_format", "finished_at", "id", "matched_clients", "new_clients", "new_documents", "original_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rejects_file", "replaced_documents", "sha256", "sheets", "size", "started_at", "state", "supplements_id", "unchanged_documents", "undone_at", "undone_by_id") VALUES (NEW."attempts", NEW."cancel_asked_at", NEW."columns", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."date_format", NEW."decimal_mark", NEW."delimiter", NEW."doubtful_matches", NEW."encoding", NEW."error", NEW."file", NEW."file_format", NEW."finished_at", NEW."id", NEW."matched_clients", NEW."new_clients", NEW."new_documents", NEW."original_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rejects_file", NEW."replaced_documents", NEW."sha256", NEW."sheets", NEW."size", NEW."started_at", NEW."state", NEW."supplements_id", NEW."unchanged_documents", NEW."undone_at", NEW."undone_by_id"); RETURN NULL;', hash='78d4d9cc6a5e5997e5c63f67a4af897f13d75fb9', operation='UPDATE', pgid='pgtrigger_update_update_036ff', table='segmentation_salesimport', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='salesimport',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_salesimportevent" ("attempts", "cancel_asked_at", "columns", "created_at", "created_by_id", "currency", "date_format", "decimal_mark", "delimiter", "doubtful_matches", "encoding", "error", "file", "file_format", "finished_at", "id", "matched_clients", "new_clients", "new_documents", "original_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rejects_file", "replaced_documents", "sha256", "sheets", "size", "started_at", "state", "supplements_id", "unchanged_documents", "undone_at", "undone_by_id") VALUES (OLD."attempts", OLD."cancel_asked_at", OLD."columns", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."date_format", OLD."decimal_mark", OLD."delimiter", OLD."doubtful_matches", OLD."encoding", OLD."error", OLD."file", OLD."file_format", OLD."finished_at", OLD."id", OLD."matched_clients", OLD."new_clients", OLD."new_documents", OLD."original_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rejects_file", OLD."replaced_documents", OLD."sha256", OLD."sheets", OLD."size", OLD."started_at", OLD."state", OLD."supplements_id", OLD."unchanged_documents", OLD."undone_at", OLD."undone_by_id"); RETURN NULL;', hash='7a63d18261e899f2a8921d6c2b1fa74fc0ecfefb', operation='DELETE', pgid='pgtrigger_delete_delete_8f40c', table='segmentation_salesimport', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='segmentationrun',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_segmentationrunevent" ("abc_a", "abc_b", "abc_by", "attempts", "cancel_asked_at", "channel", "clients", "comes_into_force", "compared_with_id", "counts", "created_at", "created_by_id", "currency", "error", "finished_at", "id", "in_force", "industry", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "positive_total", "put_in_force_at", "put_in_force_by_id", "scheduled", "start", "started_at", "state", "team", "totals", "unit", "xyz_method", "xyz_x", "xyz_y") VALUES (NEW."abc_a", NEW."abc_b", NEW."abc_by", NEW."attempts", NEW."cancel_asked_at", NEW."channel", NEW."clients", NEW."comes_into_force", NEW."compared_with_id", NEW."counts", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."error", NEW."finished_at", NEW."id", NEW."in_force", NEW."industry", NEW."measure", NEW."min_history", NEW."periods", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."policy_id", NEW."positive_total", NEW."put_in_force_at", NEW."put_in_force_by_id", NEW."scheduled", NEW."start", NEW."started_at", NEW."state", NEW."team", NEW."totals", NEW."unit", NEW."xyz_method", NEW."xyz_x", NEW."xyz_y"); RETURN NULL;', hash='8db60b0468d6eac62c489e0ffccf924d9cd9ef96', operation='INSERT', pgid='pgtrigger_insert_insert_84ecc', table='segmentation_segmentationrun', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='segmentationrun',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."abc_a" IS DISTINCT FROM (NEW."abc_a") OR OLD."abc_b" IS DISTINCT FROM (NEW."abc_b") OR OLD."abc_by" IS DISTINCT FROM (NEW."abc_by") OR OLD."attempts" IS DISTINCT FROM (NEW."attempts") OR OLD."cancel_asked_at" IS DISTINCT FROM (NEW."cancel_asked_at") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."clients" IS DISTINCT FROM (NEW."clients") OR OLD."comes_into_force" IS DISTINCT FROM (NEW."comes_into_force") OR OLD."compared_with_id" IS DISTINCT FROM (NEW."compared_with_id") OR OLD."counts" IS DISTINCT FROM (NEW."counts") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."error" IS DISTINCT FROM (NEW."error") OR OLD."finished_at" IS DISTINCT FROM (NEW."finished_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."in_force" IS DISTINCT FROM (NEW."in_force") OR OLD."industry" IS DISTINCT FROM (NEW."industry") OR OLD."measure" IS DISTINCT FROM (NEW."measure") OR OLD."min_history" IS DISTINCT FROM (NEW."min_history") OR OLD."periods" IS DISTINCT FROM (NEW."periods") OR OLD."policy_id" IS DISTINCT FROM (NEW."policy_id") OR OLD."positive_total" IS DISTINCT FROM (NEW."positive_total") OR OLD."put_in_force_at" IS DISTINCT FROM (NEW."put_in_force_at") OR OLD."put_in_force_by_id" IS DISTINCT FROM (NEW."put_in_force_by_id") OR OLD."scheduled" IS DISTINCT FROM (NEW."scheduled") OR OLD."start" IS DISTINCT FROM (NEW."start") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."team" IS DISTINCT FROM (NEW."team") OR OLD."totals" IS DISTINCT FROM (NEW."totals") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."xyz_method" IS DISTINCT FROM (NEW."xyz_method") OR OLD."xyz_x" IS DISTINCT FROM (NEW."xyz_x") OR OLD."xyz_y" IS DISTINCT FROM (NEW."xyz_y"))', func='INSERT INTO "segmentation_segmentationrunevent" ("abc_a", "abc_b", "abc_by", "attempts", "cancel_asked_at", "channel", "clients", "comes_into_force", "compared_with_id", "counts", "created_at", "created_by_id", "currency", "error", "finished_at", "id", "in_force", "industry", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "positive_total", "put_in_force_at", "put_in_force_by_id", "scheduled", "start", "started_at", "state", "team", "totals", "unit", "xyz_method", "xyz_x", "xyz_y") VALUES (NEW."abc_a", NEW."abc_b", NEW."abc_by", NEW."attempts", NEW."cancel_asked_at", NEW."channel", NEW."clients", NEW."comes_into_force", NEW."compared_with_id", NEW."counts", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."error", NEW."finished_at", NEW."id", NEW."in_force", NEW."industry", NEW."measure", NEW."min_history", NEW."periods", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."policy_id", NEW."positive_total", NEW."put_in_force_at", NEW."put_in_force_by_id", NEW."scheduled", NEW."start", NEW."started_at", NEW."state", NEW."team", NEW."totals", NEW."unit", NEW."xyz_method", NEW."xyz_x", NEW."xyz_y"); RETURN NULL;', hash='de687c708985081987134507c4e9ec2ae9f4cc38', operation='UPDATE', pgid='pgtrigger_update_update_7e22d', table='segmentation_segmentationrun', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='segmentationrun',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_segmentationrunevent" ("abc_a", "abc_b", "abc_by", "attempts", "cancel_asked_at", "channel", "clients", "comes_into_force", "compared_with_id", "counts", "created_at", "created_by_id", "currency", "error", "finished_at", "id", "in_force", "industry", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "positive_total", "put_in_force_at", "put_in_force_by_id", "scheduled", "start", "started_at", "state", "team", "totals", "unit", "xyz_method", "xyz_x", "xyz_y") VALUES (OLD."abc_a", OLD."abc_b", OLD."abc_by", OLD."attempts", OLD."cancel_asked_at", OLD."channel", OLD."clients", OLD."comes_into_force", OLD."compared_with_id", OLD."counts", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."error", OLD."finished_at", OLD."id", OLD."in_force", OLD."industry", OLD."measure", OLD."min_history", OLD."periods", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."policy_id", OLD."positive_total", OLD."put_in_force_at", OLD."put_in_force_by_id", OLD."scheduled", OLD."start", OLD."started_at", OLD."state", OLD."team", OLD."totals", OLD."unit", OLD."xyz_method", OLD."xyz_x", OLD."xyz_y"); RETURN NULL;', hash='0a8640e6058e08034d60fc29ae360a12fe793b7c', operation='DELETE', pgid='pgtrigger_delete_delete_21520', table='segmentation_segmentationrun', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='cellaction',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_cellactionevent" ("cell", "do", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "updated_at", "updated_by_id", "version") VALUES (NEW."cell", NEW."do", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."text", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='8db7d3d5adb787a7c785279431fe23e640b312f8', operation='INSERT', pgid='pgtrigger_insert_insert_fe1fa', table='segmentation_cellaction', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='cellaction',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_cellactionevent" ("cell", "do", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "updated_at", "updated_by_id", "version") VALUES (NEW."cell", NEW."do", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."text", NEW."updated_at", NEW."updated_by_id", NEW."version"); RETURN NULL;', hash='d9179420975297340714072c97431f06029377db', operation='UPDATE', pgid='pgtrigger_update_update_b3cba', table='segmentation_cellaction', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='cellaction',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_cellactionevent" ("cell", "do", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "updated_at", "updated_by_id", "version") VALUES (OLD."cell", OLD."do", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."text", OLD."updated_at", OLD."updated_by_id", OLD."version"); RETURN NULL;', hash='56ddc990c554928bab1981a71301cadec7f3897b', operation='DELETE', pgid='pgtrigger_delete_delete_fed62', table='segmentation_cellaction', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='cellaction',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='4ab7c777a6612912f778fbc1d6acc4528ca90691', operation='UPDATE', pgid='pgtrigger_version_grows_712d2', table='segmentation_cellaction', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='clientmerge',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_clientmergeevent" ("id", "kept_id", "merged_at", "merged_by_id", "merged_id", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "split_at", "split_by_id") VALUES (NEW."id", NEW."kept_id", NEW."merged_at", NEW."merged_by_id", NEW."merged_id", NEW."moved", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."split_at", NEW."split_by_id"); RETURN NULL;', hash='6564e283dff241a83ee273f58c878b98e8957038', operation='INSERT', pgid='pgtrigger_insert_insert_0ac12', table='segmentation_clientmerge', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='clientmerge',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_clientmergeevent" ("id", "kept_id", "merged_at", "merged_by_id", "merged_id", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "split_at", "split_by_id") VALUES (NEW."id", NEW."kept_id", NEW."merged_at", NEW."merged_by_id", NEW."merged_id", NEW."moved", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."split_at", NEW."split_by_id"); RETURN NULL;', hash='15eeae50573aaf0dee0724c4693225a1fb1f1917', operation='UPDATE', pgid='pgtrigger_update_update_d2bbf', table='segmentation_clientmerge', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='clientmerge',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_clientmergeevent" ("id", "kept_id", "merged_at", "merged_by_id", "merged_id", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "split_at", "split_by_id") VALUES (OLD."id", OLD."kept_id", OLD."merged_at", OLD."merged_by_id", OLD."merged_id", OLD."moved", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."split_at", OLD."split_by_id"); RETURN NULL;', hash='16e00a6899d33f670389e21d8ae7e2c6e3786034', operation='DELETE', pgid='pgtrigger_delete_delete_b3141', table='segmentation_clientmerge', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='criterionscore',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_criterionscoreevent" ("client_id", "criterion", "id", "judged_by_id", "judged_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "score", "version") VALUES (NEW."client_id", NEW."criterion", NEW."id", NEW."judged_by_id", NEW."judged_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."score", NEW."version"); RETURN NULL;', hash='0790f6a7edb802f5e208607583bf79d0519034a0', operation='INSERT', pgid='pgtrigger_insert_insert_01302', table='segmentation_criterionscore', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='criterionscore',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_criterionscoreevent" ("client_id", "criterion", "id", "judged_by_id", "judged_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "score", "version") VALUES (NEW."client_id", NEW."criterion", NEW."id", NEW."judged_by_id", NEW."judged_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."score", NEW."version"); RETURN NULL;', hash='bf2824b90ea52dae1cd92a51dacd3ed6a43e061e', operation='UPDATE', pgid='pgtrigger_update_update_b2ada', table='segmentation_criterionscore', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='criterionscore',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_criterionscoreevent" ("client_id", "criterion", "id", "judged_by_id", "judged_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "score", "version") VALUES (OLD."client_id", OLD."criterion", OLD."id", OLD."judged_by_id", OLD."judged_on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."score", OLD."version"); RETURN NULL;', hash='f875e96926bae2566363c271de0f091a011e73ab', operation='DELETE', pgid='pgtrigger_delete_delete_1dc95', table='segmentation_criterionscore', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='criterionscore',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='7d84a3c680fcaff31ab265061a7a133ac1070667', operation='UPDATE', pgid='pgtrigger_version_grows_9accf', table='segmentation_criterionscore', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='doubtfulmatch',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_doubtfulmatchevent" ("candidate_id", "client_id", "created_at", "decided_at", "decided_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sales_import_id", "state") VALUES (NEW."candidate_id", NEW."client_id", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."sales_import_id", NEW."state"); RETURN NULL;', hash='b7cb4eb1d495aeffcdd2e66d4bd72da3daadd26b', operation='INSERT', pgid='pgtrigger_insert_insert_e03f9', table='segmentation_doubtfulmatch', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='doubtfulmatch',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_doubtfulmatchevent" ("candidate_id", "client_id", "created_at", "decided_at", "decided_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sales_import_id", "state") VALUES (NEW."candidate_id", NEW."client_id", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."sales_import_id", NEW."state"); RETURN NULL;', hash='5a68ba083470a5296caebfd2b3ea770b1234fb09', operation='UPDATE', pgid='pgtrigger_update_update_9cef9', table='segmentation_doubtfulmatch', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='doubtfulmatch',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_doubtfulmatchevent" ("candidate_id", "client_id", "created_at", "decided_at", "decided_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sales_import_id", "state") VALUES (OLD."candidate_id", OLD."client_id", OLD."created_at", OLD."decided_at", OLD."decided_by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."sales_import_id", OLD."state"); RETURN NULL;', hash='1a36121b5c3e47f5868f751c2ba63ab3c34cbc4e', operation='DELETE', pgid='pgtrigger_delete_delete_47549', table='segmentation_doubtfulmatch', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ledgernumber',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_ledgernumberevent" ("client_id", "created_at", "id", "matched_by", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sales_import_id") VALUES (NEW."client_id", NEW."created_at", NEW."id", NEW."matched_by", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."sales_import_id"); RETURN NULL;', hash='f2d3e3715cbe01c8425f63907a6594896d121376', operation='INSERT', pgid='pgtrigger_insert_insert_9d978', table='segmentation_ledgernumber', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ledgernumber',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_ledgernumberevent" ("client_id", "created_at", "id", "matched_by", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sales_import_id") VALUES (NEW."client_id", NEW."created_at", NEW."id", NEW."matched_by", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."sales_import_id"); RETURN NULL;', hash='56ef3112e371382709cb9eac6bac352795f64f37', operation='UPDATE', pgid='pgtrigger_update_update_538d2', table='segmentation_ledgernumber', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ledgernumber',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_ledgernumberevent" ("client_id", "created_at", "id", "matched_by", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sales_import_id") VALUES (OLD."client_id", OLD."created_at", OLD."id", OLD."matched_by", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."sales_import_id"); RETURN NULL;', hash='9676babc60be807335f5d0b5ebb53b40e200a193', operation='DELETE', pgid='pgtrigger_delete_delete_7ca3d', table='segmentation_ledgernumber', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_policyevent" ("abc_a", "abc_b", "abc_by", "breadwinner_share", "created_at", "created_by_id", "criteria", "currency", "cv_x", "cv_y", "first_share_high", "first_share_medium", "fixed_costs", "frequency_x", "frequency_y", "growth_months", "hhi_high", "hhi_medium", "id", "lost_factor", "lost_min_days", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reserve", "rhythm_min_orders", "slip_factor", "slip_spreads", "unit", "xyz_method") VALUES (NEW."abc_a", NEW."abc_b", NEW."abc_by", NEW."breadwinner_share", NEW."created_at", NEW."created_by_id", NEW."criteria", NEW."currency", NEW."cv_x", NEW."cv_y", NEW."first_share_high", NEW."first_share_medium", NEW."fixed_costs", NEW."frequency_x", NEW."frequency_y", NEW."growth_months", NEW."hhi_high", NEW."hhi_medium", NEW."id", NEW."lost_factor", NEW."lost_min_days", NEW."measure", NEW."min_history", NEW."periods", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."reserve", NEW."rhythm_min_orders", NEW."slip_factor", NEW."slip_spreads", NEW."unit", NEW."xyz_method"); RETURN NULL;', hash='fc94649584143128393b12f48ea3ea07f968eadc', operation='INSERT', pgid='pgtrigger_insert_insert_27ab9', table='segmentation_policy', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_policyevent" ("abc_a", "abc_b", "abc_by", "breadwinner_share", "created_at", "created_by_id", "criteria", "currency", "cv_x", "cv_y", "first_share_high", "first_share_medium", "fixed_costs", "frequency_x", "frequency_y", "growth_months", "hhi_high", "hhi_medium", "id", "lost_factor", "lost_min_days", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reserve", "rhythm_min_orders", "slip_factor", "slip_spreads", "unit", "xyz_method") VALUES (NEW."abc_a", NEW."abc_b", NEW."abc_by", NEW."breadwinner_share", NEW."created_at", NEW."created_by_id", NEW."criteria", NEW."currency", NEW."cv_x", NEW."cv_y", NEW."first_share_high", NEW."first_share_medium", NEW."fixed_costs", NEW."frequency_x", NEW."frequency_y", NEW."growth_months", NEW."hhi_high", NEW."hhi_medium", NEW."id", NEW."lost_factor", NEW."lost_min_days", NEW."measure", NEW."min_history", NEW."periods", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."reserve", NEW."rhythm_min_orders", NEW."slip_factor", NEW."slip_spreads", NEW."unit", NEW."xyz_method"); RETURN NULL;', hash='f964ac2c142d7cc2dc11cab901170083e6f5e698', operation='UPDATE', pgid='pgtrigger_update_update_0b34f', table='segmentation_policy', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_policyevent" ("abc_a", "abc_b", "abc_by", "breadwinner_share", "created_at", "created_by_id", "criteria", "currency", "cv_x", "cv_y", "first_share_high", "first_share_medium", "fixed_costs", "frequency_x", "frequency_y", "growth_months", "hhi_high", "hhi_medium", "id", "lost_factor", "lost_min_days", "measure", "min_history", "periods", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reserve", "rhythm_min_orders", "slip_factor", "slip_spreads", "unit", "xyz_method") VALUES (OLD."abc_a", OLD."abc_b", OLD."abc_by", OLD."breadwinner_share", OLD."created_at", OLD."created_by_id", OLD."criteria", OLD."currency", OLD."cv_x", OLD."cv_y", OLD."first_share_high", OLD."first_share_medium", OLD."fixed_costs", OLD."frequency_x", OLD."frequency_y", OLD."growth_months", OLD."hhi_high", OLD."hhi_medium", OLD."id", OLD."lost_factor", OLD."lost_min_days", OLD."measure", OLD."min_history", OLD."periods", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."reserve", OLD."rhythm_min_orders", OLD."slip_factor", OLD."slip_spreads", OLD."unit", OLD."xyz_method"); RETURN NULL;', hash='a320986b817ec920755ec7bc80240f2e70e6a936', operation='DELETE', pgid='pgtrigger_delete_delete_43498', table='segmentation_policy', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='qualification',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_qualificationevent" ("ability", "ability_note", "authority", "authority_note", "client_id", "id", "judged_by_id", "judged_on", "need", "need_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "source_note", "version") VALUES (NEW."ability", NEW."ability_note", NEW."authority", NEW."authority_note", NEW."client_id", NEW."id", NEW."judged_by_id", NEW."judged_on", NEW."need", NEW."need_note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."source", NEW."source_note", NEW."version"); RETURN NULL;', hash='24b831ac7b94fcdd599897f759115659065b4c42', operation='INSERT', pgid='pgtrigger_insert_insert_3c338', table='segmentation_qualification', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='qualification',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_qualificationevent" ("ability", "ability_note", "authority", "authority_note", "client_id", "id", "judged_by_id", "judged_on", "need", "need_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "source_note", "version") VALUES (NEW."ability", NEW."ability_note", NEW."authority", NEW."authority_note", NEW."client_id", NEW."id", NEW."judged_by_id", NEW."judged_on", NEW."need", NEW."need_note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source", NEW."source_note", NEW."version"); RETURN NULL;', hash='d44ee0d7553634e91dcd10f7ba85f430d7aedf8c', operation='UPDATE', pgid='pgtrigger_update_update_57df4', table='segmentation_qualification', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='qualification',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_qualificationevent" ("ability", "ability_note", "authority", "authority_note", "client_id", "id", "judged_by_id", "judged_on", "need", "need_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "source_note", "version") VALUES (OLD."ability", OLD."ability_note", OLD."authority", OLD."authority_note", OLD."client_id", OLD."id", OLD."judged_by_id", OLD."judged_on", OLD."need", OLD."need_note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source", OLD."source_note", OLD."version"); RETURN NULL;', hash='775e4226f328e868071ede0e1995dbd9feda89b6', operation='DELETE', pgid='pgtrigger_delete_delete_944ad', table='segmentation_qualification', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='qualification',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='34777784cfd17da32ee630ac1f4e0e2a3140bd70', operation='UPDATE', pgid='pgtrigger_version_grows_73939', table='segmentation_qualification', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='slippingepisode',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_slippingepisodeevent" ("client_id", "ended_on", "id", "last_order_on", "lost_on", "median_days", "noticed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "spread_days") VALUES (NEW."client_id", NEW."ended_on", NEW."id", NEW."last_order_on", NEW."lost_on", NEW."median_days", NEW."noticed_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."spread_days"); RETURN NULL;', hash='449a5882a84bfc5b6536249ccfb9828e2a488c85', operation='INSERT', pgid='pgtrigger_insert_insert_d7dd9', table='segmentation_slippingepisode', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='slippingepisode',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_slippingepisodeevent" ("client_id", "ended_on", "id", "last_order_on", "lost_on", "median_days", "noticed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "spread_days") VALUES (NEW."client_id", NEW."ended_on", NEW."id", NEW."last_order_on", NEW."lost_on", NEW."median_days", NEW."noticed_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."spread_days"); RETURN NULL;', hash='5d2056d36e337b4a0987041d26a8ffd48618757a', operation='UPDATE', pgid='pgtrigger_update_update_d74f6', table='segmentation_slippingepisode', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='slippingepisode',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_slippingepisodeevent" ("client_id", "ended_on", "id", "last_order_on", "lost_on", "median_days", "noticed_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "spread_days") VALUES (OLD."client_id", OLD."ended_on", OLD."id", OLD."last_order_on", OLD."lost_on", OLD."median_days", OLD."noticed_on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."spread_days"); RETURN NULL;', hash='be88a88cf99e187950a4086546e0f3a99bf8867f', operation='DELETE', pgid='pgtrigger_delete_delete_2c811', table='segmentation_slippingepisode', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='loss',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_lossevent" ("client_id", "competitor", "created_at", "currency", "direction", "episode_id", "id", "lost_on", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_by_id", "returned_on", "revenue_before", "version", "worth_winning") VALUES (NEW."client_id", NEW."competitor", NEW."created_at", NEW."currency", NEW."direction", NEW."episode_id", NEW."id", NEW."lost_on", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."recorded_by_id", NEW."returned_on", NEW."revenue_before", NEW."version", NEW."worth_winning"); RETURN NULL;', hash='93ac2f3b333330d407b929ac4dae6bd695744484', operation='INSERT', pgid='pgtrigger_insert_insert_e67c5', table='segmentation_loss', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='loss',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_lossevent" ("client_id", "competitor", "created_at", "currency", "direction", "episode_id", "id", "lost_on", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_by_id", "returned_on", "revenue_before", "version", "worth_winning") VALUES (NEW."client_id", NEW."competitor", NEW."created_at", NEW."currency", NEW."direction", NEW."episode_id", NEW."id", NEW."lost_on", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."recorded_by_id", NEW."returned_on", NEW."revenue_before", NEW."version", NEW."worth_winning"); RETURN NULL;', hash='ab3bbaa3469aeb710b3eb51273492ee0e3fff871', operation='UPDATE', pgid='pgtrigger_update_update_e401c', table='segmentation_loss', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='loss',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_lossevent" ("client_id", "competitor", "created_at", "currency", "direction", "episode_id", "id", "lost_on", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_by_id", "returned_on", "revenue_before", "version", "worth_winning") VALUES (OLD."client_id", OLD."competitor", OLD."created_at", OLD."currency", OLD."direction", OLD."episode_id", OLD."id", OLD."lost_on", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."recorded_by_id", OLD."returned_on", OLD."revenue_before", OLD."version", OLD."worth_winning"); RETURN NULL;', hash='4d4f0db83a9b892e32b101fb9511e03785e6208a', operation='DELETE', pgid='pgtrigger_delete_delete_6c76c', table='segmentation_loss', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='loss',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='bf512948e9fe3a1bea9474297b9860c0e61a1dd2', operation='UPDATE', pgid='pgtrigger_version_grows_6afd3', table='segmentation_loss', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='typeproposal',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_typeproposalevent" ("basis", "client_id", "client_type", "decided_by_id", "decided_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (NEW."basis", NEW."client_id", NEW."client_type", NEW."decided_by_id", NEW."decided_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."state"); RETURN NULL;', hash='98b9464353ab74ac681ea888f0313fb114cee4dc', operation='INSERT', pgid='pgtrigger_insert_insert_d167a', table='segmentation_typeproposal', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='typeproposal',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_typeproposalevent" ("basis", "client_id", "client_type", "decided_by_id", "decided_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (NEW."basis", NEW."client_id", NEW."client_type", NEW."decided_by_id", NEW."decided_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."state"); RETURN NULL;', hash='d6c945767daf798571b062ded8495707995f0c40', operation='UPDATE', pgid='pgtrigger_update_update_6d694', table='segmentation_typeproposal', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='typeproposal',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_typeproposalevent" ("basis", "client_id", "client_type", "decided_by_id", "decided_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (OLD."basis", OLD."client_id", OLD."client_type", OLD."decided_by_id", OLD."decided_on", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."state"); RETURN NULL;', hash='6811a9545f1c1a52c11f04ebe765c903d5403acd', operation='DELETE', pgid='pgtrigger_delete_delete_321ec', table='segmentation_typeproposal', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='winbackmeasure',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_winbackmeasureevent" ("budget", "created_at", "created_by_id", "currency", "done_on", "due_on", "id", "kind", "loss_id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "state", "version", "what") VALUES (NEW."budget", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."done_on", NEW."due_on", NEW."id", NEW."kind", NEW."loss_id", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."result", NEW."state", NEW."version", NEW."what"); RETURN NULL;', hash='c25ef71b79b64311729135a821733fbaca020c4d', operation='INSERT', pgid='pgtrigger_insert_insert_1ee5e', table='segmentation_winbackmeasure', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='winbackmeasure',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "segmentation_winbackmeasureevent" ("budget", "created_at", "created_by_id", "currency", "done_on", "due_on", "id", "kind", "loss_id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "state", "version", "what") VALUES (NEW."budget", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."done_on", NEW."due_on", NEW."id", NEW."kind", NEW."loss_id", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."result", NEW."state", NEW."version", NEW."what"); RETURN NULL;', hash='4fd5bcf91d3446d3d6c6849411b15c05c8430a9b', operation='UPDATE', pgid='pgtrigger_update_update_fcf26', table='segmentation_winbackmeasure', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='winbackmeasure',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "segmentation_winbackmeasureevent" ("budget", "created_at", "created_by_id", "currency", "done_on", "due_on", "id", "kind", "loss_id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "state", "version", "what") VALUES (OLD."budget", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."done_on", OLD."due_on", OLD."id", OLD."kind", OLD."loss_id", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."result", OLD."state", OLD."version", OLD."what"); RETURN NULL;', hash='4c90cd4bd7d0244bcc268598e2d7fb878d4c5515', operation='DELETE', pgid='pgtrigger_delete_delete_b179b', table='segmentation_winbackmeasure', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='winbackmeasure',
                trigger=pgtrigger.compiler.Trigger(name='version_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='d4d2394f0c2c470b1403d077bc0996ffe897ee25', operation='UPDATE', pgid='pgtrigger_version_grows_46fcd', table='segmentation_winbackmeasure', when='BEFORE')),
            )],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql='ALTER TABLE segmentation_salesline DROP CONSTRAINT segmentation_salesline_pkey, ADD CONSTRAINT segmentation_salesline_pkey PRIMARY KEY (document_id, line_no, sold_on)',
                    reverse_sql='ALTER TABLE segmentation_salesline DROP CONSTRAINT segmentation_salesline_pkey, ADD CONSTRAINT segmentation_salesline_pkey PRIMARY KEY (document_id, line_no)',
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='salesline',
                    name='pk',
                    field=models.CompositePrimaryKey('document_id', 'line_no', 'sold_on', blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
        ),
        migrations.RunSQL(
            sql="INSERT INTO segmentation_ledgernumber (number, client_id, matched_by, created_at) SELECT external_id, id, 'number', now() FROM accounts_client WHERE external_id IS NOT NULL",
            reverse_sql='',
        ),
    ]
