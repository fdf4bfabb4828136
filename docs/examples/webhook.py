"""Is this message from Wasl? Reads {"secret", "headers", "body"} as JSON; ends with 0 if it is. The body is the bytes as they came."""

import base64
import hashlib
import hmac
import json
import sys
import time

FIVE_MINUTES = 300


def is_from_wasl(secret: str, headers: dict[str, str], body: bytes) -> bool:
    name, moment = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(moment)) > FIVE_MINUTES:
        return False  # an old one that somebody has kept
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
    mine = "v1," + base64.b64encode(signed).decode()
    return any(hmac.compare_digest(mine, one) for one in headers["webhook-signature"].split(" "))


if __name__ == "__main__":
    given = json.load(sys.stdin)
    sys.exit(0 if is_from_wasl(given["secret"], given["headers"], given["body"].encode()) else 1)
