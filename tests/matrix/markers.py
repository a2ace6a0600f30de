"""Everything an answer says, and the markers of records in it."""

import io
import re
import zipfile
from typing import Any
from urllib.parse import unquote_to_bytes

from pypdf import PdfReader

from tests.matrix.expect import DELETED, sees, takes_back

MARK = re.compile(rb"mk-([a-z]+)-([a-z]+)-\d+")


def everything_in(response: Any) -> bytes:
    """Body and headers; a zip (XLSX) is unpacked, a PDF is read as text with its title."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = repr(dict(response.headers)).encode()
    return readable(body) + headers + unquote_to_bytes(headers)


def readable(body: bytes) -> bytes:
    """The text of a file."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    if body.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(body))
        pages = "\n".join(page.extract_text() for page in reader.pages)
        return f"{pages}\n{dict(reader.metadata or {})}".encode()
    return body


def foreign_markers(who: str, text: bytes | str, *, is_trash: bool = False) -> list[str]:
    """`type/ownership` of every marker that the person may not see; the trash shows the deleted."""
    found = set(MARK.findall(text.encode() if isinstance(text, str) else text))
    named = sorted((kind.decode(), ownership.decode()) for kind, ownership in found)
    thrown = {kind for kind, own in named if is_trash and own == DELETED and takes_back(who, kind)}
    return [
        f"{kind}/{own}"
        for kind, own in named
        if not sees(who, kind, own) and not (own == DELETED and kind in thrown)
    ]
