"""The skills that the demo district teaches: grade, title and three things each is about."""

SUBJECTS = ("english", "math", "science", "social studies")  # in the order of the courses
_ENGLISH = """
0|Letter sounds|letter sounds, short vowels, rhyming words
0|Sight words|sight words, word cards, short sentences
1|Reading short stories|story order, characters, picture clues
2|Main idea|the main idea, details, a good title
3|Parts of speech|nouns, verbs, adjectives
4|Paragraph writing|topic sentences, supporting details, closing sentences
5|Word roots|word roots, prefixes, suffixes
5|Making inferences|inferences, clues in the text, prior knowledge
6|Figurative language|metaphors, similes, imagery
7|Theme and plot|theme, conflict, turning points
8|Argument writing|claims, evidence, counterarguments
9|Rhetoric|rhetorical appeals, tone, the intended audience
10|Research essays|thesis statements, sources, citations
11|Literary analysis|narrative voice, symbolism, historical context
12|Comparing texts|synthesis, competing interpretations, critical theory
"""
_MATH = """
0|Counting to 100|counting, tens, number lines
1|Addition and subtraction|addition, subtraction, number facts
2|Place value|place value, hundreds, rounding
3|Multiplication|multiplication, equal groups, arrays
4|Division|division, remainders, factors
4|Fractions|fractions, equal parts, number lines
5|Decimals|decimals, tenths, money
6|Ratios and percent|ratios, percent, unit rates
7|Negative numbers|negative numbers, absolute value, the coordinate plane
8|Linear equations|linear equations, slope, intercepts
9|Systems of equations|systems of equations, substitution, intersections
9|Proof in geometry|congruence, parallel lines, deductive proof
10|Quadratic functions|quadratic functions, factoring, the vertex
11|Exponents and logarithms|exponential growth, logarithms, inverse functions
12|Limits|limits, continuity, rates of change
"""
_SCIENCE = """
0|Weather|weather, clouds, seasons
1|Plants and animals|plants, animals, habitats
2|Solids and liquids|solids, liquids, melting
3|Forces and motion|pushes, pulls, friction
4|Food chains|food chains, producers, consumers
5|Earth and moon|orbits, moon phases, gravity
6|Cells|cells, membranes, organelles
7|Energy transfer|thermal energy, conduction, insulation
8|Atoms and elements|atoms, elements, the periodic table
8|Waves|wavelength, frequency, amplitude
9|Genetics|inheritance, alleles, dominant traits
10|Chemical reactions|reaction rates, conservation of mass, equilibrium
11|Newtonian mechanics|net force, acceleration, momentum
12|Evolution|natural selection, variation, speciation
12|Climate systems|feedback loops, carbon cycles, radiative balance
"""
_SOCIAL = """
0|Family and community|families, neighbors, helpers
1|Maps|maps, symbols, directions
2|Goods and services|goods, services, trading
3|Local government|mayors, city councils, local rules
4|State history|early settlers, state symbols, old towns
4|American Indian nations|tribal nations, traditions, homelands
5|American Revolution|taxes, independence, colonies
6|Ancient civilizations|river valleys, empires, early writing
7|World religions|beliefs, sacred texts, pilgrimage
8|Constitution|separation of powers, amendments, federalism
9|Human geography|migration, urbanization, population density
10|World wars|alliances, total war, peace treaties
11|Civil rights|segregation, civil disobedience, landmark cases
12|Supply and demand|price signals, elasticity, market equilibrium
12|Public policy|cost-benefit analysis, lobbying, regulatory capture
"""
_EARLIER = (  # for each of a subject's 15 skills: what to learn before it
    (),
    (0,),
    (0,),
    (1,),
    (1, 2),
    (2,),
    (3, 4),
    (4,),
    (5, 6),
    (6, 7),
    (7, 8),
    (8,),
    (9, 10),
    (10, 11),
    (11, 12),
)
_ACROSS = {  # (subject, skill): the skill of another subject that it also needs
    (2, 7): (1, 6),
    (2, 9): (1, 7),
    (2, 12): (1, 9),
    (3, 6): (0, 5),
    (3, 9): (0, 7),
    (3, 13): (1, 9),
}
A_SUBJECT = len(_EARLIER)


def rows() -> list[tuple[int, int, str, tuple[str, ...]]]:
    """Every skill as (subject, grade, title, what it is about), subject by subject."""
    found = []
    for subject, text in enumerate((_ENGLISH, _MATH, _SCIENCE, _SOCIAL)):
        for line in text.strip().splitlines():
            grade, title, about = line.split("|")
            found.append((subject, int(grade), title, tuple(about.split(", "))))
    return found


def prerequisites() -> list[tuple[int, ...]]:
    """For each skill, the positions of those to learn before it: a graph without cycles."""
    found = []
    for at in range(len(SUBJECTS) * A_SUBJECT):
        subject, skill = divmod(at, A_SUBJECT)
        needed = [subject * A_SUBJECT + earlier for earlier in _EARLIER[skill]]
        if (subject, skill) in _ACROSS:
            other, earlier = _ACROSS[subject, skill]
            needed.append(other * A_SUBJECT + earlier)
        found.append(tuple(needed))
    return found
