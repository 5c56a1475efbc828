"""Reading pages as people do: without tags, and without runs of white space."""

import re
from html import unescape

from django.http import HttpResponse


def words(answer: HttpResponse) -> str:
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())
