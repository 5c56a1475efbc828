"""The help pages and the contact form."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.notifications.models import Mail

PAGES = ["index", "licences", "buying", "paying", "keys", "contact", "contact_sent"]
ENQUIRY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "topic": "terms",
    "message": "May we change clause 4?",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_reads_each_help_page_under_one_heading(
    client: Client, vendor, name: str
) -> None:
    answer = client.get(reverse(f"help:{name}"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.count("<h1") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("licences", "Count the people, once each"),
        ("licences", "Not if the administrator distributes work to others"),
        ("buying", "Yes: five seats. Later additions can be as small as one."),
        ("buying", "No. There is one billing period, the year, paid in advance."),
        ("buying", "with six months to go, half of the yearly price"),
        ("buying", "within one business day"),
        ("buying", "percentage of the whole licence fee"),
        ("buying", "the answer to changes is normally no"),
        ("keys", "shows only when the product can ask us"),
    ],
)
def test_the_purchasing_questions_are_answered(
    client: Client, vendor, name: str, sentence: str
) -> None:
    assert sentence in client.get(reverse(f"help:{name}")).content.decode()


def test_every_link_of_the_index_leads_to_an_answer(client: Client, vendor) -> None:
    index = client.get(reverse("help:index")).content.decode()
    targets = [
        part.split('"')[0] for part in index.split('href="')[1:] if "#" in part.split('"')[0]
    ]
    anchored = [target for target in targets if target.startswith("/help/")]
    assert len(anchored) == 17
    for target in anchored:
        path, anchor = target.split("#")
        assert f'id="{anchor}"' in client.get(path).content.decode(), target


def test_given_a_question_when_sent_then_support_gets_it_and_can_reply(
    client: Client, vendor
) -> None:
    answer = client.post(reverse("help:contact"), ENQUIRY)
    mail = Mail.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("help:contact_sent")
    assert mail.recipients == [vendor.support_email]
    assert mail.reply_to == "ada@example.com"
    assert "May we change clause 4?" in mail.text
    assert "A change of the terms" in mail.text


@pytest.mark.parametrize(
    "wrong",
    [{"email": "nobody"}, {"message": ""}, {"name": ""}, {"topic": "x"}, {"message": "x" * 5001}],
)
def test_given_a_wrong_field_when_sent_then_nothing_is_mailed(
    client: Client, vendor, wrong
) -> None:
    answer = client.post(reverse("help:contact"), ENQUIRY | wrong)
    assert answer.status_code == 200
    assert "Please check this form" in answer.content.decode()
    assert Mail.objects.count() == 0


def test_given_a_filled_trap_when_sent_then_the_answer_is_the_same_and_nothing_is_mailed(
    client: Client, vendor
) -> None:
    answer = client.post(reverse("help:contact"), ENQUIRY | {"website": "https://spam.example"})
    assert answer["Location"] == reverse("help:contact_sent")
    assert Mail.objects.count() == 0


def test_given_five_questions_when_a_sixth_comes_then_it_is_refused_and_the_text_is_kept(
    client: Client, vendor
) -> None:
    for _ in range(5):
        assert client.post(reverse("help:contact"), ENQUIRY).status_code == 302
    answer = client.post(reverse("help:contact"), ENQUIRY)
    assert answer.status_code == 429
    assert "May we change clause 4?" in answer.content.decode()
    assert Mail.objects.count() == 5


def test_given_a_person_signed_in_when_asking_then_name_and_address_are_filled_in(
    client: Client, vendor, customer
) -> None:
    client.force_login(customer.owner)
    html = client.get(reverse("help:contact"), {"topic": "payment"}).content.decode()
    assert f'value="{customer.owner.email}"' in html
    assert '<option value="payment" selected>' in html
