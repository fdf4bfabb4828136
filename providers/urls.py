from django.urls import path

from providers import views

app_name = "providers"
urlpatterns = [path("<slug:provider>/<str:key>", views.receive_hook, name="hook")]
