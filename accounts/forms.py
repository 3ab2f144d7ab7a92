from http import HTTPStatus
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from accounts.errors import PASSWORD_MINIMUM_LENGTH, AccountError, PasswordTooShort

# Cognito takes no longer ones.
_PASSWORD_MAXIMUM_LENGTH = 256


class EmailField(forms.EmailField):
    """An address in lower case: nobody has two accounts that differ by a capital."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        kwargs.setdefault("label", "E-mail")
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": autocomplete}))
        super().__init__(
            error_messages={
                "required": "Enter your e-mail address.",
                "invalid": "Enter an e-mail address like name@example.com.",
                "max_length": "An e-mail address has at most 254 characters.",
            },
            max_length=254,
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class PasswordField(forms.CharField):
    """A password as it was typed; the widget never writes it back into the page."""

    def __init__(self, *, autocomplete: str, label: str, required_text: str, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            strip=False,
            max_length=_PASSWORD_MAXIMUM_LENGTH,
            error_messages={"required": required_text, "max_length": "A password has at most 256 characters."},
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            **kwargs,
        )


class NewPasswordField(PasswordField):
    def __init__(self) -> None:
        super().__init__(
            autocomplete="new-password",
            label="New password",
            required_text="Choose a password.",
            help_text=f"At least {PASSWORD_MINIMUM_LENGTH} characters. A few words in a row are good.",
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) < PASSWORD_MINIMUM_LENGTH or value != value.strip():
            raise forms.ValidationError(PasswordTooShort.sentence)


class CodeField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label="Code",
            help_text="Six digits, from the mail that we sent you.",
            error_messages={"required": "Enter the code from the mail."},
            validators=[RegexValidator(r"^[0-9]{6}$", "The code has six digits.")],
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        )

    def to_python(self, value: Any) -> str:
        # Mails and phones like to show codes in groups.
        return "".join(str(super().to_python(value) or "").split())


class AccountForm(forms.Form):
    """A form whose answer may also be a refusal by Cognito."""

    _refusal: AccountError | None = None

    def refuse(self, error: AccountError) -> None:
        """Tell what Cognito refused, at the field that it is about."""
        self._refusal = error
        self.add_error(error.field if error.field in self.fields else None, str(error))

    @property
    def status_code(self) -> int:
        if self._refusal is not None:
            return self._refusal.status_code
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.errors else HTTPStatus.OK


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "Enter your name.", "max_length": "Shorten the name to 100 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class SignUpForm(AccountForm):
    name = name_field()
    email = EmailField(autocomplete="email")
    password = NewPasswordField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Password"


class SignInForm(AccountForm):
    email = EmailField(autocomplete="username")
    password = PasswordField(autocomplete="current-password", label="Password", required_text="Enter your password.")


class _KnownEmailForm(AccountForm):
    """Asks for the e-mail address only if this browser did not give it on a page before."""

    def __init__(self, *args: Any, known_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_email = known_email
        if known_email:
            self.initial["email"] = known_email
            self.fields["email"].widget = forms.HiddenInput(attrs={"autocomplete": "username"})


class ConfirmForm(_KnownEmailForm):
    email = EmailField(autocomplete="email")
    code = CodeField()


class ResendForm(AccountForm):
    email = EmailField(autocomplete="email")


class FactorForm(AccountForm):
    """The code that an authenticator app shows."""

    code = CodeField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Six digits, which change every half minute."


class EnrollForm(FactorForm):
    # Shown once more if the code is wrong; Cognito knows it by itself.
    secret = forms.RegexField(r"[A-Z2-7]{16,128}", widget=forms.HiddenInput)


class ForgotPasswordForm(AccountForm):
    email = EmailField(autocomplete="username")


class ResetPasswordForm(_KnownEmailForm):
    email = EmailField(autocomplete="username")
    code = CodeField()
    password = NewPasswordField()


class ChangePasswordForm(AccountForm):
    current_password = PasswordField(
        autocomplete="current-password", label="Present password", required_text="Enter your present password."
    )
    password = NewPasswordField()


class ProfileForm(AccountForm):
    name = name_field()
