from django.urls import path

from desk import act_views, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("review/", views.review_list, name="review_list"),
    path("work/<uuid:act_id>/aside/", act_views.aside, name="act_aside"),
    path("review/bookings/<uuid:act_id>/", act_views.detail, name="act_review"),
    path("review/bookings/<uuid:act_id>/decide/", act_views.decide_act, name="act_decide"),
    path("review/bookings/<uuid:act_id>/take/", act_views.take, name="act_take"),
    path("review/<uuid:redemption_id>/", views.review_detail, name="review_detail"),
    path("review/<uuid:redemption_id>/decide/", views.review_decide, name="review_decide"),
    path("review/<uuid:redemption_id>/take/", views.review_take, name="review_take"),
    path("review/discrepancies/<int:discrepancy_id>/close/", views.review_close, name="review_close"),
]
