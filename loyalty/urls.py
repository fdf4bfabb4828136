from django.urls import path

from loyalty.views import acts, issuing, owed, points, proposals, reading, referring, visits

app_name = "loyalty"
urlpatterns = [
    path("", reading.today, name="today"),
    path("customers/<int:customer_id>/", reading.customer, name="customer"),
    path("customers/<int:customer_id>/refresh/", reading.refresh_customer, name="refresh_customer"),
    path("customers/<int:customer_id>/phone/", reading.phone, name="phone"),
    path("customers/<int:customer_id>/issue/", issuing.issue, name="issue"),
    path("customers/<int:customer_id>/issue/<uuid:ask_id>/", issuing.issue_choose, name="issue_choose"),
    path("cards/<int:card_id>/", reading.card, name="card"),
    path("cards/<int:card_id>/refresh/", reading.refresh_card, name="refresh_card"),
    path("cards/<int:card_id>/remove/", issuing.remove, name="remove"),
    path("visits/<int:visit_id>/", visits.visit, name="visit"),
    path("visits/<int:visit_id>/refresh/", visits.refresh, name="refresh_visit"),
    path("visits/<int:visit_id>/points/<int:card_id>/", visits.withdraw, name="withdraw"),
    path("visits/<int:visit_id>/points/<int:card_id>/confirm/", visits.withdraw_confirm, name="withdraw_confirm"),
    path("visits/<int:visit_id>/points/<int:card_id>/cancel/", visits.cancel_points, name="cancel_points"),
    path("visits/<int:visit_id>/discounts/<int:card_id>/<slug:program>/", visits.apply_program, name="apply_program"),
    path(
        "visits/<int:visit_id>/discounts/<int:card_id>/<slug:program>/cancel/",
        visits.cancel_program,
        name="cancel_program",
    ),
    path("visits/<int:visit_id>/referral/", referring.referral, name="referral"),
    path("visits/<int:visit_id>/referral/<uuid:ask_id>/", referring.referral_confirm, name="referral_confirm"),
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
