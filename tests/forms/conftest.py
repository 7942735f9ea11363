"""A phone, and forms opened on it."""

import pytest
from browser import Browser
from offline_form import INSTRUMENT, START

from sgsurvey.forms.html import write_html


@pytest.fixture(scope="session")
def phone(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def page(phone, tmp_path):
    """Opens a form on a device that holds nothing yet."""

    def opened(instrument=INSTRUMENT, role="grower", *, start=True, **how) -> Browser:
        phone.resize(360, 740)
        path = tmp_path / f"{role}.html"
        write_html(instrument, path, role=role, **how)
        phone.visit(path)
        phone.run("localStorage.clear()")
        phone.reload()
        for path in phone.downloads.glob("*"):
            path.unlink()
        if start:
            phone.tap(START)
        return phone

    return opened
