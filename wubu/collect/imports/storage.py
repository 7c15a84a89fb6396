"""Files are kept exactly as they arrived, by the digest of their bytes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from wubu.kernel.types import Problem, Refused, Text

LIMIT = 200 * 2**20  # bytes of one file


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def path_of(digest: str) -> Path:
    """Where the file with this digest is kept."""
    return folder() / digest[:2] / digest


def keep(chunks: Iterable[bytes], name: str) -> str:
    """Store a file under its digest and return that. A file that is there already stays as it is.

    Written beside and renamed, so a full disk or a killed process leaves no half file. Raises
    Refused.
    """
    digest, size = sha256(), 0
    beside = folder() / f"{uuid4().hex}.part"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LIMIT:
                    raise Refused(_too_large(name))
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        target = path_of(digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        beside.replace(target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refused(_disk_full(name)) from error
        raise
    finally:
        beside.unlink(missing_ok=True)
    return digest.hexdigest()


def blocks(path: Path) -> Iterable[bytes]:
    """A file in pieces, for ``keep``. Raises Refused when it cannot be read."""
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                yield block
    except OSError as error:
        raise Refused(
            Problem(
                "unreadable_file",
                Text("“{f}”打不开：{e}。", "“{f}” cannot be opened: {e}.").format(
                    f=path.name, e=error.strerror
                ),
                Text("请检查路径和权限。", "Check the path and its permissions."),
            )
        ) from error


def _too_large(name: str) -> Problem:
    return Problem(
        "file_too_large",
        Text("“{f}”超过 {n} MB。", "“{f}” is larger than {n} MB.").format(f=name, n=LIMIT // 2**20),
        Text("请拆成几个文件。", "Split it into several files."),
    )


def _disk_full(name: str) -> Problem:
    return Problem(
        "disk_full",
        Text("磁盘已满，“{f}”没有保存。", "The disk is full; “{f}” was not stored.").format(f=name),
        Text(
            "请腾出空间后重新上传，已有数据未受影响。",
            "Free some space and upload again; nothing that was there is touched.",
        ),
    )
