from __future__ import annotations

import pytest

from images import correcting, entries

TABLE = 'Note,Account\n"for ada, please","bob"\n"x","eve"\n'


def edit(function, text, *what, column=None):
    reading = entries.read(text, column=column)
    return function(text, *what, reading=reading, column=column)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("TO01", "t001"),
        ("ada, TO01; bob", "ada, t001; bob"),
        ("ada\r\nTO01\r\n", "ada\r\nt001\r\n"),
        ("(TO01) TO011", "(t001) TO011"),
        ("ada,TO01，xTO01", "ada,t001，xTO01"),
        ("ＴＯ０１ ada", "t001 ada"),
        ("TO01 TO01", "t001 t001"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_an_entry_is_replaced_and_nothing_else(text, corrected):
    assert edit(correcting.replace, text, "TO01", "t001") == corrected


def test_a_replacement_is_no_pattern():
    assert edit(correcting.replace, "ada, bob", "ada", r"\1") == r"\1, bob"
    assert edit(correcting.replace, "ada, bob", "ada", r"\g<0>") == "\\g<0>\nbob"


def test_an_entry_in_a_table_is_replaced():
    corrected = edit(correcting.replace, TABLE, "bob", "bobby")

    assert corrected == "Note\tAccount\nfor ada, please\tbobby\nx\teve"


def test_a_replacement_that_reads_otherwise_makes_a_plain_list():
    text = "Ada (" + "a" * 32 + "), bob"

    assert edit(correcting.replace, text, "a" * 32, "ada") == "ada\nbob"


def test_entries_are_removed():
    assert edit(correcting.remove, "ada, bob; eve", ["bob"]) == "ada\neve"
    assert edit(correcting.remove, "ada, bob; eve", ["mallory"]) == "ada, bob; eve"
    assert edit(correcting.remove, "ada", ["ada"]) == ""


def test_rows_are_removed_from_a_table():
    assert edit(correcting.remove, TABLE, ["bob"]) == "Note\tAccount\nx\teve"
    assert edit(correcting.remove, TABLE, ["x"], column=0) == "Note\tAccount\nfor ada, please\tbob"
    assert edit(correcting.remove, TABLE, ["bob", "eve"]) == ""


def test_a_cell_with_several_entries_keeps_the_others():
    text = "Account\tNote\nada bob\tx\neve\ty"

    assert edit(correcting.remove, text, ["bob"]) == "Account\tNote\nada\tx\neve\ty"


def test_entries_are_added_on_lines_of_their_own():
    assert edit(correcting.append, "", ["ada", "bob"]) == "ada\nbob"
    assert edit(correcting.append, "ada, bob\n\n", ["bob", "eve", "eve"]) == "ada, bob\neve"


def test_entries_are_added_below_a_table():
    text = "Account\tNote\nada\tx"

    assert edit(correcting.append, text, ["eve"]) == f"{text}\neve"
    assert edit(correcting.append, text, ["eve"], column=1) == f"{text}\neve"
