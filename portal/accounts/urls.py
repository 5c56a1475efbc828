"""URLs of people and organisations; `portal.urls` says where each list is mounted."""

from django.urls import URLPattern, path

from portal.accounts.views import acting, invitations, members, organisation, person

app_name = "accounts"

# Below /o/<organisation>/, in the namespace "accounts".
organisation_urls: list[URLPattern] = [
    path("settings/", organisation.settings, name="settings"),
    path("settings/contacts/", organisation.add_contact, name="add_contact"),
    path(
        "settings/contacts/<str:contact>/remove/",
        organisation.remove_contact,
        name="remove_contact",
    ),
    path("settings/sign-in/", organisation.sign_in_policy, name="sign_in_policy"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/leave/", members.leave, name="leave"),
    path("members/<str:person>/role/", members.role, name="role"),
    path("members/<str:person>/remove/", members.remove, name="remove_member"),
    path("invitations/<str:invitation>/withdraw/", members.withdraw, name="withdraw"),
    path("invitations/<str:invitation>/resend/", members.resend, name="resend"),
]

# At the root, without a namespace, before /o/<organisation>/ and before the library's /accounts/.
person_urls: list[URLPattern] = [
    path("o/", person.home, name="home_for_person"),
    path("o/new/", person.new_organisation, name="new_organisation"),
    path("profile/", person.profile, name="person_profile"),
    path("accounts/sessions/", person.sessions, name="usersessions_list"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]

# At /hijack/, in the namespace "hijack" that the library's templates expect.
acting_urls: list[URLPattern] = [
    path("acquire/", acting.StartVisit.as_view(), name="acquire"),
    path("release/", acting.EndVisit.as_view(), name="release"),
]
