"""What a district could use instead: the last session, what is usual, or plain boosting."""

import numpy as np

from edupulse_core.families.study_time.examples import NUMBERS, WORDS, Array, StudyExamples


def last_session(train: StudyExamples, cases: StudyExamples) -> Array:
    """The hours of the student's session before; the median of all where there is none."""
    last = cases.last()[0]
    return np.where(np.isnan(last), np.median(train.target()), last)


def median(train: StudyExamples, cases: StudyExamples) -> Array:
    """The median of all sessions."""
    return np.full(len(cases), float(np.median(train.target())))


def skill_median(train: StudyExamples, cases: StudyExamples) -> Array:
    """The median of the skill's sessions; of all where there is none."""
    found = {
        str(skill): float(np.median(train.target()[train.skill == skill]))
        for skill in np.unique(train.skill)
    }
    start = float(np.median(train.target()))
    return np.array([found.get(skill, start) for skill in cases.skill.tolist()])


def base_hours(train: StudyExamples, cases: StudyExamples) -> Array:
    """The skill's own hours, times what sessions usually take of them."""
    at = NUMBERS.index("base_hours")
    known = train.own.numbers[:, at]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = train.target() / known
    usable = np.isfinite(ratios)
    factor = float(np.median(ratios[usable])) if usable.any() else np.nan
    said = cases.own.numbers[:, at] * factor
    return np.where(np.isfinite(said), said, np.median(train.target()))


def boosting(train: StudyExamples, cases: StudyExamples) -> Array:
    """Off-the-shelf gradient boosting of the hours on what is known of a session."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    x = [_plain(each, train) for each in (train, cases)]
    known = ~np.isnan(x[0]).all(axis=0)  # trees cannot bin a column without a value
    grown = HistGradientBoostingRegressor(
        loss="absolute_error", learning_rate=0.05, max_leaf_nodes=15, early_stopping=False
    ).fit(x[0][:, known], train.target())
    return np.asarray(grown.predict(x[1][:, known]), float)


def _plain(cases: StudyExamples, train: StudyExamples) -> Array:
    """The inputs as columns; a word as its place among those of training, NaN for others."""
    columns = []
    learned, asked = train.inputs(), cases.inputs()
    for name in asked.column_names:
        values = asked[name].to_pylist()
        if name in WORDS:
            words = sorted({word for word in learned[name].to_pylist() if word is not None})
            place = {word: float(at) for at, word in enumerate(words)}
            values = [place.get(word, np.nan) for word in values]
        columns.append(np.asarray(values, float))
    return np.column_stack(columns)


BASELINES = {
    "last_session": last_session,
    "median": median,
    "skill_median": skill_median,
    "base_hours": base_hours,
}
