from django.urls import path

from loyalty.views import acts, owed

app_name = "loyalty"
urlpatterns = [
    path("acts/<uuid:act_id>/", acts.act, name="act"),
    path("acts/<uuid:act_id>/check/", acts.check, name="act_check"),
    path("acts/<uuid:act_id>/done/", acts.done, name="act_done"),
    path("owed/", owed.owed, name="owed"),
    path("owed/rows/", owed.rows, name="owed_rows"),
    path("owed/export/", owed.export, name="owed_export"),
]
