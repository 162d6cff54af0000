"""Forms with files, kept in memory: nothing of them is written to a disk in plain text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from dashboard.api.bodies import read
from dashboard.api.problems import BadRequest, WrongType
from dashboard.errors import Problem

OVERHEAD_BYTES = 64 * 1024
"""What the form around the files may take."""


@dataclass(frozen=True)
class Form:
    """What was sent: the files by part and name, and the other parts."""

    files: tuple[tuple[str, str, bytes], ...]
    words: Mapping[str, str]

    @property
    def said(self) -> bytes:
        """The same for the same form, whatever stands between its parts."""
        files = [(part, name, hashlib.sha256(content).hexdigest()) for part, name, content in self.files]
        return json.dumps([files, sorted(self.words.items())]).encode()


async def form_of(request: Request, most_bytes: int, most_files: int, parts: tuple[str, ...]) -> Form:
    """The form of a request; `parts` are those it may have. Raises WrongType, TooLarge, BadRequest."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise WrongType("body.media_type", known=["multipart/form-data"])
    raw = await read(request, most_bytes + OVERHEAD_BYTES)

    async def stream() -> AsyncIterator[bytes]:
        yield raw

    parser = MultiPartParser(request.headers, stream(), max_files=most_files, max_fields=20)  # type: ignore[arg-type]
    parser.spool_max_size = len(raw) + 1
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError) as wrong:
        raise BadRequest("body.not_a_form") from wrong
    files, words = [], {}
    for name, part in form.multi_items():
        if isinstance(part, UploadFile):
            files.append((name, part.filename or "file", await part.read()))
        else:
            words[name] = part
    await form.close()
    unknown = [name for name in (*words, *(name for name, _, _ in files)) if name not in parts]
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in unknown]
    if not any(name == "file" for name, _, _ in files):
        problems.append(Problem(None, "file", "field.required"))
    if problems:
        raise BadRequest("request.invalid", problems)
    return Form(tuple(files), words)
