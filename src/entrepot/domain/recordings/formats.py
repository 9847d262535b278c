"""Scenarios as files: a Postman collection (2.1), an HTTP archive (HAR 1.2), tests in JavaScript and Python."""

from __future__ import annotations

import json
import pprint
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from entrepot.domain.recordings.masking import MASK
from entrepot.domain.recordings.scenario import Entry, Path, Step, scenario

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
CREATOR = "entrepot"


def postman(entries: list[Entry], name: str, base_url: str, version: str) -> str:
    """A collection whose requests are sent in their order. Its variables hold what was recorded; secrets are empty."""
    made = scenario(entries)
    given = {"base_url": base_url, **made.given}
    collection = {
        "info": {"name": name, "schema": SCHEMA, "description": f"Recorded by {CREATOR} {version}."},
        "variable": [{"key": key, "value": value, "type": "string"} for key, value in given.items()],
        "item": [_item(number, step) for number, step in enumerate(made.steps, 1)],
    }
    return _json(collection)


def har(entries: list[Entry], name: str, base_url: str, version: str) -> str:
    """An archive of what was sent and answered, with MASK for secrets."""
    log = {
        "version": "1.2",
        "creator": {"name": CREATOR, "version": version},
        "comment": name,
        "entries": [_archived(entry, base_url) for entry in entries],
    }
    return _json({"log": log})


def javascript(entries: list[Entry], name: str, base_url: str, version: str) -> str:
    """A test for `node --test`. Variables come from the environment."""
    made = scenario(entries)
    steps = "\n".join(_javascript_step(step) for step in made.steps)
    return _JAVASCRIPT.format(
        name=json.dumps(name, ensure_ascii=False),
        version=version,
        given=_json({"base_url": base_url, **made.given}),
        steps=steps,
    )


def python(entries: list[Entry], name: str, base_url: str, version: str) -> str:
    """A test for pytest, with httpx. Variables come from the environment."""
    made = scenario(entries)
    steps = "\n".join(_python_step(step) for step in made.steps)
    return _PYTHON.format(
        name=_comment(name),
        version=version,
        given=_literal({"base_url": base_url, **made.given}),
        steps=steps or "    pass",
    )


Format = Callable[[list[Entry], str, str, str], str]
FORMATS: Mapping[str, Format] = {"postman": postman, "har": har, "js": javascript, "py": python}
"""By the names that the command line has for them. They take the entries, a name, the server's URL and the version."""


# --- Postman --------------------------------------------------------------------------------------------------


def _item(number: int, step: Step) -> dict[str, Any]:
    entry = step.entry
    headers = [{"key": "Authorization", "value": f"Bearer {step.token}"}] if step.token else []
    request: dict[str, Any] = {
        "method": entry.method,
        "url": f"{{{{base_url}}}}{_target(step)}",
        "header": headers,
    }
    if step.form is not None:
        fields = [{"key": key, "value": value} for key, value in step.form.items()]
        request["body"] = {"mode": "urlencoded", "urlencoded": fields}
    elif entry.has_body:
        headers.append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": _json(step.body)}
    title = f"{number} {entry.operation or entry.method}"
    lines = [f"pm.test({json.dumps(title)}, () => pm.response.to.have.status({entry.status}));"]
    lines += [
        f"pm.collectionVariables.set({json.dumps(key)}, pm.response.json(){_access(path)});"
        for key, path in step.keeps.items()
    ]
    script = {"listen": "test", "script": {"type": "text/javascript", "exec": lines}}
    return {"name": title, "request": request, "event": [script]}


# --- HAR ------------------------------------------------------------------------------------------------------


