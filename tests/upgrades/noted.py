"""What is in the kept workspace, noted by hand from ``releases/0.1.0.py.txt``. Money in fen."""

from __future__ import annotations

ZHANG, LIU, SUN = "张伟", "刘洋", "孙悦"

# The contract 共签 of 100,000.01 is shared 60 to 40 in January. 乙 50,000 and 丙 70,000 are signed
# in February, closed on 2 March. 乙 became 45,000 on 5 March: an adjusting entry. 丁 30,000 is
# signed in March.
SIGNED = {
    1: {ZHANG: 60_000_01, SUN: 40_000_00},
    2: {LIU: 120_000_00},
    3: {LIU: -5_000_00, SUN: 30_000_00},
}
# 刘洋 went from East to South on 16 February, between 乙 and 丙. The correction is East's.
SIGNED_BY_TEAM = {
    1: {"华东一组": 60_000_01, "华南组": 40_000_00},
    2: {"华东一组": 50_000_00, "华南组": 70_000_00},
    3: {"华东一组": -5_000_00, "华南组": 30_000_00},
}
# From 50,000 on, from March on from 20,000: 共签; 乙 and 丙; 丁 less 乙, which is not big any more.
BIG_CONTRACTS = {1: 1, 2: 2, 3: 0}
# The payment of 60,000.01 follows the shares of its contract.
PAID = {ZHANG: 36_000_01, SUN: 24_000_00}
# Whole 10,000 yuan paid in March, three points each.
PAID_POINTS = {ZHANG: 9, SUN: 6}
TARGETS = {ZHANG: 80_000_00, LIU: 100_000_00, SUN: 50_000_00}
RECORDS = {
    "lead": 3, "customer": 3, "contact": 1, "opportunity": 2, "follow_up": 1, "follow_plan": 1,
    "visit": 1, "quote": 1, "contract": 4, "contract_split": 2, "payment_plan": 1, "payment": 1,
    "invoice": 1, "product": 1, "survey": 1,
}  # fmt: skip
