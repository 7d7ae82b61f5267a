"""Final Draft files: every word arrives, and hostile XML does not."""

from __future__ import annotations

import pytest
from movie_director.core.errors import ScriptError
from movie_director.screenplay import Kind, read

BODY = """
<Paragraph Number="1" Type="Scene Heading"><SceneProperties Length="1/8"><Summary><Paragraph>
<Text>They meet.</Text></Paragraph></Summary></SceneProperties><Text>INT. HOUSE - DAY</Text></Paragraph>
<Paragraph Type="Action"><Text>A </Text><Text Style="Bold+Italic">big</Text><Text> house, 2*3.</Text>
<ScriptNote ID="1"><Paragraph><Text>check this</Text></Paragraph></ScriptNote></Paragraph>
<Paragraph Type="Shot"><Text>CLOSE ON THE WATCH</Text></Paragraph>
<Paragraph Type="Character"><Text>McCoy (V.O.)</Text></Paragraph>
<Paragraph Type="Parenthetical"><Text>(softly)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Hi.</Text></Paragraph>
<Paragraph><DualDialogue>
<Paragraph Type="Character"><Text>ANNA</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Yes!</Text></Paragraph>
<Paragraph Type="Character"><Text>BOB</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>No!</Text></Paragraph>
</DualDialogue></Paragraph>
<Paragraph Type="Action" Alignment="Center"><Text>THE END</Text></Paragraph>
<Paragraph Type="Scene Heading" Number="2"><Text>OMITTED</Text><OmittedScene>
<Paragraph Type="Scene Heading"><Text>INT. OLD - DAY</Text></Paragraph></OmittedScene></Paragraph>
<Paragraph Type="Transition"><Text>Cut away</Text></Paragraph>
"""
TITLE = """<TitlePage><Content>
<Paragraph Alignment="Center"><Text>MY FILM</Text></Paragraph>
<Paragraph Alignment="Center"><Text>by</Text></Paragraph>
<Paragraph Alignment="Center"><Text>Ann O. Nym</Text></Paragraph>
<Paragraph Alignment="Left"><Text>ann@example.org</Text></Paragraph></Content></TitlePage>"""


def fdx(body: str = BODY, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return (
        f'{head}\n<FinalDraft DocumentType="Script"><Content>{body}</Content>{TITLE}</FinalDraft>'
    )


def test_a_final_draft_file_becomes_fountain_with_everything_it_says() -> None:
    assert read(fdx().encode()).text == (
        "Title: MY FILM\nCredit: by\nAuthor: Ann O. Nym\nContact: ann@example.org\n\n"
        "INT. HOUSE - DAY #1#\n\n= They meet.\n\nA ***big*** house, 2\\*3.\n\n[[check this]]\n\n"
        "CLOSE ON THE WATCH\n\n@McCoy (V.O.)\n(softly)\nHi.\n\nANNA\nYes!\n\nBOB ^\nNo!\n\n"
        "> THE END <\n\n.OMITTED #2#\n\n/*\nINT. OLD - DAY\n*/\n\n> Cut away\n"
    )


def test_the_fountain_of_a_final_draft_file_reads_as_the_same_elements() -> None:
    script = read(fdx())
    assert script.source == "fdx"
    assert [(str(e.kind), e.text) for e in script.elements] == [
        ("heading", "INT. HOUSE - DAY"), ("synopsis", "They meet."),
        ("action", "A big house, 2*3."), ("action", "CLOSE ON THE WATCH"),
        ("character", "McCoy"), ("parenthetical", "softly"), ("dialogue", "Hi."),
        ("character", "ANNA"), ("dialogue", "Yes!"), ("character", "BOB"), ("dialogue", "No!"),
        ("centred", "THE END"), ("heading", "OMITTED"), ("transition", "Cut away"),
    ]  # fmt: skip
    assert [e.dual for e in script.elements if e.kind is Kind.CHARACTER] == ["", "left", "right"]


@pytest.mark.parametrize(
    "text", ["FADE TO WHITE.", ".hidden", "INT. HOUSE", "@home", "= sum", "# 1"]
)
def test_action_that_looks_like_something_else_stays_action(text: str) -> None:
    script = read(fdx(f'<Paragraph Type="Action"><Text>{text}</Text></Paragraph>'))
    assert [(e.kind, e.text) for e in script.elements] == [(Kind.ACTION, text)]


def test_utf_16_files_are_read() -> None:
    assert read(fdx(head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16")).elements


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<FinalDraft/>', 2),
        ('<!DOCTYPE FinalDraft SYSTEM "file:///etc/passwd">\n<FinalDraft/>', 1),
        (fdx("<a>" * 100 + "</a>" * 100), 2),
        (fdx("<Paragraph><Text>x</Paragraph>"), 2),
        (fdx("&bomb;"), 2),
        ("<FinalDraft", 1),
    ],
)
def test_hostile_or_broken_xml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ScriptError) as caught:
        read(text)
    assert caught.value.line == line
