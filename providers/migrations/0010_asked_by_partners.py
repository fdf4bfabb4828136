from django.db import migrations, models

# Of what has ended, its end; of what has not, the last step that we know of. Rows are few enough for one statement.
FILL = "UPDATE providers_operation SET changed_at = coalesce(finished_at, created_at)"


class Migration(migrations.Migration):
    dependencies = [("providers", "0009_remembered")]
    operations = [
        migrations.AddField("operation", "partner", models.UUIDField(null=True)),
        migrations.AddField(
            "operation",
            "external_ref",
            models.CharField(blank=True, default="", max_length=80, verbose_name="the partner’s reference"),
            preserve_default=False,
        ),
        migrations.AddField("operation", "changed_at", models.DateTimeField(null=True, verbose_name="last step")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("operation", "changed_at", models.DateTimeField(verbose_name="last step")),
        migrations.AddIndex(
            "operation", models.Index(fields=["branch", "changed_at", "id"], name="operation_by_change")
        ),
        migrations.AddIndex(
            "operation",
            models.Index(
                condition=models.Q(("external_ref", ""), _negated=True),
                fields=["partner", "external_ref"],
                name="operation_by_ref",
            ),
        ),
    ]
