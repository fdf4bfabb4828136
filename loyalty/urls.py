from django.urls import path

from loyalty.views import acts, owed, points, proposals

app_name = "loyalty"
urlpatterns = [
    path("acts/<uuid:act_id>/", acts.act, name="act"),
    path("acts/<uuid:act_id>/check/", acts.check, name="act_check"),
    path("acts/<uuid:act_id>/done/", acts.done, name="act_done"),
    path("cards/<int:card_id>/give/", points.move, {"verb": "give"}, name="give"),
    path("cards/<int:card_id>/take/", points.move, {"verb": "take"}, name="take"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<uuid:proposal_id>/", proposals.proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/agree/", proposals.agree, name="agree"),
    path("proposals/<uuid:proposal_id>/decline/", proposals.decline, name="decline"),
    path("proposals/<uuid:proposal_id>/back/", proposals.take_back, name="take_back"),
    path("proposals/<uuid:proposal_id>/aside/", proposals.aside, name="proposal_aside"),
    path("owed/", owed.owed, name="owed"),
    path("owed/rows/", owed.rows, name="owed_rows"),
    path("owed/export/", owed.export, name="owed_export"),
]
