"""What the command line says below a video that is not quite what was asked for."""

from heygem.cli.progress import notes
from tests.factories import render_result


def test_each_thing_that_a_person_should_know_is_one_line() -> None:
    made = render_result()
    assert notes(made) == []
    odd = {"faces_missing": 12, "several_faces": True, "transparent": True, "subtitles_missing": True}
    assert notes(made.model_copy(update=odd)) == [
        "no face in 12 of 50 frames: those stay as they were",
        "several faces: the largest one speaks",
        "the template is transparent in places: those are white",
        "no subtitles: the words are not known, or the transcript does not fit the voice",
    ]
