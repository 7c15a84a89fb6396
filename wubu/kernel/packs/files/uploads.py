"""Files that somebody gave: one YAML text, or an archive of several. None of them is trusted."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from wubu.kernel.types import Problem, Refused, Text

LARGEST = 2_000_000  # bytes of all texts together, unpacked
MOST_FILES = 100
SUFFIXES = (".yaml", ".yml")
STILL = (1980, 1, 1, 0, 0, 0)  # the same content gives the same archive
ZIP = b"PK\x03\x04"
# What the first bytes of a file say that people take for a pack.
OTHERS: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", Text("PDF 文件", "a PDF file")),
    (b"\x89PNG", Text("图片", "a picture")),
    (b"\xff\xd8\xff", Text("图片", "a picture")),
    (b"\xd0\xcf\x11\xe0", Text("旧版 Office 文件", "an old Office file")),
    (b"\x1f\x8b", Text("gzip 压缩文件", "a gzip file")),
    (b"Rar!", Text("RAR 压缩文件", "a RAR file")),
    (b"7z\xbc\xaf", Text("7z 压缩文件", "a 7z file")),
)
EXPORTED = Text(
    "请选择从“导出”得到的 .yaml 或 .zip 文件。",
    "Choose a .yaml or .zip file as the export gives it.",
)
AS_UTF8 = Text(
    "用记事本打开，“另存为”时编码选 UTF-8，再上传。",
    "Open it in an editor, save it as UTF-8 and send it again.",
)


def read_upload(data: bytes, name: str) -> dict[str, str]:
    """The texts of a file, by name. Raises Refused with everything that is wrong with it."""
    if len(data) > LARGEST:
        raise Refused(_too_large(name))
    if data.startswith((ZIP, b"PK\x05\x06")):
        return _unpacked(data, name)
    text = _decoded(data, name)
    if isinstance(text, Problem):
        raise Refused(text)
    return {name: text}


def zipped(files: Mapping[str, str]) -> bytes:
    """Texts as one archive; the same texts give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, STILL), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _unpacked(data: bytes, name: str) -> dict[str, str]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        named = [e for e in archive.infolist() if e.filename]  # an archive may name nothing
        entries = [e for e in named if not e.is_dir() and not _hidden(e.filename)]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        words = Text("{f} 是损坏的压缩文件。", "{f} is a broken archive.").format(f=name)
        raise Refused(Problem("bad_archive", words, EXPORTED, value=str(error))) from error
    if any(e.filename in ("[Content_Types].xml", "mimetype") for e in entries):
        kind = Text("Office 文件", "an Office file")
        raise Refused(_wrong_kind(name, kind))
    wanted = [e for e in entries if e.filename.lower().endswith(SUFFIXES)]
    if not wanted:
        words = Text("{f} 里没有 .yaml 文件。", "{f} holds no .yaml file.").format(f=name)
        raise Refused(Problem("no_yaml", words, EXPORTED))
    problems: list[Problem] = []
    if len(wanted) > MOST_FILES:
        words = Text("{f} 里的文件超过 {n} 个。", "{f} holds more than {n} files.")
        problems.append(Problem("too_many_files", words.format(f=name, n=MOST_FILES), EXPORTED))
        wanted = []
    found: dict[str, str] = {}
    left = LARGEST
    for entry in wanted:
        got = _member(archive, entry, left)
        text = got if isinstance(got, Problem) else _decoded(got, entry.filename)
        if isinstance(text, Problem):
            problems.append(text)
            if text.code == "too_large":
                break
        else:
            left -= len(text.encode())
            found[entry.filename] = text
    if problems:
        raise Refused(*problems)
    return found


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes | Problem:
    """No more is unpacked than may be there, whatever the archive says of its size."""
    name = entry.filename
    if entry.flag_bits & 1:
        words = Text("{f} 有密码。", "{f} is locked with a password.").format(f=name)
        hint = Text("去掉密码后再上传。", "Take the password off and send it again.")
        return Problem("locked", words, hint)
    try:
        with archive.open(entry) as member:
            data = member.read(left + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        words = Text("{f} 解压不出来。", "{f} cannot be unpacked.").format(f=name)
        return Problem("bad_archive", words, EXPORTED, value=str(error))
    return data if len(data) <= left else _too_large(name)


def _decoded(data: bytes, name: str) -> str | Problem:
    for start, kind in OTHERS:
        if data.startswith(start):
            return _wrong_kind(name, kind)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _encoded(name, "UTF-16")
    if b"\0" in data:
        return _wrong_kind(name, Text("二进制文件", "a binary file"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return _encoded(name, "", at)
    return _encoded(name, "GBK", at)


def _encoded(name: str, encoding: str, line: int = 1) -> Problem:
    words = Text(
        "{f} 不是 UTF-8 文本，第 {n} 行起读不懂。", "{f} is no UTF-8 text from line {n} on."
    )
    if encoding:
        words = Text(
            "{f} 是 {e} 编码（第 {n} 行），这里要 UTF-8。",
            "{f} is written in {e} (line {n}); UTF-8 is needed.",
        )
    return Problem("not_utf8", words.format(f=name, e=encoding, n=line), AS_UTF8, line=line)


def _wrong_kind(name: str, kind: Text) -> Problem:
    words = Text("{f} 是{k}，不是配置。", "{f} is {k}, not a configuration.").format(f=name, k=kind)
    return Problem("wrong_kind", words, EXPORTED)


def _too_large(name: str) -> Problem:
    return Problem(
        "too_large",
        Text("{f} 超过 {n} MB（解压后）。", "{f} is larger than {n} MB, unpacked.").format(
            f=name, n=LARGEST // 1_000_000
        ),
        EXPORTED,
    )


def _hidden(name: str) -> bool:
    """What operating systems put into archives beside the files."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
