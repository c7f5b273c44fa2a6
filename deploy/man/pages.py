#!/usr/bin/env python3
"""Writes the manual pages: sekisho(1), one for each command, and sekisho.yaml(5).

What a command is and takes comes from the program itself (`sekisho --experimental-dump-help`, on standard input),
signals, exit codes and the configuration from Docs/Configuration.md, everything else from NAME.md beside this file.
"""

import argparse
import json
import pathlib
import sys
import time

from roff import escape, roff, sections, without_empty_paragraphs

HERE = pathlib.Path(__file__).resolve().parent
CONFIGURATION = HERE.parent.parent / "Docs" / "Configuration.md"
#: What sekisho(1) has of the configuration's document, and sekisho.yaml(5) therefore has not.
OF_THE_PROGRAM = ["Signals", "Exit codes"]
NOT_OF_THE_FILE = OF_THE_PROGRAM + ["Flags", "What it prints"]


def option_names(argument):
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    names = sorted(argument["names"], key=lambda name: len(name["name"]))
    return [dashes[name["kind"]] + name["name"] for name in names]


def shown(command):
    """Arguments that are to be seen; those that every command has are said once, in sekisho(1)."""
    everything = command.get("arguments", [])
    return [argument for argument in everything if argument.get("shouldDisplay", True) and not is_common(argument)]


def is_common(argument):
    return argument["kind"] == "flag" and argument.get("valueName") in ("help", "version")


def subcommands(command):
    everything = command.get("subcommands", [])
    return [each for each in everything if each["commandName"] != "help" and each.get("shouldDisplay", True)]


def synopsis(path, command):
    words = [f"\\fB{escape(' '.join(path))}\\fR"]
    if subcommands(command):
        words.append("\\fIcommand\\fR")
    if any(argument["kind"] != "positional" for argument in shown(command)):
        words.append("[\\fIoptions\\fR]")
    for argument in shown(command):
        if argument["kind"] == "positional":
            word = f"\\fI{escape(argument['valueName'])}\\fR" + (" ..." if argument["isRepeating"] else "")
            words.append(f"[{word}]" if argument["isOptional"] else word)
    return " ".join(words)


def argument_lines(argument):
    if argument["kind"] == "positional":
        tag = f"\\fI{escape(argument['valueName'])}\\fR"
    else:
        tag = ", ".join(f"\\fB{escape(name)}\\fR" for name in option_names(argument))
        if argument["kind"] == "option":
            tag += f" \\fI{escape(argument['valueName'])}\\fR"
    text = argument.get("abstract", "")
    if "defaultValue" in argument:
        text += f" Default: {argument['defaultValue']}."
    return [".TP", tag, escape(text) or "\\&"]


def description(command):
    return roff("\n\n".join(filter(None, [command.get("abstract"), command.get("discussion")])))


def arguments(command):
    return [line for argument in shown(command) for line in argument_lines(argument)]


def head(name, section, abstract, version, date):
    manual = {1: "User Commands", 5: "File Formats"}[section]
    return [
        f'.TH {escape(name).upper() if section == 1 else escape(name)} {section} {date} "Sekisho {version}" "{manual}"',
        ".SH NAME",
        f"{escape(name)} \\- {escape(abstract.rstrip('.'))}",
    ]


def nested(path, command):
    """The commands of a command, each a subsection of its page."""
    for each in subcommands(command):
        yield f".SS {escape(' '.join(path + [each['commandName']]))}"
        yield from [synopsis(path + [each["commandName"]], each)] + description(each) + arguments(each)


def references(names, own):
    return [".SH SEE ALSO", ",\n".join(f"\\fB{escape(name)}\\fR({section})" for name, section in names if name != own)]


def written_by_hand(name):
    file = HERE / f"{name}.md"
    return roff(file.read_text()) if file.exists() else []


class Manual:
    def __init__(self, program, version, date):
        self.program, self.version, self.date = program, version, date
        self.configuration = sections(CONFIGURATION.read_text())
        missing = [name for name in NOT_OF_THE_FILE if name not in self.configuration]
        if missing:
            sys.exit(f"{CONFIGURATION} has no section {', '.join(missing)}")

    def main_page(self):
        commands = subcommands(self.program)
        yield from head("sekisho", 1, self.program["abstract"], self.version, self.date)
        yield from [".SH SYNOPSIS", synopsis(["sekisho"], self.program), ".SH DESCRIPTION"] + description(self.program)
        yield ".SH COMMANDS"
        for each in commands:
            yield from [".TP", f"\\fBsekisho\\-{escape(each['commandName'])}\\fR(1)", escape(each["abstract"])]
        yield ".SH OPTIONS"
        for argument in filter(is_common, self.program["arguments"]):
            yield from argument_lines(argument)
        for name in OF_THE_PROGRAM:
            yield from roff(f"## {name}\n{self.configuration[name]}")
        yield from written_by_hand("sekisho")
        pages = [(f"sekisho-{each['commandName']}", 1) for each in commands]
        yield from references(pages + [("sekisho.yaml", 5)], "sekisho")

    def command_page(self, command):
        path = ["sekisho", command["commandName"]]
        name = "-".join(path)
        yield from head(name, 1, command["abstract"], self.version, self.date)
        yield from [".SH SYNOPSIS", synopsis(path, command), ".SH DESCRIPTION"] + description(command)
        if shown(command):
            yield from [".SH OPTIONS"] + arguments(command)
        if subcommands(command):
            yield from [".SH COMMANDS"] + list(nested(path, command))
        yield from written_by_hand(name)
        yield from references([("sekisho", 1), ("sekisho.yaml", 5)], name)

    def configuration_page(self):
        introduction = CONFIGURATION.read_text().split("\n\n")[1]
        yield from head("sekisho.yaml", 5, "configuration of the DNS firewall sekisho", self.version, self.date)
        yield from [".SH DESCRIPTION"] + roff(introduction)
        for name, text in self.configuration.items():
            if name not in NOT_OF_THE_FILE:
                yield from roff(f"## {name}\n{text}")
        yield from written_by_hand("sekisho.yaml")
        yield from references([("sekisho", 1), ("sekisho-check", 1)], "sekisho.yaml")

    def pages(self):
        yield "man1/sekisho.1", self.main_page()
        for command in subcommands(self.program):
            yield f"man1/sekisho-{command['commandName']}.1", self.command_page(command)
        yield "man5/sekisho.yaml.5", self.configuration_page()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", required=True, help="of the program")
    parser.add_argument("--epoch", required=True, type=int, help="the pages' date, in seconds since 1970")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="the folder with man1 and man5")
    options = parser.parse_args()
    date = time.strftime("%Y-%m-%d", time.gmtime(options.epoch))
    manual = Manual(json.load(sys.stdin)["command"], options.version, date)
    for name, lines in manual.pages():
        file = options.output / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(without_empty_paragraphs(list(lines))) + "\n")


main()
