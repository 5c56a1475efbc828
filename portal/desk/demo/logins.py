"""What `make demo` prints when the portal is up."""

from portal.desk.demo.people import BOOKKEEPER, COMPANIES, PASSWORD, STAFF

ROLE_NAMES = {
    "owner": "customer, owner",
    "billing": "customer, billing clerk",
    "licence_manager": "customer, licence manager",
    "member": "customer, member",
}


def announce(*, url: str, with_logins: bool) -> str:
    """Return the addresses and the logins, as text for a terminal."""
    lines = ["", f"The portal is at      {url}/", f"The staff area is at  {url}/admin/"]
    lines.append(f"Mails are read at     {url}/admin/notifications/mail/")
    if with_logins:
        lines += ["", f"Password of everybody: {PASSWORD}"]
        lines += [f"  {email:<28} {ROLE_NAMES[role]}" for email, _, role in COMPANIES[0].people]
        lines.append(f"  {BOOKKEEPER[0]:<28} billing clerk of two customers")
        lines += [
            f"  {email:<28} staff, {(group or 'everything').lower()}"
            for email, (_, group) in STAFF.items()
        ]
    lines += ["", "Card that pays: 4242 4242 4242 4242; with 3-D Secure: 4000 0000 0000 3220."]
    return "\n".join([*lines, "Stop with Ctrl-C.", ""])
