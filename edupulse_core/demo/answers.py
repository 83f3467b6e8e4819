"""Questions that any teacher may ask, and what students answered; the points tell how good it is.

A teacher of the demo district has graded some of them, so that points are proposed for the rest.
"""

from dataclasses import dataclass

POINTS = 4.0


@dataclass(frozen=True)
class Asked:
    """A question, its model answer, and answers with the points that they deserve."""

    text: str
    key: str
    answers: tuple[tuple[str, float], ...]
    n_graded: int  # the first so many; the others wait for the teacher


QUESTIONS = (
    Asked(
        "Why does sleep help you learn?",
        "While you sleep, the brain sorts what you learned during the day and stores it in "
        "long-term memory. Rest also helps you pay attention the next day.",
        (
            ("When you sleep your brain sorts and stores what you learned, so you remember it. "
             "You can also pay attention better the next day.", 4.0),
            ("Your brain puts the things from the day into long-term memory while you sleep.", 3.0),
            ("Because you are not tired.", 1.0),
            ("Sleep gives you rest so you pay attention in class.", 2.0),
            ("The brain stores memories at night and sorts them and then you are rested and can "
             "focus.", 4.0),
            ("it helps because sleep is healthy", 0.5),
            ("Your brian sorts what you learnd and saves it in memory.", 3.0),
            ("If you sleep you have energy and you can concentrate.", 1.5),
            ("You dream about the test.", 0.0),
            ("During sleep the brain stores what was learned in long term memory.", 3.0),
            ("You remember more because the brain sorts things, and you can pay attention the next "
             "day because you had rest.", 4.0),
            ("I don't know", 0.0),
            ("Without sleep you can't pay attention.", 1.5),
            ("Because sleep makes memory better.", 2.0),
            ("The brain works while you sleep. It keeps the important things and throws the others "
             "away, so it sorts.", 3.0),
            ("So you don't fall asleep in school", 1.0),
            ("Your body grows when you sleep.", 0.0),
            ("it stores what you learned and helps attention", 3.5),
        ),
        18,
    ),
    Asked(
        "Why is it better to study a little each day than everything the night before a test?",
        "When you come back to something after a break, you have to recall it, and recalling makes "
        "the memory stronger. Studying everything in one night is forgotten quickly and leaves you "
        "tired.",
        (
            ("Each day you have to recall it again and that makes the memory stronger. If you "
             "study in one night you forget it quickly.", 4.0),
            ("Because you forget it quickly if you do it all in one night.", 2.0),
            ("It is less stress.", 1.0),
            ("You recall it many times so it gets stronger in your memory.", 3.0),
            ("Because my mom says so", 0.0),
            ("You are tired after studying the whole night and forget everything quickly.", 2.5),
            ("After a break you must remember it again and remembering makes it stronger.", 3.0),
            ("You have more time.", 0.5),
            ("Cramming is forgotten fast and you are tired at the test, but a little every day "
             "makes you recall it and the memory is stronger.", 4.0),
            ("it is better for your brain", 0.5),
            ("With breaks you have to think back, which makes memory strong.", 3.0),
            ("The night before you are tired.", 1.5),
            ("You forget less when you repeat it each day, because recalling it makes the memory "
             "stronger.", 3.5),
            ("So that you can play games the night before", 0.0),
            ("If you study everything in one night you will be tired and forget it.", 2.5),
            ("Because practice makes perfect.", 1.0),
            ("You recal it every day so you dont forget", 2.5),
            ("Studying is boring so a little is better", 0.0),
        ),
        12,
    ),
    Asked(
        "How can you tell whether you can trust a website?",
        "Look at who wrote it and whether they know the subject, check whether other reliable "
        "sources say the same, and see when it was last updated.",
        (
            ("You look who wrote it and if they are an expert, you check other sources and you see "
             "when it was updated.", 4.0),
            ("If it looks professional.", 0.5),
            ("Check if other sources say the same.", 2.0),
            ("See who the author is and if they know the subject, then compare with other reliable "
             "sources.", 3.0),
            ("It has no ads", 0.5),
            ("Look at the date when it was updated and who wrote it.", 2.5),
            ("You can't trust any website.", 0.0),
            ("You check the author, the date and other websites that are reliable.", 3.5),
            ("I ask my friend", 0.0),
            ("Compare it with other sources to see if they say the same thing.", 2.0),
            ("If an expert wrote it you can trust it.", 1.5),
            ("Who wrote it? When was it updated? Do other reliable sources say the same?", 4.0),
            ("Wikipedia is always right.", 0.0),
            ("You see if it is new or old information.", 1.0),
            ("look at the author and if they know about the subject", 2.0),
            ("If it ends with .edu or .gov then it is reliable.", 1.0),
            ("Look for who made it and check two more sources.", 3.0),
            ("it is on the first page of the search", 0.0),
        ),
        3,
    ),
)  # fmt: skip
