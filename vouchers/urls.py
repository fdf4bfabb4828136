from django.urls import path

from vouchers.views import cases, day_close, ledger, result
from vouchers.views import redeem as views

app_name = "vouchers"
urlpatterns = [
    path("lookups/", views.start, name="start"),
    path("lookups/<uuid:lookup_id>/", views.lookup, name="lookup"),
    path("lookups/<uuid:lookup_id>/add/", views.add, name="add"),
    path("lookups/<uuid:lookup_id>/person/", views.person, name="person"),
    path("lookups/<uuid:lookup_id>/amounts/", views.amounts, name="amounts"),
    path("lookups/<uuid:lookup_id>/confirm/", views.confirm, name="confirm"),
    path("lookups/<uuid:lookup_id>/again/", views.again, name="again"),
    path("lookups/<uuid:lookup_id>/aside/", views.aside, name="aside"),
    path("redemptions/<uuid:redemption_id>/", result.redemption, name="redemption"),
    path("redemptions/<uuid:redemption_id>/check/", result.check, name="check"),
    path("redemptions/<uuid:redemption_id>/done/", result.done, name="done"),
    path("redemptions/<uuid:redemption_id>/slip/", result.slip, name="slip"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/<uuid:redemption_id>/", cases.new_case, name="new_case"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/letter/", cases.letter, name="case_letter"),
    path("cases/<uuid:case_id>/sent/", cases.sent, name="case_sent"),
    path("cases/<uuid:case_id>/note/", cases.note, name="case_note"),
    path("cases/<uuid:case_id>/close/", cases.close, name="case_close"),
    path("cases/<uuid:case_id>/withdraw/", cases.withdraw, name="case_withdraw"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.export, name="export"),
    path("ledger/tills/", day_close.tills, name="tills"),
    path("ledger/tills/<int:till_id>/", day_close.till_day, name="till_day"),
    path("ledger/tills/<int:till_id>/close/", day_close.close_till, name="close_till"),
    path("ledger/tills/<int:till_id>/slip/", day_close.till_slip, name="till_slip"),
]
