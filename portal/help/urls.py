"""Pages under /help/."""

from django.urls import path

from portal.help import views

app_name = "help"
urlpatterns = [
    path("", views.page, {"name": "index"}, name="index"),
    path("licences/", views.page, {"name": "licences"}, name="licences"),
    path("buying/", views.page, {"name": "buying"}, name="buying"),
    path("paying/", views.page, {"name": "paying"}, name="paying"),
    path("keys/", views.page, {"name": "keys"}, name="keys"),
    path("contact/", views.contact, name="contact"),
    path("contact/sent/", views.page, {"name": "contact_sent"}, name="contact_sent"),
]
