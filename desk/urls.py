from django.urls import path

from desk import sync_views, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("find/", views.find, name="find"),
    path("review/", views.review_list, name="review_list"),
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
