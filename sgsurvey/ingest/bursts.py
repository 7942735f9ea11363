"""Answers sent one after another from the same address: told and flagged at reading; the address itself is not kept."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.submissions import carried, local_times, moments, place_of

# Seconds between two forms that one person could not have answered both of.
BURST = 30.0
ADDRESSES = ("来自IP", "ipaddr", "IPAddress", "IP Address", "IP")
SENT = ("提交答卷时间", "submitdate", "EndDate", "RecordedDate", "datestamp", "_submission_time", "Timestamp")
# LimeSurvey dates all answers of a survey without times to the first of January 1980.
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).timestamp()


def sent_together(raw: Raw, names: Names, kept: npt.NDArray[np.bool_], events: Events) -> npt.NDArray[np.bool_] | None:
    """Which rows were sent within ``BURST`` seconds of another from the same address; None where neither can be told.

    Parameters
    ----------
    kept : ndarray of bool, shape (n,)
        Rows that are not set aside: only they are compared.
    """
    place = place_of(raw, *ADDRESSES)
    sent = None if place is None else _sent(raw, names)
    if place is None or sent is None:
        return None
    cells = raw.columns[place]
    address = cells.spread([_address(text) for text in cells.texts])
    known = pd.DataFrame({"address": address, "sent": sent})[kept].dropna().sort_values("sent", kind="stable")
    if known.empty:
        return None
    gap = known.groupby("address")["sent"].diff()
    after = known.groupby("address")["sent"].diff(-1).abs()
    found = np.zeros(len(raw.rows), dtype=bool)
    found[known.index[(gap < BURST) | (after < BURST)]] = True
    if found.any():
        events.add(
            "SG117.burst",
            n=int(found.sum()),
            row=int(raw.rows[int(np.argmax(found))]),
            column=raw.header[place],
            seconds=f"{BURST:g}",
        )
    return found


def _address(text: str) -> str | None:
    """An address without the place that 问卷星 adds in brackets; None for anything else, such as a masked one."""
    bare = re.split(r"[(（\s]", text.strip(), maxsplit=1)[0]
    try:
        return ipaddress.ip_address(bare).compressed
    except ValueError:
        return None


def _sent(raw: Raw, names: Names) -> npt.NDArray[np.float64] | None:
    """Seconds at which each row was sent, or else ended or begun, nan where unknown; None where no column says so."""
    places = [place_of(raw, *SENT), carried(raw, names, "t_end"), carried(raw, names, "t_start")]
    for place in places:
        if place is not None:
            seconds = _seconds(raw.columns[place])
            if not np.isnan(seconds).all():
                return seconds
    return None


def _seconds(cells: Cells) -> npt.NDArray[np.float64]:
    told = moments(cells)
    if all(moment is None for moment in told):
        local = local_times(cells.texts)
        told = moments(Cells(tuple(local), cells.codes)) if local is not None else told
    zoned = [m if m is None or m.tzinfo is not None else m.replace(tzinfo=dt.UTC) for m in told]
    seconds = np.array([np.nan if moment is None else moment.timestamp() for moment in zoned], dtype=np.float64)
    return np.where(seconds < EARLIEST, np.nan, seconds)
