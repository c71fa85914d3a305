"""`ringdesk.toml` as `ringdesk init` writes it: whole or not at all, and readable by nobody else."""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

Section = tuple[str, Mapping[str, object]]

HEAD = "# Written by `ringdesk init`. What else may stand here, and why: docs/settings.md\n"


def text(sections: Iterable[Section]) -> str:
    """TOML's basic strings, numbers and lists are written as JSON's. What is empty is left out."""
    blocks = [HEAD]
    for heading, values in sections:
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value != ""]
        blocks.append("\n".join([heading, *lines, ""]))
    return "\n".join(blocks)


def write(path: Path, content: str) -> Path | None:
    """Where the file that was there is now, if there was one. Raises OSError, and then nothing is changed."""
    path = path.resolve()
    kept = path.with_name(f"{path.name}.bak") if path.exists() else None
    if kept:
        _put(kept, path.read_bytes())
    _put(path, content.encode())
    return kept


def _put(path: Path, content: bytes) -> None:
    """Written beside it under another name, then renamed: whoever looks sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
