"""The documentation's samples: request bodies byte for byte, answers cleaned of dots and remarks that are not JSON."""

from __future__ import annotations

LOGIN_WITH_MARK = '{ "email": "\u0650centeradmintesting@admin.com", "password": "*@123#" }'
LOGIN = '{ "email": "centeradmintesting@admin.com", "password": "*@123#" }'
LOGIN_ANSWER = """{ "msg": "Authentication successful. Access token generated.", "data": { "user": { "id": 25, \
"name": "centeradmintesting", "email": "centeradmintesting@admin.com", "phone": "501234569" }, "token": "eyJ0" }, \
"key": "success" }"""

FIND = '{ "voucher_code":"VCL6C5944NO4058" }'
FIND_ANSWER = """{ "msg": "Voucher data", "data": { "id": 105, "client_id": 4, "price_value": 200, \
"expiry_date": "2025-07-21", "voucher_code": "VCL6C5944NO4058", "status": "verified", "reason": null, "client": { \
"id": 4, "name": "test client", "country_code": "+966", "phone": "501234569", "identity_number": "501234569" }, \
"client_cards": [ { "id": 316, "fullname": "client name", "phone": "966330033300", "nationality": "SA", \
"start_date": "2025-03-11", "end_date": "2026-03-11", "gender": "male", "identity_number": "501234569", \
"email": "testclient@gmail.com" }, { "id": 317, "fullname": "any name", "phone": "96634510", "nationality": "SA", \
"start_date": "2025-03-11", "end_date": "2026-03-11", "gender": "female", "identity_number": "96634510", \
"email": "testclient@gmail.com" }, { "id": 4361176, "fullname": "name ali", "phone": "96634510021", \
"nationality": "SA", "start_date": "2025-03-11", "end_date": "2026-03-11", "gender": null, \
"identity_number": "96634510021", "email": "testclient@gmail.com" } ] }, "key": "success" }"""

FIND_AHMAD = '{ "voucher_code":"VCL6C5881NO4658" }'
FIND_AHMAD_ANSWER = """{ "msg": "Voucher data", "data": { "id": 109, "client_id": 6, "price_value": 150, \
"expiry_date": "2025-07-22", "voucher_code": "VCL6C5881NO4658", "status": "verified", "reason": null, "client": { \
"id": 6, "name": "احمد احمد", "country_code": "+966", "phone": "512345678", "identity_number": "512345678" }, \
"client_cards": [ { "id": 318, "fullname": "احمد احمد", "phone": "966501234567", "nationality": "SY", \
"start_date": "2025-03-13", "end_date": "2026-03-13", "gender": "male", "identity_number": "512345678", \
"email": "user@gmail.com" }, { "id": 320, "fullname": "احمد احمد عبد الله", "phone": "966501234567", \
"nationality": "SA", "start_date": "2025-03-15", "end_date": "2026-03-15", "gender": "male", \
"identity_number": "512345678", "email": "user@gmail.com" } ] }, "key": "success" }"""

FIND_USED = '{ "voucher_code":"VCL6C5944NO9216" }'
FIND_USED_ANSWER = """{ "msg": "Voucher data", "data": { "id": 104, "client_id": 4, "price_value": 200, \
"expiry_date": "2025-05-15", "voucher_code": "VCL6C5944NO9216", "status": "used", "reason": null, "client": { \
"id": 4, "name": "test client", "country_code": "+966", "phone": "501234569", "identity_number": "501234569" }, \
"client_cards": [ { "id": 316, "fullname": "client name", "phone": "966330033300", "nationality": "SA", \
"start_date": "2025-03-11", "end_date": "2026-03-11", "gender": "male", "identity_number": "501234569", \
"email": "testclient@gmail.com" } ] }, "key": "success" }"""

FIND_EXPIRED = '{ "voucher_code":"VCL6C5944NO9352" }'
FIND_EXPIRED_ANSWER = (
    FIND_USED_ANSWER.replace("104", "103").replace("VCL6C5944NO9216", "VCL6C5944NO9352").replace('"used"', '"expired"')
)

FIND_UNKNOWN = '{ "voucher_code":"VCL6C5944NO405812" }'
USE_UNKNOWN = (
    '{ "voucher_code":"VCL6C5944NO4058154", "voucher_price":"200", "total_services_price":"600", '
    '"total_client_paid_amount":"400" }'
)
UNKNOWN_ANSWER = '{ "msg": "Voucher does not exist.", "data": null, "key": "success" }'

USE = (
    '{ "voucher_code":"VCL6C5944NO4058", "voucher_price":"200", "total_services_price":"600", '
    '"total_client_paid_amount":"400" }'
)
USE_ANSWER = """{ "msg": "Voucher updated successfully", "data": { "id": 105, "client_id": 4, "center_id": 5918904, \
"voucher_id": 3, "price_value": 200, "order_id": 75131, "expiry_date": "2025-07-21", \
"voucher_code": "VCL6C5944NO4058", "status": "used", "reason": null, "created_at": "2025-04-22 12:32:10", \
"updated_at": "2025-04-22 12:32:14" }, "key": "success" }"""

USE_AHMAD = (
    '{ "voucher_code":"VCL6C5881NO4658", "voucher_price":"150", "total_services_price":"600", '
    '"total_client_paid_amount":"450" }'
)
USE_AHMAD_ANSWER = """{ "msg": "Voucher updated successfully", "data": { "id": 109, "client_id": 6, \
"center_id": 5881, "voucher_id": 4, "price_value": 150, "order_id": 684948, "expiry_date": "2025-07-22", \
"voucher_code": "VCL6C5881NO4658", "status": "used", "reason": null, "created_at": "2025-04-23 21:28:05", \
"updated_at": "2025-04-23 21:28:05" }, "key": "success" }"""
