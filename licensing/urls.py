"""The customer's licence pages, mounted at /o/<organisation>/."""

from django.urls import URLPattern, path

from licensing.views import agreements, dashboard, key_requests, licences

app_name = "licensing"

urlpatterns: list[URLPattern] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<str:agreement>/", agreements.agreement, name="agreement"),
    path("agreements/<str:agreement>/new-key/", agreements.reissue, name="reissue"),
    path("licences/", licences.licences, name="licences"),
    path("licences/<str:licence>/", licences.licence, name="licence"),
    path("licences/<str:licence>/show/", licences.show_key, name="show_key"),
    path("licences/<str:licence>/file/", licences.file, name="licence_file"),
    path("requests/<str:key_request>/", key_requests.key_request, name="key_request"),
    path("requests/<str:key_request>/answer/", key_requests.answer, name="answer"),
]
