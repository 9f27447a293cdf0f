"""How often somebody tried to prove who they are, and failed."""

from django.db import models


class SignInAttempts(models.Model):
    """Attempts for one e-mail address from one network since `since`. `who` is a digest: typing errors are private."""

    who = models.CharField(max_length=64, unique=True)
    failures = models.PositiveSmallIntegerField()
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "sign-in attempts"

    def __str__(self) -> str:
        return f"{self.failures} since {self.since:%H:%M}"
