import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('dossiers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('client', 'Client'), ('person', 'Person'), ('note', 'Note'), ('text', 'Text'), ('file', 'File'), ('user', 'User')], max_length=8)),
                ('piece', models.CharField(max_length=32)),
                ('record_id', models.BigIntegerField()),
                ('day', models.DateField()),
                ('title', models.TextField()),
                ('body', models.TextField()),
                ('title_words', django.contrib.postgres.search.SearchVectorField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('near', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('client', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.client')),
                ('dossier', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='dossiers.dossier')),
            ],
            options={
                'verbose_name': 'search line',
                'verbose_name_plural': 'search lines',
                'indexes': [
                    models.Index(models.F('kind'), models.OrderBy(models.F('day'), descending=True), models.OrderBy(models.F('id'), descending=True), name='search_latest'),
                    django.contrib.postgres.indexes.GinIndex(fields=['title_words'], gin_pending_list_limit=256, name='search_title_words'),
                    django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=256, name='search_words'),
                    django.contrib.postgres.indexes.GinIndex(fields=['near'], gin_pending_list_limit=256, name='search_near'),
                ],
                'constraints': [models.UniqueConstraint(fields=('piece', 'record_id'), name='one_search_line_per_record')],
            },
        ),
    ]
