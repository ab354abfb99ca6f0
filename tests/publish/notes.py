"""The guide's questions as speaker notes: what TEACHING.md asks in a section stands on that section's first slide."""

import re

PLACE = re.compile(r"`(\d\d)` §(\d+)")
PLAN = re.compile(r"^\| (?!minutes|meeting|-)(.*) \|$", re.M)


def notes(guide):
    """Return (notebook, section), both as digits -> a list of pairs (question, what people say) in Markdown.

    ``guide`` is the text of TEACHING.md. A row of its plans has four columns: minutes, what, question, answer. The
    place is the one that the question names, or else the first that "what" names.
    """
    found = {}
    for row in PLAN.findall(guide):
        columns = [column.strip() for column in re.split(r"(?<!\\)\|", row)]
        if len(columns) != 4 or not columns[3]:
            continue
        asked = [part for part in re.split(r"(?=`\d\d` §\d+:)", columns[2]) if part.strip()]
        for question in asked:
            place = PLACE.match(question) or PLACE.search(columns[0] + columns[1])
            if place:
                text = re.sub(r"^`\d\d` §\d+(, \*[^*]*\*)?:\s*", "", question).strip()
                found.setdefault((place[1], place[2]), []).append((text, columns[3]))
    return found
