from django.urls import path

from desk import act_views, sync_views, views

BOOKINGS, CARDS = {"what": "bookings"}, {"what": "cards"}
app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("find/", views.find, name="find"),
    path("review/", views.review_list, name="review_list"),
    path("work/<uuid:act_id>/aside/", act_views.aside, BOOKINGS, name="act_aside"),
    path("review/bookings/<uuid:act_id>/", act_views.detail, BOOKINGS, name="act_review"),
    path("review/bookings/<uuid:act_id>/decide/", act_views.decide_act, BOOKINGS, name="act_decide"),
    path("review/bookings/<uuid:act_id>/take/", act_views.take, BOOKINGS, name="act_take"),
    path("work/cards/<uuid:act_id>/aside/", act_views.aside, CARDS, name="card_aside"),
    path("review/cards/<uuid:act_id>/", act_views.detail, CARDS, name="card_review"),
    path("review/cards/<uuid:act_id>/decide/", act_views.decide_act, CARDS, name="card_decide"),
    path("review/cards/<uuid:act_id>/take/", act_views.take, CARDS, name="card_take"),
    path("review/<uuid:redemption_id>/", views.review_detail, name="review_detail"),
    path("review/<uuid:redemption_id>/decide/", views.review_decide, name="review_decide"),
    path("review/<uuid:redemption_id>/take/", views.review_take, name="review_take"),
    path("review/discrepancies/<int:discrepancy_id>/close/", views.review_close, name="review_close"),
    path("sync/", sync_views.sync, name="sync"),
    path("sync/now/", sync_views.sync_all, name="sync_all"),
    path("sync/<uuid:account_id>/<slug:collection>/now/", sync_views.sync_now, name="sync_now"),
    path("sync/<uuid:account_id>/<slug:collection>/retry/", sync_views.sync_retry, name="sync_retry"),
    path("sync/runs/<int:run_id>/accept/", sync_views.sync_accept, name="sync_accept"),
    path("sync/shapes/<int:drift_id>/note/", sync_views.sync_note, name="sync_note"),
]
