import accounts.at_once
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        accounts.at_once.AtOnce(
            operations=[migrations.CreateModel(
                name='ClientEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('name_sort', models.CharField(editable=False, max_length=250)),
                    ('external_id', models.CharField(blank=True, help_text="The client's number in the files that sales are imported from.", max_length=64, null=True, verbose_name='number in the sales ledger')),
                    ('tax_id', models.CharField(blank=True, max_length=32, verbose_name='tax id')),
                    ('country', models.CharField(blank=True, max_length=80, verbose_name='country')),
                    ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                    ('industry', models.CharField(blank=True, max_length=120, verbose_name='industry')),
                    ('channel', models.CharField(blank=True, help_text='Our channel through which the client is served.', max_length=80, verbose_name='sales channel')),
                    ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('regular', 'Regular'), ('candidate', 'Candidate'), ('key', 'Key client'), ('lost', 'Lost')], default='regular', max_length=12, verbose_name='stage')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.client')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='UserEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                    ('name', models.CharField(max_length=150, verbose_name='name')),
                    ('name_sort', models.CharField(editable=False, max_length=200)),
                    ('role', models.CharField(choices=[('kam', 'Key account manager'), ('head', 'Sales head'), ('analyst', 'Analyst'), ('colleague', 'Colleague'), ('admin', 'Administrator')], default='colleague', max_length=12, verbose_name='role')),
                    ('position', models.CharField(blank=True, max_length=150, verbose_name='position')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                    ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], default='en', max_length=5, verbose_name='language')),
                    ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                    ('is_staff', models.BooleanField(default=False, verbose_name='may use the administration pages')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                    ('name', models.CharField(max_length=150, verbose_name='name')),
                    ('name_sort', models.CharField(db_index=True, editable=False, max_length=200)),
                    ('role', models.CharField(choices=[('kam', 'Key account manager'), ('head', 'Sales head'), ('analyst', 'Analyst'), ('colleague', 'Colleague'), ('admin', 'Administrator')], default='colleague', max_length=12, verbose_name='role')),
                    ('position', models.CharField(blank=True, max_length=150, verbose_name='position')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                    ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], default='en', max_length=5, verbose_name='language')),
                    ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                    ('is_staff', models.BooleanField(default=False, verbose_name='may use the administration pages')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'person',
                    'verbose_name_plural': 'people',
                    'ordering': ['name_sort', 'pk'],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_person_per_email', violation_error_message='Somebody signs in with this e-mail address already.'), models.CheckConstraint(condition=models.Q(('role__in', ['kam', 'head', 'analyst', 'colleague', 'admin'])), name='user_role_known')],
                },
            ), migrations.CreateModel(
                name='ApiToken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(help_text='The program that uses it, so that people know what stops when it is revoked.', max_length=80, verbose_name='what for')),
                    ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made')),
                    ('expires_at', models.DateTimeField(verbose_name='expires')),
                    ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                    ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
                    ('created_by', models.ForeignKey(editable=False, help_text='Empty when made from the command line.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ],
                options={
                    'verbose_name': 'API token',
                    'verbose_name_plural': 'API tokens',
                    'ordering': ['-created_at', '-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='api_token_has_name', violation_error_message='Say which program the token is for.'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='api_token_expires_after_it_is_made', violation_error_message='The day on which the token expires has to lie ahead.')],
                },
            ), migrations.CreateModel(
                name='ApiTokenEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('name', models.CharField(help_text='The program that uses it, so that people know what stops when it is revoked.', max_length=80, verbose_name='what for')),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made')),
                    ('expires_at', models.DateTimeField(verbose_name='expires')),
                    ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
                    ('created_by', models.ForeignKey(db_constraint=False, editable=False, help_text='Empty when made from the command line.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                    ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.apitoken')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Assignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('holding', models.CharField(choices=[('kam', 'KAM'), ('deputy', 'Deputy')], default='kam', max_length=8, verbose_name='holds as')),
                    ('slot', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='slot')),
                    ('started_on', models.DateField(verbose_name='from')),
                    ('ended_on', models.DateField(blank=True, null=True, verbose_name='until')),
                    ('note', models.TextField(blank=True, verbose_name='note')),
                    ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned by')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='accounts.client', verbose_name='client')),
                ],
                options={
                    'verbose_name': 'assignment',
                    'verbose_name_plural': 'assignments',
                    'ordering': ['-started_on', '-pk'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('person', 'slot'), name='three_slots_per_kam', violation_error_message="This KAM's slot is taken: a KAM holds at most three key clients."), models.CheckConstraint(condition=models.Q(models.Q(('holding', 'kam'), ('slot__in', (1, 2, 3)), ('slot__isnull', False)), models.Q(('holding', 'deputy'), ('slot__isnull', True)), _connector='OR'), name='kam_has_slot_deputy_has_none', violation_error_message='A KAM holds a client in slot 1, 2 or 3; a deputy has no slot.'), models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('client', 'holding'), name='one_kam_and_one_deputy_per_client', violation_error_message='A key client has at most one KAM and at most one deputy.'), models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('client', 'person'), name='kam_and_deputy_differ', violation_error_message='The deputy has to be somebody else than the KAM.'), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='assignment_ends_after_start', violation_error_message='An assignment cannot end before it began.')],
                },
            ), migrations.CreateModel(
                name='Client',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('name_sort', models.CharField(db_index=True, editable=False, max_length=250)),
                    ('external_id', models.CharField(blank=True, help_text="The client's number in the files that sales are imported from.", max_length=64, null=True, unique=True, verbose_name='number in the sales ledger')),
                    ('tax_id', models.CharField(blank=True, max_length=32, verbose_name='tax id')),
                    ('country', models.CharField(blank=True, max_length=80, verbose_name='country')),
                    ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                    ('industry', models.CharField(blank=True, max_length=120, verbose_name='industry')),
                    ('channel', models.CharField(blank=True, help_text='Our channel through which the client is served.', max_length=80, verbose_name='sales channel')),
                    ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('regular', 'Regular'), ('candidate', 'Candidate'), ('key', 'Key client'), ('lost', 'Lost')], db_index=True, default='regular', max_length=12, verbose_name='stage')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'verbose_name': 'client',
                    'verbose_name_plural': 'clients',
                    'ordering': ['name_sort', 'pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['prospect', 'regular', 'candidate', 'key', 'lost'])), name='client_stage_known'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='client_has_name', violation_error_message='A client needs a name.')],
                },
            ), migrations.CreateModel(
                name='AssignmentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('holding', models.CharField(choices=[('kam', 'KAM'), ('deputy', 'Deputy')], default='kam', max_length=8, verbose_name='holds as')),
                    ('slot', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='slot')),
                    ('started_on', models.DateField(verbose_name='from')),
                    ('ended_on', models.DateField(blank=True, null=True, verbose_name='until')),
                    ('note', models.TextField(blank=True, verbose_name='note')),
                    ('assigned_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned by')),
                    ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.assignment')),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.client', verbose_name='client')),
                ],
                options={
                    'abstract': False,
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='client',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_clientevent" ("channel", "city", "country", "created_at", "external_id", "id", "industry", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "tax_id") VALUES (NEW."channel", NEW."city", NEW."country", NEW."created_at", NEW."external_id", NEW."id", NEW."industry", NEW."name", NEW."name_sort", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."stage", NEW."tax_id"); RETURN NULL;', hash='7e867f77cd374b0c23a7504a067d847fbce9aa46', operation='INSERT', pgid='pgtrigger_insert_insert_ee551', table='accounts_client', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='client',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_clientevent" ("channel", "city", "country", "created_at", "external_id", "id", "industry", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "tax_id") VALUES (NEW."channel", NEW."city", NEW."country", NEW."created_at", NEW."external_id", NEW."id", NEW."industry", NEW."name", NEW."name_sort", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."stage", NEW."tax_id"); RETURN NULL;', hash='2a84b5129a6cdda909c238acdd1433616e8e325e', operation='UPDATE', pgid='pgtrigger_update_update_674ab', table='accounts_client', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='client',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_clientevent" ("channel", "city", "country", "created_at", "external_id", "id", "industry", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage", "tax_id") VALUES (OLD."channel", OLD."city", OLD."country", OLD."created_at", OLD."external_id", OLD."id", OLD."industry", OLD."name", OLD."name_sort", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."stage", OLD."tax_id"); RETURN NULL;', hash='c4f9b1e2b3843e5e43c90b510e8736467373a247', operation='DELETE', pgid='pgtrigger_delete_delete_1d99f', table='accounts_client', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='client',
                trigger=pgtrigger.compiler.Trigger(name='held_client_stays_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."stage" = \'key\' AND NOT (NEW."stage" = \'key\'))', func="\n            IF EXISTS (SELECT 1 FROM accounts_assignment\n                       WHERE client_id = NEW.id AND ended_on IS NULL) THEN\n                RAISE EXCEPTION 'held_client_stays_key: release the client from its KAM and deputy first'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'held_client_stays_key';\n            END IF;\n            RETURN NEW;\n        ", hash='0ff2a6391c23cad599ed1ccc1ebaa080dd25b88e', operation='UPDATE', pgid='pgtrigger_held_client_stays_key_39c55', table='accounts_client', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='user',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_userevent" ("date_joined", "email", "id", "is_active", "is_staff", "is_superuser", "language", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "position", "role") VALUES (NEW."date_joined", NEW."email", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."language", NEW."name", NEW."name_sort", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."position", NEW."role"); RETURN NULL;', hash='b11da628dd6b8c3b9a1cd4ab1490aba85c1fd58e', operation='INSERT', pgid='pgtrigger_insert_insert_3867c', table='accounts_user', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='user',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."name_sort" IS DISTINCT FROM (NEW."name_sort") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."role" IS DISTINCT FROM (NEW."role"))', func='INSERT INTO "accounts_userevent" ("date_joined", "email", "id", "is_active", "is_staff", "is_superuser", "language", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "position", "role") VALUES (NEW."date_joined", NEW."email", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."language", NEW."name", NEW."name_sort", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."position", NEW."role"); RETURN NULL;', hash='0bb9d345850ff75c008d97133b2214709fc0d43f', operation='UPDATE', pgid='pgtrigger_update_update_0e890', table='accounts_user', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='user',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_userevent" ("date_joined", "email", "id", "is_active", "is_staff", "is_superuser", "language", "name", "name_sort", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "position", "role") VALUES (OLD."date_joined", OLD."email", OLD."id", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."language", OLD."name", OLD."name_sort", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."position", OLD."role"); RETURN NULL;', hash='21bcccaee169782f332eeca676d7401065f20cff', operation='DELETE', pgid='pgtrigger_delete_delete_19f14', table='accounts_user', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='user',
                trigger=pgtrigger.compiler.Trigger(name='holder_stays_kam', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."role" = \'kam\' AND (NOT (NEW."role" = \'kam\') OR NOT NEW."is_active"))', func="\n            IF EXISTS (SELECT 1 FROM accounts_assignment\n                       WHERE person_id = NEW.id AND ended_on IS NULL) THEN\n                RAISE EXCEPTION 'holder_stays_kam: this person still holds key clients'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'holder_stays_kam';\n            END IF;\n            RETURN NEW;\n        ", hash='165681646faa59a121ea6bf204104710661edd17', operation='UPDATE', pgid='pgtrigger_holder_stays_kam_9f5e1', table='accounts_user', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='apitoken',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_apitokenevent" ("created_at", "created_by_id", "expires_at", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at") VALUES (NEW."created_at", NEW."created_by_id", NEW."expires_at", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at"); RETURN NULL;', hash='b5a30c058ec41b3eda36beeab2e885693de8e0ac', operation='INSERT', pgid='pgtrigger_insert_insert_01b7d', table='accounts_apitoken', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='apitoken',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at"))', func='INSERT INTO "accounts_apitokenevent" ("created_at", "created_by_id", "expires_at", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at") VALUES (NEW."created_at", NEW."created_by_id", NEW."expires_at", NEW."id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at"); RETURN NULL;', hash='523d0acf5eae3c86f5b27fe7788034c35b06adf7', operation='UPDATE', pgid='pgtrigger_update_update_df53b', table='accounts_apitoken', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='apitoken',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_apitokenevent" ("created_at", "created_by_id", "expires_at", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at") VALUES (OLD."created_at", OLD."created_by_id", OLD."expires_at", OLD."id", OLD."name", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revoked_at"); RETURN NULL;', hash='72dc1a1c223d73a2745c049e07305b9cd1bb7963', operation='DELETE', pgid='pgtrigger_delete_delete_6e065', table='accounts_apitoken', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assignment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_assignmentevent" ("assigned_by_id", "client_id", "ended_on", "holding", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slot", "started_on") VALUES (NEW."assigned_by_id", NEW."client_id", NEW."ended_on", NEW."holding", NEW."id", NEW."note", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."slot", NEW."started_on"); RETURN NULL;', hash='2f664d46d118d40952026f7665a85b5ac4c0b065', operation='INSERT', pgid='pgtrigger_insert_insert_ffd50', table='accounts_assignment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assignment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_assignmentevent" ("assigned_by_id", "client_id", "ended_on", "holding", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slot", "started_on") VALUES (NEW."assigned_by_id", NEW."client_id", NEW."ended_on", NEW."holding", NEW."id", NEW."note", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."slot", NEW."started_on"); RETURN NULL;', hash='0037afc46ece8db0f67eae8128403dd3d70daf24', operation='UPDATE', pgid='pgtrigger_update_update_93e32', table='accounts_assignment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assignment',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_assignmentevent" ("assigned_by_id", "client_id", "ended_on", "holding", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slot", "started_on") VALUES (OLD."assigned_by_id", OLD."client_id", OLD."ended_on", OLD."holding", OLD."id", OLD."note", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."slot", OLD."started_on"); RETURN NULL;', hash='9b2a3c00c94e88a3726aa8a6a3be7133d043a385', operation='DELETE', pgid='pgtrigger_delete_delete_aa09b', table='accounts_assignment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='assignment',
                trigger=pgtrigger.compiler.Trigger(name='only_kams_hold_key_clients', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."ended_on" IS NULL)', func="\n            IF NOT EXISTS (SELECT 1 FROM accounts_client WHERE id = NEW.client_id AND stage = 'key' FOR SHARE) THEN\n                RAISE EXCEPTION 'only_kams_hold_key_clients: only a key client can be held'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'only_kams_hold_key_clients';\n            END IF;\n            IF NOT EXISTS (SELECT 1 FROM accounts_user\n                           WHERE id = NEW.person_id AND role = 'kam' AND is_active FOR SHARE) THEN\n                RAISE EXCEPTION 'only_kams_hold_key_clients: only an active KAM can hold a key client'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'only_kams_hold_key_clients';\n            END IF;\n            RETURN NEW;\n        ", hash='33ab8081ba89b93636ec4a015833f816003f9e2f', operation='INSERT OR UPDATE', pgid='pgtrigger_only_kams_hold_key_clients_0ae85', table='accounts_assignment', when='BEFORE')),
            )],
        ),
    ]
