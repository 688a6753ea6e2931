"""Reads CAP files, in order, by a parser from PyPI, and prints what it found, one JSON object a file.

usage: cap_check.py FILE... . The parser (`cap-tools`) was generated from the schema and refuses what
the schema does not know. References are resolved by it: one to a message that is not among the files
before is an error.
"""

import json
import sys

from cap_tools.models import Alert, Reference
from xsdata.formats.dataclass.parsers import XmlParser

seen = set()
for path in sys.argv[1:]:
    alert = XmlParser().parse(path, Alert)
    references = [Reference.from_string(one) for one in (alert.references or "").split()]
    unknown = [str(one) for one in references if one not in seen]
    assert not unknown, (path, unknown)
    seen.add(Reference.from_alert(alert))
    print(
        json.dumps(
            {
                "identifier": alert.identifier,
                "status": alert.status.value,
                "msg_type": alert.msg_type.value,
                "references": len(references),
                "languages": [info.language for info in alert.infos],
                "responses": [response.value for info in alert.infos for response in info.response_types],
                "severity": alert.infos[0].severity.value,
                "event": alert.infos[0].event,
                "parameters": {
                    parameter.value_name.value: parameter.value.value
                    for parameter in alert.infos[0].parameters
                },
                "area": alert.infos[0].areas[0].area_desc,
            },
            ensure_ascii=False,
        )
    )
