"""Where a person is signed in."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from portal.accounts.models import User
from portal.kit import clock


def list_sessions(*, user: User) -> list[UserSession]:
    """Return where a person is signed in, the oldest first, and forget what has ended.

    Two queries, a few more where something ended; the library's own list asks three times for
    each session. One from before a change of the password has ended too.
    """
    noted = list(UserSession.objects.filter(user=user).order_by("created_at", "pk"))
    keys = [each.session_key for each in noted]
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    live = {session.session_key for session in stored if _is_of(user, session)}
    ended = [each.pk for each in noted if each.session_key not in live]
    if ended:
        UserSession.objects.filter(pk__in=ended).delete()
    return [each for each in noted if each.session_key in live]


def _is_of(user: User, session: Session) -> bool:
    kept = session.get_decoded()
    proofs = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    given = str(kept.get(HASH_SESSION_KEY, ""))
    return kept.get(SESSION_KEY) == str(user.pk) and any(
        constant_time_compare(given, proof) for proof in proofs
    )
