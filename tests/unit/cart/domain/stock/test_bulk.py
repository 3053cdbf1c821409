"""What a call with many rows is answered."""

import json

from services.cart.domain.stock.bulk import BulkResult, RowFault, Rows, bulk_answer

WRONG = RowFault(1, "invalid", "/levels/1/available", "Input should be a valid integer")


def test_each_row_that_was_not_taken_is_told_by_where_it_stood() -> None:
    rows = Rows("levels", ["tea", "jam", "milk"], [0, 2, 3], [WRONG, RowFault(1, "invalid", "/levels/1/sku", "gone")])
    told = json.loads(bulk_answer(rows, BulkResult(["milk"], [1])).body)
    rows_told = told.pop("rows")
    assert told == {"accepted": 2, "changed": 1, "stale": 1, "invalid": 1}
    assert [(row["index"], row["status"], row["pointer"]) for row in rows_told] == [
        (1, "invalid", "/levels/1/available"),
        (1, "invalid", "/levels/1/sku"),
        (2, "stale", "/levels/2/sequence"),
    ]


def test_a_call_of_which_all_is_right_tells_of_no_row() -> None:
    told = json.loads(bulk_answer(Rows("prices", ["tea"], [0]), BulkResult([], [])).body)
    assert told == {"accepted": 1, "changed": 0, "stale": 0, "invalid": 0, "rows": []}
