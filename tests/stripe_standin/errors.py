"""Stripe's error answers (https://docs.stripe.com/api/errors)."""

from typing import Any


class ApiError(Exception):
    """An error answer.

    `remembered` tells whether an idempotency key keeps it: what fails before anything ran (the
    key, the parameters) is not kept.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        remembered: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.remembered = remembered

    def body(self) -> dict[str, Any]:
        """The JSON of the answer; absent members are left out, as Stripe does."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = "https://docs.stripe.com/error-codes/" + self.code.replace("_", "-")
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def bad_parameter(message: str, *, param: str, code: str | None = None) -> ApiError:
    """A parameter that fails validation: 400, and the idempotency key stays unused."""
    return ApiError(message, code=code, param=param, remembered=False)


def missing_object(kind: str, object_id: str, *, param: str = "id") -> ApiError:
    """No object of this kind has this id: 404."""
    return ApiError(
        f"No such {kind}: '{object_id}'",
        status=404,
        code="resource_missing",
        param=param,
        remembered=False,
    )


def unsupported(message: str, *, param: str | None = None) -> ApiError:
    """Stripe would do it, the stand-in does not: better refused than quietly ignored."""
    return ApiError(
        f"The stand-in does not support this: {message}",
        code="standin_unsupported",
        param=param,
        remembered=False,
    )
