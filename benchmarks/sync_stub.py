"""A provider for the race of mirrors: pages made beforehand, on connections that stay open, after a pause if one is wanted.

GET /<state>/items?skip=N   state 0: as it was; 1: one row in a hundred is other
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

SIZE = 100


def row(n: int, state: int) -> dict[str, Any]:
    other = state and n % 100 == 0
    return {
        "id": f"3a1b2c3d-0000-4000-8000-{n:012d}",
        "number": n,
        "code": f"RES-{n:07d}",
        "status": "Done" if other else ("Confirmed", "Pending", "Cancelled")[n % 3],
        "customer_id": f"9f8e7d6c-0000-4000-8000-{n % 9000:012d}",
        "customer_name": f"عميل رقم {n % 9000}",
        "customer_phone": f"+9665{n % 100_000_000:08d}",
        "product_id": f"5e4d3c2b-0000-4000-8000-{n % 40:012d}",
        "product_name": f"Laser session {n % 40}",
        "price_id": f"1a2b3c4d-0000-4000-8000-{n % 80:012d}",
        "price_name": "Single visit",
        "place_id": f"77777777-0000-4000-8000-{n % 4:012d}",
        "place_name": f"Branch {n % 4}",
        "practitioner": f"Dr. {n % 25}",
        "starts_at": f"2026-{1 + n % 12:02d}-{1 + n % 28:02d}T{8 + n % 12:02d}:00:00Z",
        "ends_at": f"2026-{1 + n % 12:02d}-{1 + n % 28:02d}T{9 + n % 12:02d}:00:00Z",
        "quantity": 1 + n % 3,
        "total": f"{100 + n % 900}.00",
        "remaining": f"{n % 100}.50",
        "paid": n % 2 == 0,
        "payment_status": "Paid" if n % 2 == 0 else "Pending",
        "source": "WebBooking",
        "created_at": f"2026-01-{1 + n % 28:02d}T10:00:00Z",
    }


COLUMNS = [name for name in row(1, 0) if name != "id"]


def pages(rows: int, state: int) -> list[bytes]:
    made = [json.dumps(row(n, state), ensure_ascii=False).encode() for n in range(rows, 0, -1)]
    found = []
    for start in range(0, rows, SIZE):
        body = b'{"totalCount":%d,"items":[%s]}' % (rows, b",".join(made[start : start + SIZE]))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        found.append(head.encode() + body)
    return found


async def serve(port: int, rows: int, pause: float) -> None:
    books = [pages(rows, 0), pages(rows, 1)]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                skip = int(path.partition("skip=")[2].partition("&")[0] or 0)
                if pause:
                    await asyncio.sleep(pause)
                writer.write(books[int(path[1])][skip // SIZE])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
