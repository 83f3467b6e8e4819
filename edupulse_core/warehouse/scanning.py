"""Look at a file's bytes: whether they are text, how many lines, or what else the file is."""

import codecs
import hashlib
import re
from pathlib import Path

from edupulse_core.errors import SourceError
from edupulse_core.warehouse.records import rows

HEAD = 512  # bytes that tell what a file is
_SEAM = 64  # bytes looked at twice where two blocks meet
_STRAY = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a stray byte
_SPACED_QUOTE = re.compile(rb'(?:^|[,\r\n]) +"|" +(?:$|[",\r\n])')
_SAVE_AS = "save it as CSV UTF-8"
_SIGNS = (  # how a file begins → what it is; the longer of two that begin alike comes first
    (b"\xff\xfe\x00\x00", f"is UTF-32, not UTF-8: {_SAVE_AS}"),
    (b"\x00\x00\xfe\xff", f"is UTF-32, not UTF-8: {_SAVE_AS}"),
    (b"\xff\xfe", f"is UTF-16, not UTF-8: {_SAVE_AS}"),
    (b"\xfe\xff", f"is UTF-16, not UTF-8: {_SAVE_AS}"),
    (b"PK\x03\x04", f"is an Excel file or a zip, not CSV: {_SAVE_AS}"),
    (b"\xd0\xcf\x11\xe0", f"is an old Excel file, not CSV: {_SAVE_AS}"),
    (b"\x1f\x8b", "is compressed: give it a name that ends in .csv.gz"),
    (b"%PDF", "is a PDF, not CSV"),
    (b"SQLite format 3", "is a database, not CSV"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


def foreign(head: bytes) -> str:
    """What a file is, in words, if its first bytes say that it is no CSV in UTF-8; else empty."""
    for sign, said in _SIGNS:
        if head.startswith(sign):
            return said
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return "is a web page or XML, not CSV"
    if len(head) >= 4 and (head[1:4:2] == b"\0\0" or head[0:4:2] == b"\0\0"):
        return f"is UTF-16, not UTF-8: {_SAVE_AS}"
    return ""


def not_text(path: Path, file: str, columns: list[str]) -> SourceError:
    """Name the row and column of the first byte that is not UTF-8."""
    for row in rows(path, file, columns=columns, strict=False):
        for at, value in enumerate(row.fields or ()):
            if bad := _STRAY.search(value):
                is_named = row.number > 1 and at < len(columns)
                return SourceError(
                    f"not UTF-8: found the byte 0x{ord(bad[0]) - 0xDC00:02x}",
                    file=file,
                    row=row.number,
                    column=columns[at] if is_named else str(at + 1),
                )
    return SourceError("not UTF-8", file=file)


class Scan:
    """What one pass over a file's bytes finds out."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self.n_lines = 1  # the last line may lack a line end
        self._has_spaced_quotes = False
        self._n_returns = 0  # carriage returns without a newline after them
        self._last = b""
        self._trailing = 0  # line ends with nothing after them so far
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    @property
    def is_regular(self) -> bool:
        """Whether every CSV reader splits these bytes the same way."""
        return not self._has_spaced_quotes and self._n_returns == 0

    def is_text(self) -> bool:
        """At the end: whether every byte was UTF-8."""
        self._decode(b"", final=True)
        return self._is_text

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        if self._is_text:
            try:
                self._decoder.decode(block, final)
            except UnicodeDecodeError:
                self._is_text = False

    def add(self, block: bytes) -> None:
        """Take in the next bytes."""
        self.digest.update(block)
        self.size += len(block)
        self._decode(block)
        if n_returns := block.count(b"\r"):
            self._n_returns += n_returns - block.count(b"\r\n")
        self._n_returns -= self._last.endswith(b"\r") and block.startswith(b"\n")
        seam = self._last + block[:_SEAM]
        self._has_spaced_quotes |= _has_spaced_quote(block) or _has_spaced_quote(seam)
        self._last = block[-_SEAM:]
        body = len(block.rstrip(b"\r\n"))
        if body:
            self.n_lines += self._trailing + block.count(b"\n", 0, body)
            self._trailing = 0
        self._trailing += block.count(b"\n", body)


def _has_spaced_quote(block: bytes) -> bool:
    has_both = b'"' in block and (b' "' in block or b'" ' in block)
    return has_both and _SPACED_QUOTE.search(block) is not None
