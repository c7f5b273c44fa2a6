#!/usr/bin/env python3
"""Prints the bill of materials of a built program, as CycloneDX 1.5: the Swift packages and the runtime that are linked
into it, and the Debian packages of the libraries that it loads.

    deploy/sbom.py PROGRAM EPOCH
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
#: The names of licenses that Debian and SPDX call differently.
SPDX = {
    "Apache-2.0": {"license": {"id": "Apache-2.0"}},
    "Apache-2.0-with-Swift-exception": {"expression": "Apache-2.0 WITH Swift-exception"},
    "Expat": {"license": {"id": "MIT"}},
}


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def licenses():
    """The license of each component, as deploy/debian/copyright has them: `Files: NAME/*`."""
    text = (REPOSITORY / "deploy/debian/copyright").read_text()
    stanzas = re.findall(r"^Files: ([^/\n]+)(?:/\*)?\nCopyright: (?:.+\n)+?License: (.+)$", text, flags=re.MULTILINE)
    return {name: [SPDX[license]] for name, license in stanzas}


def component(kind, name, version, purl, license=None, **more):
    result = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl, **more}
    return {**result, "licenses": license} if license else result


def swift_packages(known):
    for pin in json.loads((REPOSITORY / "Package.resolved").read_text())["pins"]:
        place = urllib.parse.urlparse(pin["location"].removesuffix(".git"))
        name, version = place.path.rsplit("/", 1)[1], pin["state"]["version"]
        yield component("library", name, version, f"pkg:swift/{place.netloc}{place.path}@{version}", known[name])


def swift_runtime(known):
    version = re.search(r"Swift version (\S+)", output("swift", "--version"))[1]
    return component("library", "swift", version, f"pkg:swift/github.com/swiftlang/swift@{version}", known["swift"])


def debian_libraries(program):
    """The packages that hold what the program needs itself; what those need is theirs to say."""
    needed = re.findall(r"NEEDED +(\S+)", output("objdump", "-p", program))
    paths = dict(re.findall(r"(\S+) => (\S+)", output("ldd", program)))
    # A package may have the file in /lib where a link leads to /usr/lib.
    files = {f"*{pathlib.Path(paths[name]).resolve()}".replace("*/usr", "*") for name in needed if name in paths}
    owners = {line.split(":")[0] for file in files for line in output("dpkg-query", "--search", file).splitlines()}
    for name in sorted(owners):
        shown = output("dpkg-query", "--show", "-f=${Version} ${Architecture}\n", name)
        version, architecture = shown.split("\n")[0].split()
        purl = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={architecture}"
        yield component("library", name, version, purl, scope="required")


def bill(program, epoch):
    known = licenses()
    version = output(program, "version").split()[1]
    digest = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()
    own = component(
        "application", "sekisho", version, f"pkg:generic/sekisho@{version}", known["*"],
        hashes=[{"alg": "SHA-256", "content": digest}],
    )
    components = [*swift_packages(known), swift_runtime(known), *debian_libraries(program)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, digest).urn,
        "version": 1,
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)), "component": own},
        "components": components,
        "dependencies": [
            {"ref": own["bom-ref"], "dependsOn": [each["bom-ref"] for each in components]},
            *({"ref": each["bom-ref"]} for each in components),
        ],
    }


print(json.dumps(bill(str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2])), indent=2, ensure_ascii=False))
