"""Numbers as a page prints them, beside ours at full precision."""

from collections.abc import Mapping

from reference_values import assert_matches


def assert_printed(truth: str, ours: Mapping, theirs: Mapping[str, str], *, reference: str, data: str) -> None:
    """Compare number by number within half a unit of the last digit; ``theirs`` are the digits as printed."""
    for name, text in theirs.items():
        decimals = len(text.partition(".")[2])
        assert_matches(
            ours[name],
            float(text),
            statistic=f"{truth}: {name}",
            reference=reference,
            data=data,
            why=f"printed with {decimals} decimals" if decimals else "a whole number",
            atol=0.501 * 10.0**-decimals,
        )


def by_name(names: str, values: str) -> dict[str, str]:
    """``"a b", "1.0 2.0"`` as a mapping."""
    return dict(zip(names.split(), values.split(), strict=True))
