"""Word files as LibreOffice prints them."""

import os
import subprocess
from pathlib import Path

# A machine without the Chinese fonts that the document names prints in these.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
<alias binding="same"><family>宋体</family><prefer><family>Noto Serif CJK SC</family></prefer></alias>
<alias binding="same"><family>黑体</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>"""


def printed_pages(document: Path) -> list[str]:
    """The text of each page of ``document``, printed to a PDF beside it."""
    folder = document.parent
    _convert(document, "pdf", folder)
    text = subprocess.run(
        ["pdftotext", "-raw", str(document.with_suffix(".pdf")), "-"],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return text.stdout.split("\f")[:-1]


def saved_again(document: Path, folder: Path) -> Path:
    """``document`` as LibreOffice writes it anew, in ``folder``."""
    folder.mkdir()
    _convert(document, "docx", folder)
    return folder / document.name


def _convert(document: Path, suffix: str, folder: Path) -> None:
    fonts, settings = document.parent / "fonts.conf", document.parent / "office"
    fonts.write_text(FONTS, encoding="utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation={settings.as_uri()}", "--headless", "--convert-to", suffix,
         "--outdir", str(folder), str(document)],
        check=True, capture_output=True, timeout=400, env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
    )  # fmt: skip
