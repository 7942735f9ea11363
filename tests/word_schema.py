"""Is a Word file valid against the whole schema of Office Open XML?

The schemas and rules are those of Microsoft's Open XML SDK, as openxml-audit reads them.  They name what
``wordml_order`` does not know: attributes and their values, required children, identifiers, relationships between
parts.  A second or two for a report; ``wordml_order`` looks in a moment, and also whether rows cover their grid.
"""

from pathlib import Path

from openxml_audit import OpenXmlValidator


def faults(path: Path) -> list[str]:
    """Every rule that a part of the file breaks."""
    return [f"{fault.part_uri}: {fault.description}" for fault in OpenXmlValidator().validate(path).errors]
