"""Every component with the markup that people and screen readers depend on."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone
from django_cotton.compiler_regex import CottonCompiler

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def render(source: str, **context: Any) -> str:
    """Render a template text that uses components, as a page would, on one line."""
    template = engines["django"].from_string(CottonCompiler().process(source))
    request = RequestFactory().get("/orders/", {"state": "open"})
    return " ".join(template.render(context, request).split())


@pytest.fixture(autouse=True)
def _reader_in_utc():
    with timezone.override("UTC"):
        yield


class SeatsForm(forms.Form):
    seats = forms.IntegerField(label="Seats", min_value=5, help_text="At least 5.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    pay_by = forms.ChoiceField(
        label="Way to pay",
        choices=[("card", "Card"), ("transfer", "Transfer")],
        widget=forms.RadioSelect,
    )
    terms = forms.BooleanField(label="I accept the terms")
    token = forms.CharField(widget=forms.HiddenInput, initial="t-1")


def test_a_button_with_an_address_is_a_link_and_one_without_submits() -> None:
    link = render('<c-button href="/buy/" variant="secondary">Buy</c-button>')
    button = render('<c-button name="action" value="place" busy="Placing…">Place</c-button>')
    assert link.startswith('<a class="button button-secondary" href="/buy/"')
    assert button.startswith('<button class="button button-primary" type="submit" name="action"')
    assert 'value="place" data-busy="Placing…"' in button


def test_given_an_attribute_that_a_button_does_not_name_when_rendered_then_it_passes_through() -> (
    None
):
    html = render('<c-button hx-get="{{ url }}" small>More</c-button>', url="/a/?b=1&c=2")
    assert 'hx-get="/a/?b=1&amp;c=2"' in html
    assert "small=" not in html
    assert "button-small" in html


def test_given_markup_in_a_value_when_rendered_then_it_is_escaped() -> None:
    evil = '"><script>x</script>'
    for source in (
        '<c-copy-field id="k" label="Key" :value="evil" />',
        '<c-copy-field id="k" label="Key" :value="evil" rows="4" />',
        '<c-page-header title="{{ evil }}" />',
        '<c-fact label="{{ evil }}">{{ evil }}</c-fact>',
        '<c-dialog id="d" label="{{ evil }}" title="{{ evil }}">{{ evil }}</c-dialog>',
        '<c-button href="{{ evil }}" data-x="{{ evil }}">{{ evil }}</c-button>',
    ):
        assert "<script>" not in render(source, evil=evil)


def test_given_a_wrong_field_when_rendered_then_label_help_and_error_are_wired_to_it() -> None:
    form = SeatsForm({"seats": "4"})
    html = render('<c-field :field="form.seats" />', form=form)
    assert '<label for="id_seats">Seats</label>' in html
    assert 'aria-describedby="id_seats_helptext id_seats_error"' in html
    assert 'id="id_seats_helptext">At least 5.' in html
    assert '<div id="id_seats_error">' in html
    assert "greater than or equal to 5" in html
    assert 'aria-invalid="true"' in html


def test_given_an_optional_field_when_rendered_then_it_says_so_and_a_required_one_does_not() -> (
    None
):
    assert "(optional)" in render('<c-field :field="form.note" />', form=SeatsForm())
    assert "(optional)" not in render('<c-field :field="form.seats" />', form=SeatsForm())


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = render('<c-field :field="form.pay_by" />', form=SeatsForm())
    assert html.startswith('<fieldset class="field"')
    assert "<legend>Way to pay</legend>" in html
    assert html.count('type="radio"') == 2


def test_a_check_box_stands_inside_its_label() -> None:
    html = render('<c-field :field="form.terms" />', form=SeatsForm())
    assert '<label for="id_terms"><input type="checkbox" name="terms"' in html


def test_given_a_refused_form_when_its_fields_are_rendered_then_a_summary_links_to_each() -> None:
    html = render('<c-fields :form="form" />', form=SeatsForm({"seats": "4", "token": "t-1"}))
    assert 'role="alert"' in html
    assert '<a href="#id_seats">Seats</a>: Ensure this value' in html
    assert '<a href="#id_terms">I accept the terms</a>' in html
    assert html.count('type="hidden"') == 1


def test_given_a_fresh_form_when_its_fields_are_rendered_then_there_is_no_summary() -> None:
    html = render('<c-fields :form="form" />', form=SeatsForm())
    assert 'role="alert"' not in html
    assert 'value="t-1"' in html


def test_a_table_scrolls_in_a_focusable_region_named_by_its_caption() -> None:
    html = render('<c-table caption="Orders"><tbody><tr><td>1</td></tr></tbody></c-table>')
    assert '<div class="table-scroll" role="region" tabindex="0" aria-label="Orders">' in html
    assert '<caption class="sr-only">Orders</caption>' in html


def test_a_stacked_table_needs_no_scrolling_region() -> None:
    html = render('<c-table caption="Orders" stack><tbody></tbody></c-table>')
    assert "tabindex" not in html
    assert 'class="table table-stack"' in html


@pytest.mark.parametrize("tone", ["neutral", "info", "success", "warning", "danger"])
def test_a_badge_has_its_tone_and_its_word(tone: str) -> None:
    assert render(f'<c-badge tone="{tone}">Paid</c-badge>') == (
        f'<span class="badge badge-{tone}">Paid</span>'
    )


@pytest.mark.parametrize(
    ("tone", "role", "spoken"),
    [
        ("info", "status", "Note:"),
        ("success", "status", "Done:"),
        ("warning", "status", "Warning:"),
        ("danger", "alert", "Problem:"),
        ("error", "alert", "Problem:"),
    ],
)
def test_a_live_notice_has_the_role_of_its_tone_and_says_it(
    tone: str, role: str, spoken: str
) -> None:
    html = render(f'<c-notice tone="{tone}" live>Text</c-notice>')
    assert f'role="{role}"' in html
    assert spoken in html


def test_a_notice_that_was_there_from_the_start_is_not_announced() -> None:
    assert "role=" not in render("<c-notice>Text</c-notice>")


def test_a_stepper_marks_the_current_step_and_links_back_to_done_ones() -> None:
    html = render(
        '<c-stepper label="Order"><c-step state="done" href="/a/">Choose</c-step>'
        '<c-step state="current">Review</c-step><c-step>Pay</c-step></c-stepper>'
    )
    assert '<nav class="stepper" aria-label="Order"><ol>' in html
    assert html.count('aria-current="step"') == 1
    assert '<a href="/a/">Choose</a>' in html
    assert "(done)" in html


def test_a_timeline_item_shows_its_moment_and_one_to_come_says_so() -> None:
    html = render(
        '<c-timeline><c-timeline-item title="Placed" :at="at">By Ada</c-timeline-item>'
        '<c-timeline-item title="Key" pending /></c-timeline>',
        at=DUE,
    )
    assert '<time datetime="2026-11-24T09:00:00+00:00"' in html
    assert html.count("still to come") == 1


def test_given_another_zone_when_a_moment_is_shown_then_it_is_converted_and_named() -> None:
    with timezone.override("America/New_York"):
        html = render('<c-moment :at="at" />', at=DUE)
    assert "Tue, 24 Nov 2026, 04:00 EST" in html
    assert 'title="America/New_York"' in html
    assert 'datetime="2026-11-24T09:00:00+00:00"' in html


class Shown:
    def __init__(self, kind: str) -> None:
        self.kind, self.day, self.at = kind, date(2026, 11, 23), DUE


def test_given_a_due_time_at_an_opening_when_shown_then_it_reads_by_close_of_the_day_before() -> (
    None
):
    html = render('<c-due-time :shown="due" />', due=Shown("by_close"))
    assert "by close of business on 23 Nov 2026" in html
    assert 'datetime="2026-11-24T09:00:00+00:00"' in html


def test_given_any_other_due_time_when_shown_then_it_is_absolute() -> None:
    html = render('<c-due-time :shown="due" />', due=Shown("at"))
    assert "by Tue, 24 Nov 2026, 09:00 UTC" in html


def test_an_overdue_promise_says_so_and_a_paused_one_shows_no_time() -> None:
    assert "Overdue" in render('<c-due-time :at="at" overdue />', at=DUE)
    assert "Overdue" not in render('<c-due-time :at="at" />', at=DUE)
    paused = render('<c-due-time :at="at" paused />', at=DUE)
    assert "waiting for your answer" in paused
    assert "<time" not in paused


def test_an_empty_state_shows_the_next_step() -> None:
    html = render(
        '<c-empty title="No orders">Buy seats.<c-slot name="actions">'
        '<c-button href="/buy/">Buy</c-button></c-slot></c-empty>'
    )
    assert "No orders" in html
    assert "Buy seats." in html
    assert '<div class="empty-actions"> <a class="button' in html


def test_a_dialog_opens_from_a_link_to_itself_and_is_named_by_its_title() -> None:
    html = render('<c-dialog id="end" label="End…" title="End it?">All of it.</c-dialog>')
    assert 'href="#end" id="end-opener" data-dialog="end"' in html
    assert '<dialog class="dialog" id="end" aria-labelledby="end-title">' in html
    assert "All of it." in html


def test_given_a_middle_page_when_paged_then_both_ways_keep_the_rest_of_the_query() -> None:
    page = Paginator(range(95), 20).get_page(3)
    html = render('<c-pager :page="page" />', page=page)
    assert "41 to 60 of 95" in html
    assert 'href="?state=open&amp;page=2"' in html
    assert 'href="?state=open&amp;page=4"' in html


def test_given_one_page_only_when_paged_then_nothing_shows() -> None:
    assert render('<c-pager :page="page" />', page=Paginator([1], 20).get_page(1)) == ""


def test_a_copy_field_has_the_whole_text_and_a_live_region() -> None:
    html = render('<c-copy-field id="key" label="Key" :value="key" rows="3" />', key="key/abc.def")
    assert ">key/abc.def</textarea>" in html
    assert 'data-copy="key"' in html
    assert '<p class="copy-status" id="key-status" role="status"></p>' in html


LINES = [
    {
        "kind": "licence",
        "description": "Distribution Engine",
        "amount": 17_498,
        "period_start": date(2026, 7, 1),
        "period_end": date(2027, 2, 1),
        "explanation": [
            {"kind": "full_term", "quantity": 3, "unit_amount": 9_999, "amount": 29_997},
            {"kind": "months", "parts": 7, "whole": 12, "exact": "174.9825"},
            {"kind": "rounded", "exact": "174.9825", "amount": 17_498},
        ],
    },
    {
        "kind": "support",
        "description": "Premier support",
        "amount": 3_500,
        "explanation": [
            {"kind": "percent", "basis_points": 2000, "base_amount": 17_498, "exact": "34.996"},
            {"kind": "rounded", "exact": "34.996", "amount": 3_500},
        ],
    },
]
GROUPS = [{"rate_basis_points": 2000, "net": 20_998, "tax": 4_200, "note": ""}]


def test_the_sum_explains_each_line_step_by_step_down_to_the_total() -> None:
    html = render(
        '<c-sum :lines="lines" currency="GBP" :net="20998" :tax="4200" :gross="25198" '
        ':tax_groups="groups" />',
        lines=LINES,
        groups=GROUPS,
    )
    assert "3 × £99.99 = £299.97" in html
    assert "for 7 of 12 months = 174.9825" in html
    assert "174.9825, rounded to £174.98" in html
    assert "20% of £174.98 = 34.996" in html
    assert "1 Jul 2026 – 31 Jan 2027" in html
    assert "VAT 20% of £209.98" in html
    assert '<tr class="total"><th scope="row">Total</th><td class="num">£251.98</td></tr>' in html


def test_given_a_step_without_rounding_when_it_is_the_last_then_it_gives_the_lines_amount() -> None:
    line = {
        "kind": "licence",
        "description": "Seats",
        "amount": 18_000,
        "explanation": [{"kind": "months", "parts": 6, "whole": 12, "exact": "180.00"}],
    }
    html = render('<c-sum :lines="lines" currency="GBP" :net="18000" />', lines=[line])
    assert "for 6 of 12 months = £180.00" in html


def test_given_a_visitor_when_the_sum_shows_then_the_tax_is_left_open() -> None:
    html = render(
        '<c-sum :lines="lines" currency="GBP" :net="20998" note="VAT is added." />', lines=LINES
    )
    assert "Total without tax" in html
    assert "VAT is added." in html
    assert "£251.98" not in html


def test_given_prices_with_tax_when_the_sum_shows_then_the_tax_stands_below_the_total() -> None:
    groups = [{"rate_basis_points": 2100, "net": 14_460, "tax": 3_037, "note": ""}]
    html = render(
        '<c-sum :lines="lines" currency="EUR" :net="14460" :gross="17497" :tax_groups="groups" '
        ':inclusive="True" />',
        lines=[{"kind": "licence", "description": "One", "amount": 17_497, "explanation": []}],
        groups=groups,
    )
    assert html.index("€174.97</td></tr> <tr><th") < html.index("VAT 21%, included")
    assert "€30.37" in html
    assert ">Net<" not in html


def test_sections_cards_headers_and_crumbs_keep_their_headings() -> None:
    html = render(
        '<c-breadcrumb><c-crumb href="/o/">Orders</c-crumb><c-crumb>A1</c-crumb></c-breadcrumb>'
        '<c-page-header title="Order A1" lead="Placed." /><c-section title="Lines">x</c-section>'
        '<c-card title="Note" level="3">y</c-card><c-details summary="Why?">z</c-details>'
    )
    assert "<h1>Order A1</h1>" in html
    assert "<h2>Lines</h2>" in html
    assert "<h3>Note</h3>" in html
    assert "<summary>Why?</summary>" in html
    assert '<span aria-current="page">A1</span>' in html


def test_given_a_title_around_it_when_a_component_has_none_then_it_shows_none() -> None:
    assert "Outer" not in render("<c-notice>Text</c-notice>", title="Outer", actions="Outer")
    assert "Outer" not in render('<c-empty title="A">B</c-empty>', actions="Outer")


def test_a_component_inside_a_partial_renders_alone() -> None:
    html = get_template("styleguide/index.html#live-state").render({})
    assert '<span class="badge badge-success">A component inside a partial</span>' in html
    assert "<h1>" not in html
    assert "<c-" not in html
