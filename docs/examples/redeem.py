"""Redeem a voucher over Wasl's API so that no retry can use it twice. Needs `requests`.

WASL_URL=https://wasl.example WASL_KEY=wasl_… python redeem.py olaya alreaaiaa VCL6C5944NO4058 600.00 400.00 SAR bill-1042
"""

import os
import sys
import time
import uuid

import requests

WASL = os.environ["WASL_URL"].rstrip("/")
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['WASL_KEY']}"


def redeem(order: dict, key: str, tries: int = 20) -> dict:
    """Keep `key` with your bill before you call this. After a crash, call it again with the same order and the same key."""
    for _ in range(tries):
        try:
            answer = session.post(
                f"{WASL}/api/v1/redemptions", json=order, headers={"Idempotency-Key": key}, timeout=15
            )
        except requests.RequestException:  # it may have arrived: the same key makes asking again safe
            time.sleep(2)
            continue
        if answer.status_code == 201:  # final: succeeded, refused, not_sent, not_applied or partial
            return answer.json()
        if answer.status_code in (202, 409, 429, 503) and "Retry-After" in answer.headers:  # not yet
            time.sleep(int(answer.headers["Retry-After"]))
            continue
        sys.exit(f"{answer.status_code} {answer.text}")  # wrong: another try would be answered the same
    sys.exit("Nobody knows yet. Do not redeem it elsewhere; ask again later with the same key.")


branch, provider, code, total, paid, currency, bill = sys.argv[1:]
order = {"branch": branch, "provider": provider, "codes": [code], "services_total": total, "paid": paid}
result = redeem(
    {**order, "currency": currency, "external_ref": bill}, key=f"{bill}-{uuid.uuid5(uuid.NAMESPACE_URL, bill)}"
)
print(result["status"], result["reference"], "may be tried again" if result["safe_to_retry"] else "")
