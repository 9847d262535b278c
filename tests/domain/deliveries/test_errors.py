"""ERR-2: what is told of a delivery that failed."""

from datetime import UTC, datetime

from entrepot.domain.deliveries.errors import LONGEST_ERROR, Failure, payload, trial


def test_err_2_names_of_the_payload() -> None:
    failure = Failure(
        source="Webhook",
        source_id="Check address",
        delivery_config_id=None,
        log_id="log-1",
        target="Url",
        status=503,
        error="x" * (LONGEST_ERROR + 1),
        attempts=4,
        date=datetime(2026, 3, 5, 10, 15, 30, tzinfo=UTC),
        original={"Route": "v1/buyers"},
    )
    assert payload(failure) == {
        "Source": "Webhook",
        "SourceID": "Check address",
        "DeliveryConfigID": None,
        "LogID": "log-1",
        "Target": "Url",
        "HttpStatusCode": 503,
        "Error": "x" * LONGEST_ERROR,
        "Attempts": 4,
        "Date": "2026-03-05T10:15:30+00:00",
        "Original": {"Route": "v1/buyers"},
    }


def test_err_1_a_test_is_told_like_a_failure_of_none() -> None:
    told = payload(trial("kafka", "log-1", datetime(2026, 3, 5, tzinfo=UTC), {"Test": True}))
    assert (told["Source"], told["DeliveryConfigID"], told["Attempts"], told["HttpStatusCode"]) == (
        "ErrorConfig",
        "kafka",
        0,
        None,
    )
