"""Where a price list's tiers are undercut by the next tier's first quantity."""

from billing.domain.pricing import Saving, Tier, cheaper_larger_quantity, savings

TIERS = (Tier(5, 12000), Tier(25, 10800), Tier(100, 9600))


def test_given_the_examples_tiers_when_listed_then_23_and_89_are_the_first_undercut():
    assert savings(TIERS) == [
        Saving(TIERS[0], from_quantity=23, quantity=25, amount=270000),
        Saving(TIERS[1], from_quantity=89, quantity=100, amount=960000),
    ]


def test_given_the_list_when_compared_with_the_offer_then_both_begin_at_the_same_quantity():
    for saving in savings(TIERS):
        offer = cheaper_larger_quantity(TIERS, saving.from_quantity)
        assert offer is not None
        assert (offer.quantity, offer.amount) == (saving.quantity, saving.amount)
        assert cheaper_larger_quantity(TIERS, saving.from_quantity - 1) is None


def test_given_an_equal_sum_when_listed_then_it_is_no_saving():
    # 24 × 100 = 2400 = 30 × 80: only 25 to 29 cost more than 30.
    assert savings((Tier(1, 100), Tier(30, 80))) == [
        Saving(Tier(1, 100), from_quantity=25, quantity=30, amount=2400)
    ]


def test_given_a_next_tier_that_saves_nothing_when_listed_then_there_is_no_note():
    assert savings((Tier(1, 14900), Tier(2, 14000))) == []
    assert savings((Tier(5, 12000),)) == []
