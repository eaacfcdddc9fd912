"""Files that cannot be read: each gives one `Unreadable` in its place, and the others go on."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from rarescale.formats import read_inputs
from rarescale.record import Case, Note, Unreadable

GOOD = json.dumps({"id": "good", "present": ["HP:1"]})


@pytest.mark.parametrize(
    ("line", "id", "words"),
    [
        ('{"id": "cut", "present": ["HP:1", "HP:', "cut", "unterminated string"),
        ('{"id": "cut", "present": ["HP:1"', "cut", "the end of the text"),
        ('{"id": 17, "present": [HP:1]}', "17", "expecting value"),
        ('{"present": ["HP:1"], "id": "late"', "in:2", "the end of the text"),
        ('{"id": "a", "present": [] "absent": []}', "a", "character 27"),
        ('{"id": "a", "present": []} tail', "a", "extra characters"),
        ("not json", "in:2", "'not json'"),
        ('{"id": "a", "age": NaN, "present": []}', "a", "NaN"),
        ('{"id": "a", "age": -Infinity, "present": []}', "a", "Infinity"),
        ('{"id": "a", "age": ' + "1" * 5000 + ', "present": []}', "a", "too long"),
        ('{"id": "a", "present": ["\\ud800"]}', "a", "surrogate"),
    ],
)
def test_a_broken_line_is_refused_with_its_place_and_the_lines_around_it_are_read(read, line, id, words):
    found = read("\n".join([GOOD, line, GOOD]))
    bad = found[1]
    assert isinstance(bad, Unreadable)
    assert (bad.kind, bad.id) == ("json", id)
    assert "in.jsonl line 2" in bad.message and words in bad.message and "expected valid JSON" in bad.message
    assert [isinstance(f, Case) for f in found] == [True, False, True]


@pytest.mark.parametrize("first", ['{"id": "cut", "present": ["HP:1", "HP:', '{"id": "cut", "pre', "not json"])
@pytest.mark.parametrize("name", ["in.jsonl", "in.json"])
def test_a_broken_first_line_does_not_hide_the_others(read, first, name):
    bad, good = read(f"{first}\n{GOOD}\n", name)
    assert isinstance(bad, Unreadable) and bad.kind == "json"
    assert good.id == "good"


def test_a_pretty_printed_object_cut_in_half_is_one_error_with_line_and_character(one):
    text = json.dumps({"id": "half", "present": ["HP:1"], "absent": []}, indent=2)
    bad = one(text[: text.index('"absent"')], "in.json")
    assert (bad.kind, bad.id) == ("json", "half")
    assert "line 6, character 3" in bad.message


def test_items_before_the_cut_of_an_array_are_read(read):
    good, bad = read(f"[{GOOD},\n{GOOD[:20]}", "in.json")
    assert good.id == "good"
    assert bad.kind == "json" and "line 2" in bad.message


def test_an_array_that_is_not_closed_is_reported(read):
    good, bad = read(f"[{GOOD}", "in.json")
    assert good.id == "good" and bad.kind == "json"


@pytest.mark.parametrize("line", ["[" * 100_000, '{"present": ' + "[" * 100_000 + "]" * 100_000 + "}"])
def test_deeply_nested_json_is_a_wrong_shape(read, line):
    found = read(line + "\n", "in.json")
    assert [f.kind for f in found] == ["shape"]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "PNG image"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"\xff\xd8\xff\xe0", "JPEG image"),
        (b"{\\rtf1 text}", "RTF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office document"),
        (b"She sh\0kes", "NUL bytes"),
        (b"She shakes. " * 1000 + b"\0", "NUL bytes"),
        ("She shakes.".encode("utf-16-le"), "UTF-16 without a byte order mark"),
    ],
)
def test_binary_files_are_refused_by_the_name_of_their_type(one, data, named):
    bad = one(data, "in.txt")
    assert bad.kind == "binary" and named in bad.message


def test_a_word_document_is_recognised(one):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    bad = one(out.getvalue(), "letter.docx")
    assert bad.kind == "binary" and "Word document" in bad.message


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read(one, codec):
    assert one("Müller shakes.".encode(codec), "in.txt").text == "Müller shakes."
    case = one('{"present": ["Müdigkeit"]}'.encode(codec))
    assert case.findings[0].text == "Müdigkeit" and case.warnings == ()


def test_big_endian_utf_16_is_read(one):
    assert one(b"\xfe\xff" + "Müller".encode("utf-16-be"), "in.txt").text == "Müller"


def test_windows_1252_is_read_with_a_warning_naming_the_first_odd_byte(read):
    (note,) = read("Dr Müller".encode("cp1252"), "in.txt")
    assert note.text == "Dr Müller"
    assert "byte 5 (0xFC)" in note.warnings[0]
    good, case = read(GOOD.encode() + b"\n" + '{"present": ["Fièvre"]}'.encode("cp1252"))
    assert good.warnings == () and case.findings[0].text == "Fièvre"
    assert "line 2: byte 17 (0xE8)" in case.warnings[0]


def test_bytes_that_are_no_known_encoding_are_refused(one):
    bad = one(b"She \x81\xfe shakes", "in.txt")
    assert bad.kind == "encoding" and "0x81 at position 5" in bad.message


def test_half_a_utf_16_file_is_refused(one):
    assert one("Müller".encode("utf-16")[:-1], "in.txt").kind == "encoding"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"", "in.jsonl", "empty-file"),
        (b"", "in.txt", "empty-file"),
        (b"", "in.jsonl.gz", "empty-file"),
        (gzip.compress(b"", mtime=0), "in.jsonl.gz", "empty-file"),
        (b" \n\t\r\n", "in.jsonl", "empty-file"),
        (b" \n\t\r\n", "in.txt", "text-empty"),
        (b"\xef\xbb\xbf", "in.txt", "text-empty"),
        (b"[]", "in.json", "no-cases"),
        (b"She shakes.", "in.json", "json"),
        (b"<?xml version='1.0'?><Bundle/>", "in.txt", "shape"),
        (b"<!DOCTYPE html><html/>", "in.md", "shape"),
    ],
)
def test_files_without_content_or_of_the_wrong_kind(one, data, name, kind):
    bad = one(data, name)
    assert isinstance(bad, Unreadable) and bad.kind == kind and name in bad.message


@pytest.mark.parametrize("name", ["gone.jsonl", "", "nul\0byte", "gone/deeper.txt"])
def test_a_missing_file(name):
    (bad,) = read_inputs([name])
    assert bad.kind == "missing-file" and "no such file" in bad.message


def test_a_folder_without_cases(tmp_path: Path):
    (tmp_path / "program.py").write_text("x")
    (bad,) = read_inputs([str(tmp_path)])
    assert bad.kind == "no-cases" and ".jsonl" in bad.message


def test_a_file_that_may_not_be_read(tmp_path: Path):
    path = tmp_path / "secret.txt"
    path.write_text("She shakes.")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        (bad,) = read_inputs([str(path)])
    finally:
        os.seteuid(user)
    assert bad.kind == "unreadable-file" and "Permission denied" in bad.message


def test_a_truncated_gz_keeps_what_came_before_the_damage(read):
    lines = "".join(GOOD.replace("good", f"g{random.Random(k).random()}") + "\n" for k in range(2000))
    found = read(gzip.compress(lines.encode())[:-2000], "in.jsonl.gz")
    assert len(found) > 100 and all(isinstance(f, Case) for f in found[:-1])
    assert found[-1].kind == "broken-archive"


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.txt.GZ"])
def test_a_gz_that_is_none(one, name):
    bad = one(GOOD, name)
    assert bad.kind == "broken-archive" and "gzip" in bad.message


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_a_zip_cut_in_half(one):
    assert one(zipped(("a.json", GOOD.encode()))[:60], "in.zip").kind == "broken-archive"


def test_a_member_with_damaged_bytes_stops_nobody(read):
    data = bytearray(zipped(("a.txt", b"She shakes. " * 50), ("b.json", GOOD.encode())))
    start = data.index(b"a.txt") + 5
    data[start : start + 10] = b"\xff" * 10
    bad, good = read(bytes(data), "in.zip")
    assert bad.kind == "broken-archive" and good.id == "good"


def test_an_archive_without_cases(one):
    assert one(zipped(("program.py", b"x")), "in.zip").kind == "no-cases"
    assert one(zipped(), "in.zip").kind == "no-cases"


@pytest.mark.parametrize("name", ["../up.json", "/root.json", "a/../../up.json", "C:\\a.json", "..\\up.json"])
def test_a_member_with_a_path_that_leads_elsewhere_is_refused(read, name):
    bad, good = read(zipped((name, GOOD.encode()), ("z.json", GOOD.encode())), "in.zip")
    assert bad.kind == "broken-archive" and "path" in bad.message
    assert good.id == "good"


def test_a_link_in_an_archive_is_refused(one):
    link = zipfile.ZipInfo("link.json")
    link.external_attr = 0o120777 << 16
    assert "link" in one(zipped((link, b"/etc/passwd")), "in.zip").message


def test_an_encrypted_member_is_refused(one):
    data = bytearray(zipped(("a.json", GOOD.encode())))
    at = data.index(b"PK\x01\x02") + 8
    data[at : at + 2] = struct.pack("<H", 1)
    assert "encrypted" in one(bytes(data), "in.zip").message


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
def test_a_zip_bomb_is_refused_by_its_size(read, name):
    bad, good = read(zipped((name, b" " * 70_000_000), ("b.json", GOOD.encode())), "in.zip")
    assert bad.kind == "too-large" and "70.0 MB" in bad.message and "64 MB" in bad.message
    assert good.id == "good"


@pytest.mark.parametrize(
    ("content", "name", "size", "limit"),
    [
        ("She shakes. " * 1_700_000, "in.txt", "20.4 MB", "2 MB"),
        ('{"id": "big", "present": ["' + "x" * 21_000_000 + '"]}\n' + GOOD, "in.jsonl", "21.0 MB", "20 MB"),
        ("She shakes. " * 170_000, "in.md", "2.0 MB", "2 MB"),
    ],
)
def test_too_much_is_refused_with_size_and_limit_and_quickly(tmp_path: Path, content, name, size, limit):
    path = tmp_path / name
    path.write_text(content)
    started = time.thread_time()
    bad, *rest = read_inputs([str(path)])
    assert time.thread_time() - started < 1.0
    assert bad.kind == "too-large"
    assert size in bad.message and f"at most {limit}" in bad.message
    assert (bad.id, [r.id for r in rest]) == (("big", ["good"]) if name == "in.jsonl" else ("in", []))


def test_too_much_is_refused_in_little_memory(tmp_path: Path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "big", "present": ["' + "x" * 60_000_000 + '"]}\n')
    tracemalloc.start()
    try:
        (bad,) = read_inputs([str(path)])
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert bad.kind == "too-large"


def test_a_bad_file_stops_no_other(tmp_path: Path):
    (tmp_path / "a.png.txt").write_bytes(b"\x89PNG")
    (tmp_path / "b.txt").write_text("She shakes.")
    bad, good = read_inputs([str(tmp_path)])
    assert bad.kind == "binary" and isinstance(good, Note)
