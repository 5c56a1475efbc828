"""Lists, pages and expanded fields (https://docs.stripe.com/api/pagination, /expanding_objects)."""

from fnmatch import fnmatchcase
from typing import Any, Final

from tests.stripe_standin.errors import bad_parameter, unsupported
from tests.stripe_standin.world import Body, World, public

EXPANDABLE: Final = {
    "checkout.session": {"payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"payment_intent": "payment_intent"},
    "refund": {"payment_intent": "payment_intent", "charge": "charge"},
}
PAGING: Final = frozenset({"limit", "starting_after", "ending_before", "expand", "created"})
# What a list can be narrowed by, besides the time.
FILTERS: Final = {
    "checkout.session": frozenset({"payment_intent", "status"}),
    "payment_intent": frozenset(),
    "charge": frozenset({"payment_intent"}),
    "refund": frozenset({"payment_intent", "charge"}),
    "event": frozenset({"type", "types"}),
}


def shown(world: World, body: Body, expand: list[str]) -> Body:
    """An object as the API answers it, with what was asked to be expanded."""
    answer = public(body)
    for path in expand:
        _expand(world, body, answer, path.split("."), path)
    return answer


def listed(world: World, kind: str, url: str, params: Body) -> Body:
    """One page of a list, newest first."""
    for name in params:
        if name not in PAGING | FILTERS[kind]:
            raise unsupported(f"to narrow by {name}", param=name)
    found = [body for body in world.store.newest_first(kind) if _matches(body, params)]
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise bad_parameter("Limit must be between 1 and 100.", param="limit")
    page, has_more = _page(found, params, limit)
    expand = [_below_data(path) for path in params.get("expand", [])]
    return {
        "object": "list",
        "data": [shown(world, body, expand) for body in page],
        "has_more": has_more,
        "url": url,
    }


def _expand(world: World, body: Body, answer: Body, path: list[str], whole: str) -> None:
    name, rest = path[0], path[1:]
    if name == "line_items" and "_lines" in body and not rest:
        answer["line_items"] = {
            "object": "list",
            "data": body["_lines"],
            "has_more": False,
            "url": f"/v1/checkout/sessions/{body['id']}/line_items",
        }
        return
    kind = EXPANDABLE.get(body["object"], {}).get(name)
    if kind is None:
        raise bad_parameter(f"This property cannot be expanded ({whole}).", param="expand")
    if body[name] is None:
        return
    inner = world.need(kind, body[name])
    if not isinstance(answer[name], dict):
        answer[name] = public(inner)
    if rest:
        _expand(world, inner, answer[name], rest, whole)


def _below_data(path: str) -> str:
    head, _, rest = path.partition(".")
    if head != "data" or not rest:
        raise bad_parameter(f"This property cannot be expanded ({path}).", param="expand")
    return rest


def _matches(body: Body, params: Body) -> bool:
    return _in_time(body["created"], params.get("created")) and all(
        _has(body, name, wanted) for name, wanted in params.items() if name not in PAGING
    )


def _has(body: Body, name: str, wanted: Any) -> bool:
    if name == "types":
        return body["type"] in wanted
    if name == "type":
        return fnmatchcase(body["type"], wanted)
    return bool(body[name] == wanted)


def _in_time(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    checks = {
        "gt": created.__gt__,
        "gte": created.__ge__,
        "lt": created.__lt__,
        "lte": created.__le__,
    }
    return all(checks[name](limit) for name, limit in wanted.items())


def _page(found: list[Body], params: Body, limit: int) -> tuple[list[Body], bool]:
    if "ending_before" in params:
        end = _place(found, params["ending_before"], "ending_before")
        start = max(0, end - limit)
        return found[start:end], start > 0
    start = 0
    if "starting_after" in params:
        start = _place(found, params["starting_after"], "starting_after") + 1
    return found[start : start + limit], len(found) > start + limit


def _place(found: list[Body], object_id: str, param: str) -> int:
    for place, body in enumerate(found):
        if body["id"] == object_id:
            return place
    raise bad_parameter(f"No such object: '{object_id}'", param=param, code="resource_missing")
