"""Which files may be attached, and what a file is called: decided by what is in it, not by what somebody says."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import puremagic

from dashboard.errors import Invalid, Problem

MOST_BYTES = 25 * 1024 * 1024
LONGEST_NAME = 120
ZIP = b"PK\x03\x04"
OFFICE = "application/vnd.openxmlformats-officedocument."
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: ("pdf",),
    PNG: ("png",),
    JPEG: ("jpg", "jpeg"),
    f"{OFFICE}wordprocessingml.document": ("docx",),
    f"{OFFICE}spreadsheetml.sheet": ("xlsx",),
    f"{OFFICE}presentationml.presentation": ("pptx",),
    "text/plain": ("txt",),
    "text/csv": ("csv",),
}
"""The kinds of files that may be attached, and how their names end."""

SIGNED = (PDF, PNG, JPEG)
"""What a signed paper may come as."""

INSIDE: dict[str, bytes] = {"docx": b"word/", "xlsx": b"xl/", "pptx": b"ppt/"}
"""What an office file holds by its ending; all of them are ZIP archives."""

MAGIC: dict[str, bytes] = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


class Judged(NamedTuple):
    """A file that may be attached: its name without path, and its type."""

    name: str
    media_type: str


def judge(name: str, content: bytes, kinds: tuple[str, ...] = tuple(ENDINGS)) -> Judged:
    """The file as it is kept. Raises Invalid: attachment.empty, .too_large, .kind, .mismatch."""
    if not content:
        raise fault("attachment.empty")
    if len(content) > MOST_BYTES:
        raise fault("attachment.too_large", limit=MOST_BYTES // 1024**2)
    plain = plain_name(name)
    ending = plain.rpartition(".")[2].lower()
    media_type = media_type_of(content, ending)
    if media_type not in kinds:
        raise fault("attachment.kind", known=[one for kind in kinds for one in ENDINGS[kind]])
    if ending not in ENDINGS[media_type]:
        raise fault("attachment.mismatch", name=plain, kind=ENDINGS[media_type][0])
    return Judged(plain, media_type)


def media_type_of(content: bytes, ending: str) -> str | None:
    """The type of a content; the ending only tells kinds apart that look alike inside."""
    for media_type, start in MAGIC.items():
        if content.startswith(start):
            return media_type if confirmed(content, media_type) else None
    if content.startswith(ZIP):
        return next((kind for kind, (one, *_) in ENDINGS.items() if one in INSIDE and INSIDE[one] in content), None)
    return ("text/csv" if ending == "csv" else "text/plain") if is_text(content) else None


def confirmed(content: bytes, media_type: str) -> bool:
    """Whether a second opinion says the same."""
    try:
        return str(puremagic.from_string(content, mime=True)) == media_type
    except puremagic.PureError:
        return False


def is_text(content: bytes) -> bool:
    """Whether a content is text that people wrote, and no page or program for a browser."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n" for sign in text)
        return controls == 0 and not text.lstrip().startswith("<")
    return False


def plain_name(name: str) -> str:
    """A name without path, unseen signs and reserved signs; never empty, never too long."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    bare = re.sub(r'[<>:"|?*]', "_", UNSEEN.sub("", last)).strip().lstrip(".")
    stem, dot, ending = bare.rpartition(".")
    if not dot:
        stem, ending = bare, ""
    stem = (stem.strip() or "file")[: LONGEST_NAME - len(ending) - 1]
    return f"{stem}.{ending}" if ending else stem


def fault(code: str, **values: object) -> Invalid:
    """What is wrong with the file."""
    return Invalid((Problem(None, "file", code, {"field": "file", **values}),))
