"""Which encoding a text is in: its mark, strict UTF-8, strict GB18030 that reads like Chinese, a second opinion."""

from __future__ import annotations

import codecs
from contextlib import suppress

from charset_normalizer import from_bytes

from dashboard.errors import Refused

MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; the longer one of two that begin alike stands first."""

CANDIDATES = ("gb18030", "cp1252", "big5", "shift_jis", "euc_kr", "cp1251")
SAMPLE_BYTES = 65_536
COMMON_SHARE = 0.9
"""Chinese text in GBK is made of characters of GB 2312. Western text read as GBK gives rare ones, because an accented
letter swallows the plain letter after it and GB 2312 has no such second bytes."""


def as_utf8(data: bytes, name: str) -> tuple[bytes, str]:
    """The same text in UTF-8 without a mark, and the encoding it was in.

    Raises Refused: file.binary (zero bytes, but not UTF-16), file.encoding (no encoding fits).
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return recoded(data[len(mark) :], encoding, name), encoding
    if b"\0" in data[:SAMPLE_BYTES]:
        encoding = wide_encoding(data[:SAMPLE_BYTES], name)
        return recoded(data, encoding, name), encoding
    with suppress(Refused):
        return recoded(data, "utf-8", name), "utf-8"
    encoding = guessed(data)
    return recoded(data, encoding, name), encoding


def recoded(data: bytes, encoding: str, name: str) -> bytes:
    """Bytes of a strict encoding as UTF-8. Raises Refused (file.encoding, file.binary)."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("file.encoding", file=name) from None
    if "\0" in text:
        raise Refused("file.binary", file=name)
    return data if encoding == "utf-8" else text.encode()


def wide_encoding(head: bytes, name: str) -> str:
    """UTF-16 without a mark shows in zero bytes on one side of its pairs only."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    if even > 4 * odd:
        return "utf-16-be"
    raise Refused("file.binary", file=name)


def guessed(data: bytes) -> str:
    """The encoding of text that is not UTF-8."""
    sample = telling_lines(data)
    try:
        chinese = common_share(sample.decode("gb18030")) >= COMMON_SHARE
    except UnicodeDecodeError:
        chinese = False
    if chinese:
        return "gb18030"
    best = from_bytes(sample, cp_isolation=list(CANDIDATES)).best()
    return best.encoding if best else "cp1252"


def telling_lines(data: bytes) -> bytes:
    """The first lines that hold more than ASCII: the others say nothing about the encoding."""
    taken, size = [], 0
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            taken.append(line)
            size += len(line)
        if size > SAMPLE_BYTES:
            break
    return b"".join(taken)


def common_share(text: str) -> float:
    """The share of GB 2312 among the characters beyond ASCII."""
    beyond = [character for character in text if not character.isascii()]
    common = sum(1 for character in beyond if in_gb2312(character))
    return common / len(beyond) if beyond else 0.0


def in_gb2312(character: str) -> bool:
    """Whether the character stands in the basic Chinese set."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
