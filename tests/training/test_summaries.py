"""A summary is made of the text's own sentences, the central ones, each with its place."""

import tracemalloc

from edupulse_core.training.summaries import summarize, whole_spans

TEXT = """Today I want to tell about my garden. The garden has tomatoes, beans and a small pond.
My brother plays football. In the garden, the tomatoes grow beside the pond.
Frogs live in the pond, and they eat what would eat the beans! Yesterday it rained.
The tomatoes of my garden need water from the pond every day."""


def test_every_sentence_is_in_the_text_where_it_is_said_to_be() -> None:
    found = summarize(TEXT)

    assert len(found) == 3
    assert [TEXT[one.start : one.end] for one in found] == [one.sentence for one in found]
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_what_the_text_is_about_is_chosen_and_asides_are_not() -> None:
    said = " ".join(one.sentence for one in summarize(TEXT))

    assert "tomatoes" in said and "pond" in said
    assert "football" not in said and "rained" not in said


def test_a_sentence_that_repeats_another_is_passed_over() -> None:
    same = "The tomatoes grow beside the pond."

    found = summarize(f"{same} {same} {same} Frogs live in the water of the pond.", 2)

    assert [one.sentence for one in found] == [same, "Frogs live in the water of the pond."]


def test_a_short_text_is_told_whole_and_one_without_words_not_at_all() -> None:
    assert [one.sentence for one in summarize("I like science.")] == ["I like science."]
    assert summarize("12 … !") == summarize("") == []


def test_a_list_of_thousands_of_lines_fits_into_memory() -> None:
    lines = [f"line {one}{other}" for one in "abcdefghij" for other in "klmnopqrst"]
    text = "\n".join(lines * 25)

    tracemalloc.start()
    found = summarize(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == 3 and most < 20_000_000  # the likeness of each two takes 50 MB


def test_an_abbreviation_or_the_end_of_a_line_ends_no_sentence() -> None:
    text = "Dr. Smith says that plants need\nwater, e.g. from rain. They also need light.\nA pond"

    parts = [text[start:end] for start, end in whole_spans(text)]

    assert parts == [text[: text.index(" They")], "They also need light.", "A pond"]


def test_a_chinese_text_is_parted_into_its_sentences_and_its_subject_is_chosen() -> None:
    text = (
        "我的花园里有番茄和一个小池塘。我弟弟喜欢踢足球！池塘旁边的番茄每天需要池塘的水。"
        "“昨天下雨了吗？！”我的花园里池塘的水来自下雨。"
    )

    parts = [text[start:end] for start, end in whole_spans(text)]
    said = [one.sentence for one in summarize(text)]

    assert "".join(parts) == text and len(parts) == 5
    assert parts[3] == "“昨天下雨了吗？！”"
    assert said == [parts[0], parts[2], parts[4]]