def _archived(entry: Entry, base_url: str) -> dict[str, Any]:
    query = f"?{entry.query}" if entry.query else ""
    headers = [{"name": "Authorization", "value": f"Bearer {MASK}"}] if entry.token else []
    request: dict[str, Any] = {
        "method": entry.method,
        "url": f"{base_url}{entry.path}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(entry.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": -1,
    }
    if entry.form is not None:
        kind, text = "application/x-www-form-urlencoded", urlencode(entry.form)
        request["postData"] = {"mimeType": kind, "params": [], "text": text}
    elif entry.has_body:
        request["postData"] = {"mimeType": "application/json", "params": [], "text": _json(entry.body)}
    text = _json(entry.answer) if entry.has_answer else ""
    return {
        "startedDateTime": entry.at,
        "time": entry.milliseconds,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "content": {"size": len(text.encode()), "mimeType": "application/json", "text": text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": entry.milliseconds, "receive": 0},
    }


# --- tests ----------------------------------------------------------------------------------------------------

_JAVASCRIPT = """// Recorded by entrepot {version}. Run it with `node --test`; variables can be set in the environment, secrets have to be.
import assert from "node:assert/strict";
import {{ test }} from "node:test";

const given = {given};
const known = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, process.env[name.toUpperCase()] ?? value]));

const filled = (value) => {{
  if (typeof value === "string") return value.replace(/\\{{\\{{(\\w+)\\}}\\}}/g, (whole, name) => known[name] ?? whole);
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner)]));
  return value;
}};

async function send(method, path, expected, {{ body, form, token, keeps = {{}} }} = {{}}) {{
  const headers = token ? {{ authorization: `Bearer ${{filled(token)}}` }} : {{}};
  let content;
  if (form) content = new URLSearchParams(filled(form));
  else if (body !== undefined) {{
    headers["content-type"] = "application/json";
    content = JSON.stringify(filled(body));
  }}
  const answer = await fetch(known.base_url + filled(path), {{ method, headers, body: content }});
  const text = await answer.text();
  assert.equal(answer.status, expected, `${{method}} ${{path}}: ${{text}}`);
  for (const [name, way] of Object.entries(keeps)) known[name] = way.reduce((value, step) => value[step], JSON.parse(text));
}}

test({name}, async () => {{
{steps}
}});
"""

_PYTHON = '''"""{name}

Recorded by entrepot {version}. Run it with pytest; variables can be set in the environment, secrets have to be.
"""

import os
import re

import httpx

GIVEN = {given}
KNOWN = {{name: os.environ.get(name.upper(), value) for name, value in GIVEN.items()}}


def filled(value):
    if isinstance(value, str):
        return re.sub(r"\\{{\\{{(\\w+)\\}}\\}}", lambda found: KNOWN.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    if isinstance(value, dict):
        return {{name: filled(inner) for name, inner in value.items()}}
    return value


def send(method, path, expected, *, body=..., form=None, token=None, keeps=None):
    content = {{"data": filled(form)}} if form is not None else {{}} if body is ... else {{"json": filled(body)}}
    headers = {{"Authorization": f"Bearer {{filled(token)}}"}} if token else {{}}
    answer = httpx.request(method, KNOWN["base_url"] + filled(path), headers=headers, timeout=60, **content)
    assert answer.status_code == expected, f"{{method}} {{path}}: {{answer.text}}"
    for name, way in (keeps or {{}}).items():
        value = answer.json()
        for step in way:
            value = value[step]
        KNOWN[name] = value


def test_recorded():
{steps}
'''


def _javascript_step(step: Step) -> str:
    facts: dict[str, Any] = _facts(step)
    options = f", {json.dumps(facts, ensure_ascii=False)}" if facts else ""
    entry = step.entry
    return f"  await send({_quoted(entry.method)}, {_quoted(_target(step))}, {entry.status}{options});"


def _python_step(step: Step) -> str:
    entry, facts = step.entry, _facts(step)
    options = "".join(f",\n        {name}={_literal(value, 12)}" for name, value in facts.items())
    return f"    send({entry.method!r}, {_target(step)!r}, {entry.status}{options})"


def _facts(step: Step) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if step.form is not None:
        facts["form"] = step.form
    elif step.entry.has_body:
        facts["body"] = step.body
    if step.token:
        facts["token"] = step.token
    if step.keeps:
        facts["keeps"] = {name: list(path) for name, path in step.keeps.items()}
    return facts


def _target(step: Step) -> str:
    return f"{step.path}?{step.query}" if step.query else step.path


def _access(path: Path) -> str:
    return "".join(f"[{json.dumps(step)}]" for step in path)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _literal(value: Any, margin: int = 0) -> str:
    return pprint.pformat(value, width=110, sort_dicts=False).replace("\n", "\n" + " " * margin)


def _comment(text: str) -> str:
    """Text that ends no docstring."""
    return re.sub(r'["\\\s]+', " ", text).strip() or "Recorded requests."


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
