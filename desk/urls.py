from django.urls import path

from desk import views

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
]
