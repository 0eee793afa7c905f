"""Deployment packages: a zip that holds an executable `bootstrap`."""

import io
import sys
import zipfile
from pathlib import Path

EXECUTABLE = 0o100755 << 16
FILE = 0o100644 << 16


def of_binary(path: Path) -> bytes:
    """The package of a built function, shaped as a release is."""
    return zip_of({"bootstrap": (path.read_bytes(), EXECUTABLE)})


def of_python(path: Path) -> bytes:
    """A script run by this very interpreter; for stand-ins, since Lambda's own image is not here."""
    script = f"#!{sys.executable}\n{path.read_text()}"
    return zip_of({"bootstrap": (script.encode(), EXECUTABLE)})


def of_files(directory: Path) -> bytes:
    """A layer's package."""
    return zip_of({
        str(path.relative_to(directory)): (path.read_bytes(), FILE)
        for path in sorted(directory.rglob("*")) if path.is_file()
    })


def zip_of(files: dict[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, (content, mode) in files.items():
            # One fixed date, so that the same content is the same package.
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = mode
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()
