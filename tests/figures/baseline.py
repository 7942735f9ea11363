"""Every picture as it was last looked at and found right: small images that a change of the picture does not match.

``python tests/show.py pictures`` draws anew what changed, and names it: look at each before you commit it.
"""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from figures.gallery import PICTURES
from matplotlib import pyplot
from PIL import Image

from sgsurvey.figures import style
from sgsurvey.text import LANGUAGES

KEPT = Path(__file__).with_name("baseline")
MADE_WITH = KEPT / "matplotlib.txt"
DPI = 60  # small letters can just be read
NAMES = [f"{name}.{language}" for name in PICTURES for language in LANGUAGES]

# The side of a block in pixels, and by how much, of 255, its mean colour may differ.  One version of matplotlib draws
# the same bytes each time, and one digit more or less in a label is 1.8.  Another version may shape letters anew, which
# comes to 13, and a bar that is longer by a fiftieth of the axis to 17: test_baseline.py measures all of these.
SAME_VERSION, OTHER_VERSION = (12, 0.5), (30, 15.0)


def path_of(name: str) -> Path:
    """Where the image of a picture is kept."""
    return KEPT / f"{name}.png"


def made_here() -> bool:
    """Whether the images were made with the matplotlib that runs now."""
    return MADE_WITH.read_text(encoding="utf-8").strip() == mpl.__version__


def drawn(name: str) -> bytes:
    """The picture as it is now, as a PNG file."""
    kind, _, language = name.rpartition(".")
    figure = PICTURES[kind](language).figure
    try:
        return image(figure)
    finally:
        pyplot.close(figure)


def image(figure: object) -> bytes:
    """A figure in few pixels, without opacity, packed as tightly as PNG allows."""
    buffer = BytesIO()
    Image.open(BytesIO(style.to_png(figure, DPI))).convert("RGB").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def difference(one: bytes, other: bytes, block: int) -> float:
    """The largest difference of the mean colour of a block; infinite for images that are not of one size."""
    first, second = (np.asarray(Image.open(BytesIO(png)), dtype=float) for png in (one, other))
    if first.shape != second.shape:
        return float("inf")
    gone = np.zeros((*(-(-length // block) * block for length in first.shape[:2]), 3))
    gone[: first.shape[0], : first.shape[1]] = first - second
    tall, wide = gone.shape[0] // block, gone.shape[1] // block
    return float(np.abs(gone.reshape(tall, block, wide, block, 3).mean(axis=(1, 3))).max())


def show() -> bool:
    """Draw anew each picture that no longer is as it was kept, and drop those of pictures that are gone."""
    mpl.use("Agg")
    block, allowed = SAME_VERSION
    changed = []
    for name in NAMES:
        now, path = drawn(name), path_of(name)
        if not path.exists() or difference(now, path.read_bytes(), block) > allowed:
            path.write_bytes(now)
            changed.append(path.name)
    for path in KEPT.glob("*.png"):
        if path.stem not in NAMES:
            path.unlink()
            changed.append(f"{path.name} (gone)")
    MADE_WITH.write_text(f"{mpl.__version__}\n", encoding="utf-8")
    print("\n".join(changed) or "no picture changed")
    return True
