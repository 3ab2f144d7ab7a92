"""Have the embedded AWS keep the code of a function's versions apart.

ministack offers the latest code for whichever version one asks, so that `zappa rollback`, which fetches a version's
code and uploads it again, would bring nothing back.
"""

from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def keep_versions_apart(service: Any) -> None:
    """Change ministack's Lambda: GetFunction of a version leads to that version's code."""
    tell, serve = service._get_function, service.serve_function_code

    def get_function(name: str, qualifier: str | None = None) -> Answer:
        status, headers, body = tell(name, qualifier)
        if qualifier is None:
            return status, headers, body
        return status, headers, body.replace(f"/{name}?".encode(), f"/{name}:{qualifier}?".encode())

    def serve_function_code(name: str, account_id: str | None = None, region: str | None = None) -> Answer:
        name, _, version = name.partition(":")
        function = service._functions.get_scoped(account_id, region, name) or {"versions": {}}
        if version not in function["versions"]:
            answer: Answer = serve(name, account_id, region)
            return answer
        return 200, {"Content-Type": "application/zip"}, function["versions"][version]["code_zip"]

    service._get_function, service.serve_function_code = get_function, serve_function_code
