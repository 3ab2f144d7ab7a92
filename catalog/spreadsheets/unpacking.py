"""Take a CSV file out of the zip archive that it may be sent in: functions of the cloud take only so many bytes."""

from __future__ import annotations

import io
import zipfile

from catalog.spreadsheets.decoding import MAX_BYTES, FileTooLarge, UnreadableSheet

_ZIP = b"PK\x03\x04"


def unpack(body: bytes) -> bytes:
    """Give the one CSV file of a zip archive; anything else as it is.

    :raises UnreadableSheet: if there is none, or more than one, or the archive is damaged or locked.
    :raises FileTooLarge: if it unpacks to more than 20 MB.
    """
    if not body.startswith(_ZIP):
        return body
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return _read(archive, body)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise UnreadableSheet("The zip archive is damaged or locked. Pack the CSV file once more.") from error


def _read(archive: zipfile.ZipFile, body: bytes) -> bytes:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        # An Excel workbook is a zip archive too; what reads the file says so.
        return body
    # Archives made on a Mac have a shadow of every file.
    sheets = [name for name in names if name.lower().endswith((".csv", ".tsv", ".txt")) and "__MACOSX" not in name]
    if len(sheets) != 1:
        raise UnreadableSheet(f"The zip archive has {len(sheets) or 'no'} CSV files in it. Pack exactly one.")
    with archive.open(sheets[0]) as source:
        unpacked = source.read(MAX_BYTES + 1)
    if len(unpacked) > MAX_BYTES:
        raise FileTooLarge(f"The file in the archive is larger than {MAX_BYTES // 1024 // 1024} MB. Divide it.")
    return unpacked
