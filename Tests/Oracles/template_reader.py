"""CloudFormation templates as cfn-lint decodes them, with enough of the intrinsic functions for tests."""

import re
from typing import Any

from cfnlint.decode import decode

NO_VALUE = object()


class Template:
    """A template with its parameters' defaults; `ids` are the physical ids, which grow as resources are made."""

    def __init__(self, path: str, ids: dict[str, str]):
        self.body, findings = decode(path)
        if findings:
            raise ValueError(f"{path}: {findings}")
        self.ids = dict(ids)
        self.parameters = {}
        for name, parameter in self.body.get("Parameters", {}).items():
            is_list = parameter["Type"] == "CommaDelimitedList"
            self.parameters[name] = parameter["Default"].split(",") if is_list else parameter["Default"]

    def resources(self, kind: str) -> list[str]:
        """The logical ids of the resources of a type that the conditions let be."""
        return [
            name for name, resource in self.body["Resources"].items()
            if resource["Type"] == f"AWS::Route53Resolver::{kind}" and self._holds(resource.get("Condition"))
        ]

    def properties(self, name: str) -> dict[str, Any]:
        return self._value(self.body["Resources"][name].get("Properties", {}))

    def _holds(self, condition: str | None) -> bool:
        return condition is None or self._value(self.body["Conditions"][condition])

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self._value, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            function, argument = next(iter(node.items()))
            if function in ("Ref", "Condition") or function.startswith("Fn::"):
                return self._call(function, argument)
        values = {name: self._value(value) for name, value in node.items()}
        return {name: value for name, value in values.items() if value is not NO_VALUE}

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self._reference(argument)
        if function == "Condition":
            return self._holds(argument)
        if function == "Fn::If":
            return self._value(argument[1 if self._holds(argument[0]) else 2])
        if function == "Fn::GetAtt":
            return self.ids[argument[0]]
        if function == "Fn::Sub":
            return self._substituted(argument)
        arguments = self._value(argument)
        if function == "Fn::FindInMap":
            mapping, top, second = arguments
            return self.body["Mappings"][mapping][top][second]
        return FUNCTIONS[function](*arguments)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.parameters[name] if name in self.parameters else self.ids[name]

    def _substituted(self, argument: Any) -> str:
        text, names = argument if isinstance(argument, list) else (argument, {})
        names = self._value(names)
        return re.sub(r"\$\{([^!}]+)\}", lambda found: str(names.get(found[1]) or self._reference(found[1])), text)


FUNCTIONS = {
    "Fn::Equals": lambda one, other: one == other,
    "Fn::Not": lambda one: not one,
    "Fn::And": lambda *all_of: all(all_of),
    "Fn::Or": lambda *any_of: any(any_of),
    "Fn::Join": lambda separator, texts: separator.join(texts),
    "Fn::Split": lambda separator, text: text.split(separator),
    "Fn::Select": lambda index, values: values[int(index)],
}
