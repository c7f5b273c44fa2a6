"""Turns the Markdown of this repository into the language of manual pages, man(7).

It knows what our texts use: headings, paragraphs, lists, tables, fenced blocks, emphasis, code and links. A table becomes
a list of its first column, because a terminal has no room for more.
"""

import re

INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<emphasis>[^*]+)\*|!?\[(?P<text>[^]]*)\]\((?P<link>[^)]*)\)"
)


def escape(text):
    """Text that means nothing to roff; a leading dot or apostrophe would be a macro."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    text = text.replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text.startswith(".") else text


def inline(text):
    """One paragraph with its emphasis; a link keeps its text, and its address where that is one of the web."""

    def replacement(match):
        if match["code"]:
            return f"\\fB{escape(match['code'])}\\fR"
        if match["strong"]:
            return f"\\fB{inline(match['strong']).replace('fR', 'fB')}\\fR"
        if match["emphasis"]:
            return f"\\fI{escape(match['emphasis'])}\\fR"
        address = f" <{escape(match['link'])}>" if match["link"].startswith("http") else ""
        return inline(match["text"]) + address

    parts, end = [], 0
    for match in INLINE.finditer(text):
        parts += [escape(text[end : match.start()]), replacement(match)]
        end = match.end()
    result = "".join(parts + [escape(text[end:])])
    return "\\&" + result if result.startswith(".") else result


def cells(line):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(lines):
    """Rows as tagged paragraphs: the first cell is the tag, the second the text; the others have their headings."""
    heads = cells(lines[0])
    for line in lines[2:]:
        tag, *rest = cells(line)
        yield from [".TP", inline(tag)]
        labels = ["", "", *(f"{head}: " if head else "" for head in heads[2:])]
        text = ". ".join(label + cell.rstrip(".") for label, cell in zip(labels[1:], rest) if cell)
        yield inline(text) or "\\&"


def items(lines):
    """A list, with the lines that continue an item."""
    item = []
    for line in lines + ["- "]:
        if line.startswith("- ") or re.match(r"\d+\. ", line):
            if item:
                yield from [".IP \\(bu 2", inline(" ".join(item))]
            item = []
        item.append(re.sub(r"^(- |\d+\. )", "", line).strip())


def block(lines):
    """One block: what stands between empty lines."""
    first = lines[0]
    if first.startswith("```"):
        return [".PP", ".nf", ".RS 4"] + [escape(line) for line in lines[1:-1]] + [".RE", ".fi"]
    if first.startswith("|"):
        return table(lines)
    if first.startswith("- ") or re.match(r"\d+\. ", first):
        return items(lines)
    return [".PP", inline(" ".join(line.strip() for line in lines))]


def blocks(text):
    """Headings alone, fenced blocks whole, and everything else by empty lines; no comments."""
    current, fenced = [], False
    for line in text.splitlines() + [""]:
        if line.startswith("<!--"):
            continue
        fence = line.startswith("```")
        if not fenced and (not line.strip() or fence or line.startswith("#")):
            if current:
                yield current
            current = []
        if line.startswith("#") and not fenced:
            yield [line]
            continue
        if line.strip() or fenced:
            current.append(line)
        if fence and fenced:
            yield current
            current = []
        fenced ^= fence


def roff(markdown):
    """Lines of man(7). Headings of the second level are sections, those below are subsections."""
    result = []
    for lines in blocks(markdown):
        heading = re.fullmatch(r"(#+) (.*)", lines[0])
        if heading and len(heading[1]) <= 2:
            result.append(f".SH {inline(heading[2]).upper()}")
        elif heading:
            result.append(f".SS {inline(heading[2])}")
        else:
            result += block(lines)
    return result


def without_empty_paragraphs(lines):
    """A heading begins a paragraph by itself."""
    return [line for before, line in zip([""] + lines, lines) if line != ".PP" or not before.startswith(".S")]


def sections(markdown):
    """The sections of the second level by their headings, and the texts below them."""
    parts = re.split(r"^## (.*)\n", markdown, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))
