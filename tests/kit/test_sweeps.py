"""Sweeps: one item that fails does not stop the rest."""

from portal.kit.sweeps import sweep_each


def test_given_one_item_that_fails_then_the_others_are_done_and_counted():
    seen = []

    def handle(number: int) -> bool:
        if number == 2:
            raise RuntimeError("a fault")
        seen.append(number)
        return number != 3

    assert sweep_each("numbers", [1, 2, 3, 4], handle) == 2
    assert seen == [1, 3, 4]
