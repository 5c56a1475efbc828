"""A document's content as a PDF: tagged, archivable and the same bytes for the same content."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from billing.documents.content import DocumentContent
from billing.documents.presentation import present

HERE = Path(__file__).resolve().parent
STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-3a"]
UNSHOWN = re.compile(r'the (?:text|codepoint) `"(.+?)"`')
RUST_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")

# One compiler for a process holds the fonts; the library does not promise that it is thread-safe.
_rendering = Lock()


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A PDF; where a character has no shape in our fonts it is untagged and names the character."""

    pdf: bytes
    sha256: str
    tagged: bool
    missing_characters: tuple[str, ...]


def render_pdf(content: DocumentContent) -> RenderedPdf:
    """PDF/UA-1 with PDF/A-3a; a character that no font has gives a plain PDF, not an error.

    Pure and offline: no clock, no network, no system fonts. The PDF's creation date is midnight
    UTC of the day of issue. Safe to call from several threads: they take turns. Raises
    typst.TypstError where even a plain PDF cannot be made (a logo that is no picture), and
    RuntimeError in a process that was forked after its parent had rendered.
    """
    data = present(content)
    created = datetime.combine(content.issued_on, time(), UTC)
    try:
        pdf = _compile(data, created, STANDARDS)
    except typst.TypstError as error:
        plain = _compile(data, created, [])
        return _rendered(plain, tagged=False, missing=_missing_characters(error))
    return _rendered(pdf, tagged=True)


def _compile(data: dict[str, Any], created: datetime, standards: list[typst.PDFStandard]) -> bytes:
    with _rendering:
        pdf = _compiler().compile(
            format="pdf",
            sys_inputs={"document": json.dumps(data)},
            pdf_standards=standards,
            pdf_tags=bool(standards),
            timestamp=created,
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave pages instead of one PDF")
    return pdf


def _compiler() -> typst.Compiler:
    """The process's compiler; a child forked from a process that rendered would hang: refuse it."""
    compiler, made_in = _process_compiler()
    if made_in != os.getpid():
        raise RuntimeError("the parent process rendered a document before it forked this one")
    return compiler


@cache
def _process_compiler() -> tuple[typst.Compiler, int]:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(HERE / "fonts"), str(files("noto_cjk_sans_otc"))],
    )
    compiler = typst.Compiler(
        input=str(HERE / "template.typ"),
        root=str(HERE),
        font_paths=fonts,
        ignore_system_fonts=True,
    )
    return compiler, os.getpid()


def _rendered(pdf: bytes, *, tagged: bool, missing: tuple[str, ...] = ()) -> RenderedPdf:
    return RenderedPdf(pdf, hashlib.sha256(pdf).hexdigest(), tagged, missing)


def _missing_characters(error: typst.TypstError) -> tuple[str, ...]:
    """The characters that the accessible profiles refused, each once, in the order met."""
    found = UNSHOWN.findall(error.diagnostic)
    shapes = (RUST_ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) for text in found)
    return tuple(dict.fromkeys(shapes))
